//! Hook tools without a process each: the charm speaks to the unit agent itself.

use std::io;
use std::time::Duration;

use super::client::{Connection, Reply, Request};
use crate::hook::{AgentSocket, working_folder};
use crate::tools::{Exec, ToolCall, ToolOutput, Transport, TransportError};

/// How long the agent may take to say that it understands. It asks nobody for that.
const PATIENCE: Duration = Duration::from_millis(if cfg!(test) { 100 } else { 5_000 });

/// What the agent says to a call without a tool's name, once it has accepted the token.
const UNDERSTOOD: &str = "bad request: command not specified";

/// Speaks to the unit agent as Juju's own tools do, over one connection for all calls: a call costs a fraction of a
/// millisecond, and no value stands on a command line.
///
/// The first call is preceded by one that cannot run anything. If that is not answered as Juju's agent answers it
/// (nobody listens, somebody else does, the token is rejected), the tools on `PATH` are used instead, from then on and
/// without a word. Once the agent has accepted it there is no way back: an error is an error, and nothing runs twice.
#[derive(Debug)]
pub struct Wire {
    agent: AgentSocket,
    context: String,
    state: State,
}

#[derive(Debug)]
enum State {
    /// Nothing has been called yet.
    New,
    Open(Connection),
    /// The agent was there, and the connection broke.
    Broken,
    /// It is the tools on `PATH`.
    Tools,
}

impl Wire {
    /// The agent that listens there, for the context of this id.
    #[must_use]
    pub fn new(agent: AgentSocket, context: String) -> Self {
        Self {
            agent,
            context,
            state: State::New,
        }
    }

    /// Whether the agent speaks this protocol with us; asks it if that is not known.
    fn is_accepted(&mut self) -> bool {
        if matches!(self.state, State::New) {
            self.state = self.introduce().map_or(State::Tools, State::Open);
        }
        !matches!(self.state, State::Tools)
    }

    /// A connection over which the agent has said that it understands.
    fn introduce(&self) -> Option<Connection> {
        let mut connection = Connection::dial(&self.agent.address).ok()?;
        connection.patience(Some(PATIENCE)).ok()?;
        let nothing = Request {
            context: &self.context,
            dir: "/".as_ref(),
            command: "",
            args: &[],
            stdin: None,
            token: &self.agent.token,
        };
        connection.send(&nothing).ok()?;
        let understood =
            matches!(connection.receive().ok()?, Reply::Refused(text) if text == UNDERSTOOD);
        // From now on a tool may take as long as it takes.
        connection.patience(None).ok()?;
        understood.then_some(connection)
    }

    fn ask(&mut self, call: &ToolCall<'_>) -> Result<Reply, TransportError> {
        let not_started = |source: io::Error| TransportError::NotStarted { source };
        let dir = working_folder().map_err(not_started)?;
        let request = Request {
            context: &self.context,
            dir: &dir,
            command: call.tool,
            args: call.args,
            // No input is an empty one; the agent need not ask for it.
            stdin: Some(call.stdin.unwrap_or_default().as_bytes()),
            token: &self.agent.token,
        };
        let mut connection = match std::mem::replace(&mut self.state, State::Broken) {
            State::Open(connection) => connection,
            _ => Connection::dial(&self.agent.address).map_err(not_started)?,
        };
        // The agent begins when it has all of it.
        connection.send(&request).map_err(not_started)?;
        let reply = connection.receive().map_err(|error| TransportError::Lost {
            problem: error.to_string(),
        })?;
        self.state = State::Open(connection);
        Ok(reply)
    }
}

impl Transport for Wire {
    fn call(&mut self, call: &ToolCall<'_>) -> Result<ToolOutput, TransportError> {
        if !self.is_accepted() {
            return Exec.call(call);
        }
        match self.ask(call)? {
            Reply::Done(output) => Ok(output),
            // A tool that this Juju does not have is not on `PATH`.
            Reply::Refused(text) if text.starts_with("bad request: unknown command: ") => {
                Err(TransportError::Missing)
            }
            // What Juju's tool says, and how it exits.
            Reply::Refused(text) => Ok(ToolOutput {
                code: 1,
                stdout: Vec::new(),
                stderr: format!("ERROR {text}\n").into_bytes(),
            }),
        }
    }

    fn shows_arguments(&mut self) -> bool {
        !self.is_accepted()
    }
}
