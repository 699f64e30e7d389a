//! Process 1 of a machine: builds the root, enters it, starts the agents, reaps.

use std::io::{StdinLock, Write};
use std::os::fd::AsFd;
use std::path::Path;
use std::process::{Command, Stdio};

use nix::sched::{CloneFlags, unshare};
use rustix::mount::{MountPropagationFlags, UnmountFlags, mount_change, unmount};
use rustix::process::{Pid, Signal, WaitOptions, set_parent_process_death_signal};

use super::spec::{Kind, MachineSpec};
use super::{devices, identity, root, rootless};
use crate::error::{Doing, Error, Result};
use crate::roles;

/// What hooks and agents find on `PATH` behind the hook tools.
pub(super) const PATH: &str = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin";
/// Said on stdout when the machine is up.
pub(super) const READY: &str = "ready";

/// Runs as process 1 until an agent ends. Reads its [`MachineSpec`] from stdin, and, once the model's way out is open or is
/// known to be none, whom to ask for names; each on a line.
pub(crate) fn machine_init() -> Result<()> {
    set_parent_process_death_signal(Some(Signal::KILL))
        .doing(|| "ask to die with the model".into())?;
    let mut lines = std::io::stdin().lines();
    let spec: MachineSpec = receive(&mut lines)?;
    prepare(&spec)?;
    identity::ask(receive(&mut lines)?, &spec.kind)?;
    let agents = start(&spec)?;
    let mut stdout = std::io::stdout();
    writeln!(stdout, "{READY}")
        .and_then(|()| stdout.flush())
        .doing(|| "report to the model".into())?;
    reap(&agents)
}

fn receive<T: serde::de::DeserializeOwned>(lines: &mut std::io::Lines<StdinLock>) -> Result<T> {
    let line = lines.next().unwrap_or_else(|| Ok(String::new()));
    let line = line.doing(|| "hear from the model".into())?;
    serde_json::from_str(&line).map_err(|error| Error::Controller(error.to_string()))
}

/// Makes the machine's namespaces and files, and moves into them.
fn prepare(spec: &MachineSpec) -> Result<()> {
    rustix::process::umask(rustix::fs::Mode::from_raw_mode(0o022));
    unshare(
        CloneFlags::CLONE_NEWNS
            | CloneFlags::CLONE_NEWUTS
            | CloneFlags::CLONE_NEWIPC
            | CloneFlags::CLONE_NEWCGROUP,
    )
    .doing(|| "make the machine's namespaces".into())?;
    mount_change(
        "/",
        MountPropagationFlags::REC | MountPropagationFlags::PRIVATE,
    )
    .doing(|| "part from the host's mounts".into())?;
    let disk = super::Disk::new(&spec.disk);
    let root = match &spec.kind {
        Kind::Root => root::assemble(&disk)?,
        Kind::Rootless { skeleton } => rootless::assemble(&disk, skeleton)?,
    };
    devices::mount_all(&root, &spec.kind)?;
    devices::show_shared(&root, &spec.shared)?;
    enter(&root)?;
    identity::assume(spec)
}

/// Starts what is to run in it.
fn start(spec: &MachineSpec) -> Result<Vec<Pid>> {
    rustix::process::setsid().doing(|| "start a session".into())?;
    if spec.rebooted {
        start_services()?;
    }
    spec.units.iter().map(|unit| start_agent(unit)).collect()
}

/// Makes `root` the root of this process and lets go of the host's.
fn enter(root: &Path) -> Result<()> {
    std::env::set_current_dir(root).doing(|| format!("enter `{}`", root.display()))?;
    rustix::process::pivot_root(".", ".").doing(|| "turn the machine's root into `/`".into())?;
    unmount(".", UnmountFlags::DETACH).doing(|| "let go of the host's files".into())?;
    std::env::set_current_dir("/").doing(|| "enter `/`".into())
}

/// As a machine does that comes up again; nobody waits for them.
fn start_services() -> Result<()> {
    Command::new("/run/ensign/ensign")
        .arg(roles::SERVICES)
        .env_clear()
        .env("PATH", PATH)
        .stdin(Stdio::null())
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .spawn()
        .map(drop)
        .doing(|| "start the machine's services".into())
}

fn start_agent(unit: &str) -> Result<Pid> {
    let child = Command::new("/run/ensign/ensign")
        .args([roles::AGENT, unit, "/run/ensign"])
        .env_clear()
        .env("PATH", PATH)
        .stdin(Stdio::null())
        .stdout(Stdio::from(
            std::io::stderr()
                .as_fd()
                .try_clone_to_owned()
                .doing(|| "copy stderr".into())?,
        ))
        .spawn()
        .doing(|| format!("start the agent of {unit}"))?;
    i32::try_from(child.id())
        .ok()
        .and_then(Pid::from_raw)
        .ok_or_else(|| Error::Controller(format!("the agent of {unit} has no process id")))
}

/// Waits for whatever ends below; a machine without one of its agents is of no use.
fn reap(agents: &[Pid]) -> Result<()> {
    loop {
        match rustix::process::wait(WaitOptions::empty()) {
            Ok(Some((pid, status))) if agents.contains(&pid) => {
                return Err(Error::Controller(
                    match (status.exit_status(), status.terminating_signal()) {
                        (Some(code), _) => format!("the agent ended with exit code {code}"),
                        (_, Some(signal)) => format!("the agent was killed by signal {signal}"),
                        _ => "the agent ended".into(),
                    },
                ));
            }
            Ok(_) | Err(rustix::io::Errno::INTR) => {}
            Err(error) => return Err(Error::io("wait for processes", error)),
        }
    }
}
