//! Connections: who listens, and the threads that turn bytes into [`Message`]s.

use std::io;
use std::os::unix::net::{UnixListener, UnixStream};
use std::sync::Arc;
use std::sync::mpsc::{Sender, channel};
use std::time::Duration;

use ensign_model::UnitName;

use super::message::{Message, ToolLine};
use crate::agent::protocol::{FromAgent, Hello, ToAgent, ToolDown, ToolUp};
use crate::juju::protocol::{Reply, Request};
use crate::wire;

/// The way to an agent.
#[derive(Debug, Clone)]
pub(super) struct AgentLine(Arc<UnixStream>);

impl AgentLine {
    /// Sends; an agent that is gone is noticed by its machine.
    pub(super) fn send(&self, message: &ToAgent) {
        let _ = wire::send(&*self.0, message);
    }
}

/// An agent that takes no order for so long is stuck.
const PATIENCE: Duration = Duration::from_secs(30);

/// Takes connections of agents.
pub(super) fn accept_agents(listener: UnixListener, inbox: Sender<Message>) {
    accept(listener, move |stream| serve_agent(&stream, &inbox));
}

/// Takes connections of `ensign` commands.
pub(super) fn accept_clients(listener: UnixListener, inbox: Sender<Message>) {
    accept(listener, move |stream| serve_client(&stream, &inbox));
}

fn accept(
    listener: UnixListener,
    serve: impl Fn(UnixStream) -> io::Result<()> + Send + Sync + 'static,
) {
    let serve = Arc::new(serve);
    std::thread::spawn(move || {
        for stream in listener.incoming().map_while(io::Result::ok) {
            let serve = Arc::clone(&serve);
            // A connection that breaks is over; what it was for is noticed elsewhere.
            std::thread::spawn(move || serve(stream));
        }
    });
}

/// The controller's queue is gone: the process is about to end.
fn ending<T>(_: T) -> io::Error {
    io::ErrorKind::BrokenPipe.into()
}

fn serve_agent(stream: &UnixStream, inbox: &Sender<Message>) -> io::Result<()> {
    match wire::receive(stream)? {
        Some(Hello::Operations(unit)) => {
            stream.set_write_timeout(Some(PATIENCE))?;
            let line = AgentLine(Arc::new(stream.try_clone()?));
            inbox
                .send(Message::AgentUp(unit.clone(), line))
                .map_err(ending)?;
            while let Some(message) = wire::receive::<FromAgent>(stream)? {
                inbox
                    .send(Message::Agent(unit.clone(), message))
                    .map_err(ending)?;
            }
            Ok(())
        }
        Some(Hello::Tools(unit)) => serve_tools(stream, &unit, inbox),
        Some(Hello::Commands(unit, commands)) => {
            let (done, result) = channel();
            inbox
                .send(Message::Commands(unit, commands, done))
                .map_err(ending)?;
            wire::send(stream, &result.recv().map_err(ending)?)
        }
        None => Ok(()),
    }
}

/// Call after call; while one runs, the controller may ask for files.
fn serve_tools(stream: &UnixStream, unit: &UnitName, inbox: &Sender<Message>) -> io::Result<()> {
    while let Some(ToolUp::Call(call)) = wire::receive(stream)? {
        let (down, orders) = channel();
        let (answers, up) = channel();
        inbox
            .send(Message::Tool(unit.clone(), call, ToolLine { down, up }))
            .map_err(ending)?;
        loop {
            let order = orders.recv().map_err(ending)?;
            wire::send(stream, &order)?;
            if !matches!(order, ToolDown::Read(_) | ToolDown::Write(..)) {
                break;
            }
            match wire::receive(stream)? {
                // The controller waits for it, unless it has lost patience.
                Some(ToolUp::Content(content)) => drop(answers.send(content)),
                _ => return Ok(()),
            }
        }
    }
    Ok(())
}

fn serve_client(stream: &UnixStream, inbox: &Sender<Message>) -> io::Result<()> {
    while let Some(request) = wire::receive::<Request>(stream)? {
        let (replies, queue) = channel();
        let (_serving, served) = channel();
        inbox
            .send(Message::Client(request, replies, served))
            .map_err(ending)?;
        for reply in queue {
            wire::send(stream, &reply)?;
            if !matches!(reply, Reply::Event(_)) {
                break;
            }
        }
    }
    Ok(())
}
