//! An agent for a test, and what it heard.

use std::io::{Read, Write};
use std::os::unix::net::{UnixListener, UnixStream};
use std::sync::atomic::{AtomicU32, Ordering};
use std::sync::{Arc, Mutex};

use super::super::{Call, Reply, Session, socket_address};
use crate::hook::AgentSocket;

/// Connections and names of tools, in order.
#[derive(Clone, Default)]
pub(super) struct Heard {
    pub(super) connections: Arc<Mutex<u32>>,
    pub(super) commands: Arc<Mutex<Vec<String>>>,
}

pub(super) struct Agent {
    pub(super) address: String,
    pub(super) heard: Heard,
}

/// An address nobody else has.
pub(super) fn address() -> String {
    static LAST: AtomicU32 = AtomicU32::new(0);
    let number = LAST.fetch_add(1, Ordering::Relaxed);
    format!("@ensign-wire-{}-{number}", std::process::id())
}

impl Agent {
    /// Serves connections one after the other, as long as the test's process lives.
    pub(super) fn start(serve: impl Fn(UnixStream, &Heard) + Send + Sync + 'static) -> Self {
        let agent = Self {
            address: address(),
            heard: Heard::default(),
        };
        let listener = UnixListener::bind_addr(&socket_address(&agent.address).unwrap()).unwrap();
        let heard = agent.heard.clone();
        std::thread::spawn(move || {
            for stream in listener.incoming() {
                *heard.connections.lock().unwrap() += 1;
                serve(stream.unwrap(), &heard);
            }
        });
        agent
    }

    /// One that speaks the protocol; `None` hangs up.
    pub(super) fn speaking(
        answer: impl Fn(&Call) -> Option<Reply> + Send + Sync + 'static,
    ) -> Self {
        Self::start(move |stream, heard| speak(&stream, heard, &answer))
    }

    pub(super) fn socket(&self, token: &str) -> AgentSocket {
        socket(&self.address, token)
    }

    pub(super) fn commands(&self) -> Vec<String> {
        self.heard.commands.lock().unwrap().clone()
    }

    pub(super) fn connections(&self) -> u32 {
        *self.heard.connections.lock().unwrap()
    }
}

pub(super) fn socket(address: &str, token: &str) -> AgentSocket {
    AgentSocket {
        address: address.to_owned(),
        token: token.to_owned(),
    }
}

fn speak(stream: &UnixStream, heard: &Heard, answer: &dyn Fn(&Call) -> Option<Reply>) {
    let mut session = Session::default();
    let (mut from, mut stream) = (stream, stream);
    while let Ok(Some(call)) = session.read(&mut |room| from.read(room)) {
        let reply = match call {
            Err(words) => Some(Reply::Refused(words)),
            Ok(call) if call.token != "right" => refused("token does not match"),
            Ok(call) if call.command.is_empty() => refused("command not specified"),
            Ok(call) => {
                heard.commands.lock().unwrap().push(call.command.clone());
                answer(&call)
            }
        };
        match reply {
            Some(reply) => stream.write_all(&session.answer(&reply)).unwrap(),
            None => return,
        }
    }
}

fn refused(why: &str) -> Option<Reply> {
    Some(Reply::Refused(format!("bad request: {why}")))
}
