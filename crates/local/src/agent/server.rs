//! The hook-tool server: there while a hook, action or script runs, and only for its context.

use std::io::{self, BufReader, Read, Write};
use std::os::fd::OwnedFd;
use std::os::unix::net::{UnixListener, UnixStream};
use std::path::Path;
use std::sync::{Arc, Mutex, PoisonError};
use std::thread::JoinHandle;

use ensign::tools::ToolOutput;
use ensign::tools::wire::{Call, NEEDS_STDIN, Reply, Session, socket_address};
use ensign_model::{ContextId, UnitName};
use rustix::process::{Pid, PidfdFlags, Signal, pidfd_open, pidfd_send_signal};

use super::protocol::{Content, Failure, Hello, ToolCall, ToolDown, ToolUp};
use crate::error::{Doing, Error, Result};
use crate::wire;

/// The hook's process, once there is one, to kill it by.
#[derive(Debug, Default)]
pub(super) struct Leash(Mutex<Tied>);

#[derive(Debug, Default)]
enum Tied {
    /// The process is about to be there.
    #[default]
    Not,
    /// It is to be killed as soon as it is there.
    Doomed,
    To(OwnedFd),
}

impl Leash {
    pub(super) fn tie(&self, pid: u32) -> Result<()> {
        let pid = i32::try_from(pid).ok().and_then(Pid::from_raw);
        let pid = pid.ok_or_else(|| Error::Controller("a hook has no process id".into()))?;
        let handle =
            pidfd_open(pid, PidfdFlags::empty()).doing(|| "watch the hook's process".into())?;
        let mut tied = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if matches!(*tied, Tied::Doomed) {
            pidfd_send_signal(&handle, Signal::KILL).doing(|| "kill the hook".into())?;
        }
        *tied = Tied::To(handle);
        Ok(())
    }

    /// `kill -9`.
    fn kill(&self) {
        let mut tied = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        match &*tied {
            // An error means that it has just ended.
            Tied::To(handle) => drop(pidfd_send_signal(handle, Signal::KILL)),
            Tied::Not | Tied::Doomed => *tied = Tied::Doomed,
        }
    }
}

/// A running server.
#[derive(Debug)]
pub(super) struct ToolServer {
    listener: Arc<UnixListener>,
    thread: JoinHandle<()>,
}

/// What the threads of a server share.
struct Shared {
    context: ContextId,
    /// Juju 4 knows no token; 3 expects an empty one where the agent is on the unit's own machine.
    checks_token: bool,
    /// The way to the controller; held for a whole call, for tools run one at a time.
    line: Mutex<UnixStream>,
    leash: Arc<Leash>,
}

impl ToolServer {
    /// Listens on `address`, written as Juju does: a leading `@` stands for the abstract namespace.
    pub(super) fn start(
        address: &str,
        context: &ContextId,
        checks_token: bool,
        unit: &UnitName,
        shared: &Path,
        leash: &Arc<Leash>,
    ) -> Result<Self> {
        let listening = || format!("listen on `{address}`");
        let listener = Arc::new(
            UnixListener::bind_addr(&socket_address(address).doing(listening)?).doing(listening)?,
        );
        let line = super::connect(shared, &Hello::Tools(unit.clone()))?;
        let shared = Arc::new(Shared {
            context: context.clone(),
            checks_token,
            line: Mutex::new(line),
            leash: Arc::clone(leash),
        });
        let accepting = Arc::clone(&listener);
        let thread = std::thread::spawn(move || {
            let mut open = Vec::new();
            while let Ok((stream, _)) = accepting.accept() {
                let shared = Arc::clone(&shared);
                open.push(std::thread::spawn(move || shared.serve(&stream)));
            }
            // Juju's server waits for open connections, too.
            for connection in open {
                let _ = connection.join();
            }
        });
        Ok(Self { listener, thread })
    }

    /// Takes no more calls and waits for those that run.
    pub(super) fn stop(self) {
        // Wakes the thread in `accept`; a listener that cannot be shut down is closed with the process.
        if rustix::net::shutdown(&*self.listener, rustix::net::Shutdown::Both).is_ok() {
            let _ = self.thread.join();
        }
    }
}

/// Resources are fetched into folders of their own; the first one to come makes its folder.
fn folder_of(path: &str) -> io::Result<()> {
    match Path::new(path).parent() {
        Some(folder) if path.contains("/resources/") => std::fs::create_dir_all(folder),
        _ => Ok(()),
    }
}

impl Shared {
    /// One connection of a hook tool: usually one call, two when it had to send its stdin.
    fn serve(&self, stream: &UnixStream) {
        let mut session = Session::default();
        let mut from = BufReader::new(stream);
        // What cannot be read ends the connection: nothing that comes after it could be read, either.
        while let Ok(Some(call)) = session.read(&mut |room| from.read(room)) {
            let reply = match call {
                Ok(call) => self.answer(call),
                Err(text) => Some(Reply::Refused(text)),
            };
            let mut to = stream;
            match reply {
                // A tool that went away does not want its answer.
                Some(reply) if to.write_all(&session.answer(&reply)).is_ok() => {}
                _ => break,
            }
        }
    }

    /// The answer, in the order of checks that Juju's server has; `None` to hang up.
    fn answer(&self, call: Call) -> Option<Reply> {
        let Call {
            context,
            dir,
            command,
            args,
            stdin,
            token,
        } = call;
        let refused = |text: String| Some(Reply::Refused(text));
        if self.checks_token && !token.is_empty() {
            return refused("bad request: token does not match".into());
        }
        if command.is_empty() {
            return refused("bad request: command not specified".into());
        }
        if !dir.starts_with('/') {
            return refused("bad request: Dir is not absolute".into());
        }
        if context != self.context.as_str() {
            return refused(format!(
                "bad request: expected context id {:?}, got {context:?}",
                self.context.as_str()
            ));
        }
        let argv = std::iter::once(command).chain(args).collect();
        let call = ToolCall {
            context: self.context.clone(),
            argv,
            cwd: dir,
            stdin: stdin.map(Content),
        };
        match self.forward(call) {
            Ok(ToolDown::Done {
                code,
                stdout,
                stderr,
                kill,
            }) => {
                if kill {
                    self.leash.kill();
                }
                Some(Reply::Done(ToolOutput {
                    code,
                    stdout: stdout.0,
                    stderr: stderr.0,
                }))
            }
            Ok(ToolDown::NeedsStdin) => refused(NEEDS_STDIN.into()),
            Ok(ToolDown::Refused(text)) => refused(text),
            Ok(ToolDown::Crash | ToolDown::Read(_) | ToolDown::Write(..)) => {
                self.leash.kill();
                None
            }
            Err(error) => refused(error.to_string()),
        }
    }

    /// Asks the controller and reads and writes the files it needs: with this machine's files, as root.
    fn forward(&self, call: ToolCall) -> io::Result<ToolDown> {
        let line = self.line.lock().unwrap_or_else(PoisonError::into_inner);
        wire::send(&*line, &ToolUp::Call(call))?;
        loop {
            let content = match wire::receive(&*line)?.ok_or(io::ErrorKind::UnexpectedEof)? {
                ToolDown::Read(path) => std::fs::read(path).map(Content),
                ToolDown::Write(path, content) => {
                    let written = folder_of(&path).and_then(|()| std::fs::write(&path, content.0));
                    written.map(|()| Content::default())
                }
                answer => return Ok(answer),
            };
            wire::send(&*line, &ToolUp::Content(content.map_err(Failure::from)))?;
        }
    }
}
