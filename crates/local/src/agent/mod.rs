//! A unit's agent: lays out the charm, runs hooks, serves hook tools.
//!
//! It decides nothing: the controller says what to run, and every tool call is passed on to it.

mod deploy;
mod exec;
mod layout;
mod look;
mod output;
mod process;
pub(crate) mod protocol;
mod server;
mod tool;

use std::ffi::OsString;
use std::fs;
use std::io::{self, Write};
use std::os::unix::net::UnixStream;
use std::path::{Path, PathBuf};
use std::sync::mpsc::{Receiver, channel};
use std::sync::{Arc, Mutex};

use ensign_model::UnitName;

pub(crate) use exec::juju_exec;
use layout::Layout;
use protocol::{FromAgent, Hello, ToAgent};
pub(crate) use tool::hook_tool;

use crate::error::{Doing, Error, Result};
use crate::folder::ModelFolder;
use crate::network::{HostNames, update_hosts};
use crate::wire;

/// The agents' socket in the shared folder.
pub(crate) const SOCKET: &str = "agents.sock";
/// The other name under which the executable is a command of the machine.
pub(crate) const JUJU_EXEC: &str = "juju-exec";

/// The process of [`crate::roles::AGENT`]: `UNIT SHARED`, until the controller hangs up.
pub(crate) fn agent(args: &[OsString]) -> Result<()> {
    let bad = || Error::Controller("an agent is started as `__agent UNIT FOLDER`".into());
    let [unit, shared] = args else {
        return Err(bad());
    };
    let unit: UnitName = unit
        .to_str()
        .and_then(|unit| unit.parse().ok())
        .ok_or_else(bad)?;
    let line = connect(Path::new(shared), &Hello::Operations(unit.clone()))?;
    let setting = match wire::receive(&line).doing(|| "hear from the controller".into())? {
        Some(ToAgent::Welcome(setting)) => setting,
        _ => return Err(Error::Controller("the controller gave no welcome".into())),
    };
    if setting.bare {
        // Everything the agent starts belongs to its process group and ends with it.
        rustix::process::setsid().doing(|| "start a session".into())?;
    }
    if let Some(hosts) = &setting.hosts {
        know(hosts);
    }
    let layout = Layout::make(&unit, &setting)?;
    exec::serve(&unit, &layout, &setting.shared)?;
    let out = Out {
        line: Arc::new(Mutex::new(
            line.try_clone().doing(|| "copy the connection".into())?,
        )),
    };
    let worker_unit = unit.clone();
    let (tasks, queue) = channel();
    let worker = Worker {
        unit,
        layout: layout.clone(),
        shared: setting.shared.clone(),
        socket: setting.socket,
        out: out.clone(),
    };
    std::thread::spawn(move || worker.work(&queue));
    loop {
        match wire::receive(&line) {
            Ok(Some(ToAgent::Run { context, task, env })) => {
                // The worker outlives this loop.
                let _ = tasks.send((context, task, env));
            }
            Ok(Some(ToAgent::Look { id, query })) => {
                out.send(&FromAgent::Seen {
                    id,
                    sight: look::look(&query, &layout),
                });
            }
            Ok(Some(ToAgent::Hosts(hosts))) => know(&hosts),
            // The model is one of another Juju now, with other tools.
            Ok(Some(ToAgent::Welcome(setting))) => drop(Layout::make(&worker_unit, &setting)?),
            // The controller is gone.
            Ok(None) | Err(_) => break,
        }
    }
    if setting.bare {
        // This process, too.
        rustix::process::kill_current_process_group(rustix::process::Signal::KILL)
            .doing(|| "end the unit".into())?;
    }
    Ok(())
}

/// Writes the machines into `/etc/hosts`, in place: somebody may have it open, or have put it there by a mount. Where the
/// charm has made that impossible it is for the charm to know.
fn know(hosts: &HostNames) {
    let path = Path::new("/etc/hosts");
    let found = fs::read_to_string(path).unwrap_or_default();
    let text = update_hosts(&found, hosts);
    if text != found
        && let Err(error) = fs::write(path, text)
    {
        // The log is stderr; without one nobody reads it.
        let _ = writeln!(
            io::stderr(),
            "could not write `{}`: {error}",
            path.display()
        );
    }
}

/// Opens a connection to the controller.
fn connect(shared: &Path, hello: &Hello) -> Result<UnixStream> {
    let line = ModelFolder::connect(shared, SOCKET).doing(|| "reach the controller".into())?;
    wire::send(&line, hello).doing(|| "greet the controller".into())?;
    Ok(line)
}

/// The way back to the controller, for several threads.
#[derive(Debug, Clone)]
struct Out {
    line: Arc<Mutex<UnixStream>>,
}

impl Out {
    fn send(&self, message: &FromAgent) {
        let line = self
            .line
            .lock()
            .unwrap_or_else(std::sync::PoisonError::into_inner);
        // A controller that is gone is noticed by the reading side, which ends the process.
        let _ = wire::send(&*line, message);
    }
}

type Order = (
    ensign_model::ContextId,
    protocol::Task,
    Vec<(String, String)>,
);

/// Runs one task after the other.
struct Worker {
    unit: UnitName,
    layout: Layout,
    shared: PathBuf,
    socket: Option<String>,
    out: Out,
}

impl Worker {
    fn work(&self, queue: &Receiver<Order>) {
        for (context, task, env) in queue {
            let end = match &task {
                protocol::Task::Deploy(charm) => self.deploy(charm),
                protocol::Task::Dispatch(_) | protocol::Task::Commands(_) => {
                    process::run(self, &context, &task, env)
                        .unwrap_or_else(|error| protocol::End::NotExecutable(error.to_string()))
                }
            };
            self.out.send(&FromAgent::Ended { context, end });
        }
    }

    fn deploy(&self, charm: &str) -> protocol::End {
        match deploy::deploy(&self.shared.join("charms").join(charm), &self.layout) {
            Ok(()) => protocol::End::Code(0),
            Err(error) => protocol::End::NotExecutable(error.to_string()),
        }
    }
}
