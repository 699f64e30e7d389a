//! Everything that reaches the controller: one queue, so that the model has one master.

use std::sync::mpsc::{Receiver, Sender};
use std::time::Duration;

use ensign_model::{AgentFiles, UnitName};
use std::io;

use super::line::AgentLine;
use crate::agent::protocol::{Content, Executed, Failure, FromAgent, ToolCall, ToolDown};
use crate::juju::protocol::{Reply, Request};
use crate::machine::MachineEvent;

/// Something that happened.
pub(super) enum Message {
    /// To a machine.
    Machine(MachineEvent),
    /// An agent runs.
    AgentUp(UnitName, AgentLine),
    /// An agent reports.
    Agent(UnitName, FromAgent),
    /// A hook tool is called on a unit.
    Tool(UnitName, ToolCall, ToolLine),
    /// `juju-exec` on a unit's machine.
    Commands(UnitName, String, Sender<Executed>),
    /// A command asks. The last part ends when the answer is on its way.
    Client(Request, Sender<Reply>, Receiver<()>),
    /// The command that started the controller has ended.
    Orphaned,
}

/// The thread that serves an agent's tool connection, as the controller sees it during a call.
pub(super) struct ToolLine {
    pub(super) down: Sender<ToolDown>,
    pub(super) up: Receiver<Result<Content, Failure>>,
}

/// An agent reads a file for its tool in no time, unless something is very wrong.
const PATIENCE: Duration = Duration::from_secs(10);

impl ToolLine {
    fn ask(&self, question: ToolDown) -> io::Result<Vec<u8>> {
        let gone = || io::Error::from(io::ErrorKind::BrokenPipe);
        self.down.send(question).map_err(|_| gone())?;
        match self.up.recv_timeout(PATIENCE) {
            Ok(answer) => Ok(answer?.0),
            Err(_) => Err(io::ErrorKind::TimedOut.into()),
        }
    }
}

impl AgentFiles for ToolLine {
    fn read(&mut self, path: &str) -> io::Result<Vec<u8>> {
        self.ask(ToolDown::Read(path.to_owned()))
    }

    fn write(&mut self, path: &str, content: &[u8]) -> io::Result<()> {
        self.ask(ToolDown::Write(path.to_owned(), Content(content.to_vec())))
            .map(drop)
    }
}
