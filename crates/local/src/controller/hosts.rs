//! What units run in: machines, or nothing.

use std::collections::BTreeMap;
use std::os::fd::OwnedFd;
use std::path::PathBuf;
use std::process::{Command, Stdio};
use std::sync::mpsc::Sender;
use std::time::{Duration, Instant};

use rustix::process::{
    Pid, PidfdFlags, Signal, kill_process_group, pidfd_open, pidfd_send_signal,
    test_kill_process_group,
};

use super::message::Message;
use crate::error::{Doing, Error, Result};
use crate::folder::{ModelFolder, Settings};
use crate::machine::{Ids, MachineEvent, MachineSpec, Machines, mount_memory, remove_tree};
use crate::network::{Plan, Subnet, obstacle};
use crate::roles;

/// Starts and ends what units run in. Each start is followed by [`MachineEvent::Up`] or `Down`, each kill by
/// `Down`.
#[derive(Debug)]
pub(super) enum Hosts {
    /// Machines of their own.
    Machines(Machines),
    /// Plain processes: the agents, by machine number.
    Processes(BTreeMap<String, Agent>),
}

/// The process of an agent without a machine.
#[derive(Debug)]
pub(super) struct Agent {
    pid: Pid,
    handle: OwnedFd,
}

impl Hosts {
    /// Made by the controller's main thread: everything dies with it. Machines have a `net`. `again`: there were some
    /// before.
    pub(super) fn start(
        folder: &ModelFolder,
        settings: &Settings,
        net: Option<Subnet>,
        again: bool,
        inbox: Sender<Message>,
    ) -> Result<Self> {
        let Some(net) = net else {
            return Ok(Self::Processes(BTreeMap::new()));
        };
        let machines = folder.machines();
        let mut memory = None;
        if settings.in_memory {
            if settings.ids == Ids::All {
                // Mounted where it outlives this process: a controller may be killed and started again.
                if !is_mount_point(&machines)? {
                    if again {
                        return Err(Error::DisksLost(settings.name.clone()));
                    }
                    mount_memory(&machines)?;
                }
            } else if again {
                return Err(Error::DisksLost(settings.name.clone()));
            } else {
                memory = Some(machines.as_path());
            }
        }
        let hear = move |event| {
            // The controller is about to end; so are the machines.
            let _ = inbox.send(Message::Machine(event));
        };
        let plan = Plan {
            net,
            host: settings.ids == Ids::All,
            way_out: obstacle().is_none(),
        };
        Machines::start(&folder.exe(), settings.ids, memory, plan, hear).map(Self::Machines)
    }

    /// Starts a unit's machine or agent.
    pub(super) fn boot(&mut self, spec: MachineSpec, inbox: &Sender<Message>) -> Result<()> {
        match self {
            Self::Machines(machines) => machines.boot(spec),
            Self::Processes(agents) => {
                let Some(unit) = spec.units.first() else {
                    return Err(Error::Controller("a machine without a unit".into()));
                };
                let mut child = Command::new(spec.shared.join("ensign"))
                    .args([roles::AGENT, unit])
                    .arg(&spec.shared)
                    .stdin(Stdio::null())
                    .stdout(Stdio::null())
                    .spawn()
                    .doing(|| format!("start the agent of {unit}"))?;
                let pid = i32::try_from(child.id()).ok().and_then(Pid::from_raw);
                let pid =
                    pid.ok_or_else(|| Error::Controller("an agent has no process id".into()))?;
                let handle =
                    pidfd_open(pid, PidfdFlags::empty()).doing(|| "watch the agent".into())?;
                agents.insert(spec.id.clone(), Agent { pid, handle });
                let inbox = inbox.clone();
                std::thread::spawn(move || {
                    let why = match child.wait() {
                        Ok(status) if status.code().is_some_and(|code| code != 0) => {
                            Some(format!("the agent ended: {status}"))
                        }
                        _ => None,
                    };
                    // The controller may be ending, too.
                    let _ = inbox.send(Message::Machine(MachineEvent::Down(spec.id, why)));
                });
                Ok(())
            }
        }
    }

    /// Kills a machine, or an agent with what it has started.
    pub(super) fn kill(&mut self, id: &str) -> Result<()> {
        match self {
            Self::Machines(machines) => machines.kill(id),
            Self::Processes(agents) => {
                if let Some(Agent { pid, handle }) = agents.get(id) {
                    // Both fail where nothing is left to kill. An agent leads its group once it has made it.
                    let _ = kill_process_group(*pid, Signal::KILL);
                    let _ = pidfd_send_signal(handle, Signal::KILL);
                }
                Ok(())
            }
        }
    }

    /// Cuts a machine's network or heals it. Whether a [`MachineEvent::Cut`] follows: without machines there is nothing to
    /// cut.
    pub(super) fn cut(&mut self, id: &str, cut: bool) -> Result<bool> {
        match self {
            Self::Machines(machines) => machines.cut(id, cut).map(|()| true),
            Self::Processes(_) => Ok(false),
        }
    }

    /// The machine is down: its number may mean another process from now on.
    pub(super) fn forget(&mut self, id: &str) {
        if let Self::Processes(agents) = self {
            agents.remove(id);
        }
    }

    /// Ends everything.
    pub(super) fn stop(self) -> Result<()> {
        match self {
            Self::Machines(machines) => machines.stop(),
            Self::Processes(agents) => {
                for Agent { pid, handle } in agents.values() {
                    // Both fail where nothing is left to kill.
                    let _ = kill_process_group(*pid, Signal::KILL);
                    let _ = pidfd_send_signal(handle, Signal::KILL);
                }
                let deadline = Instant::now() + DYING;
                let lives = |agent: &Agent| test_kill_process_group(agent.pid).is_ok();
                while agents.values().any(lives) && Instant::now() < deadline {
                    std::thread::sleep(Duration::from_millis(2));
                }
                Ok(())
            }
        }
    }
}

/// A killed process is gone in no time, but stays listed until the host's first process looks after it.
const DYING: Duration = Duration::from_secs(5);

/// A machine's disk.
pub(super) fn disk(folder: &ModelFolder, id: &str) -> PathBuf {
    folder.machines().join(id)
}

/// Removes what a machine has written.
pub(super) fn remove_disk(folder: &ModelFolder, settings: &Settings, id: &str) -> Result<()> {
    if settings.in_memory && settings.ids != Ids::All {
        // It lies in a mount that only the machines see.
        return Ok(());
    }
    remove_tree(&disk(folder, id), settings.ids, &folder.exe())
}

fn is_mount_point(path: &std::path::Path) -> Result<bool> {
    use std::os::unix::fs::MetadataExt;
    let device = |path: &std::path::Path| {
        path.metadata()
            .map(|found| found.dev())
            .doing(|| format!("look at `{}`", path.display()))
    };
    Ok(device(path)? != device(path.parent().unwrap_or(path))?)
}
