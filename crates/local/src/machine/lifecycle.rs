//! All machines of one model under one process, which the controller orders about through a pipe.
//!
//! Orders go in as JSON lines, events come out as JSON lines. When the controller dies the pipe closes, the
//! model init ends, and the kernel ends everything in its pid namespace.

use std::collections::BTreeMap;
use std::ffi::OsString;
use std::io::{BufRead, BufReader, Write};
use std::net::Ipv4Addr;
use std::os::fd::{AsRawFd, OwnedFd};
use std::path::Path;
use std::process::{Child, ChildStdin, Command, Stdio};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use nix::sched::{CloneFlags, unshare};
use rustix::mount::{MountFlags, MountPropagationFlags, mount_change};
use rustix::process::{
    Pid, PidfdFlags, Signal, pidfd_open, pidfd_send_signal, set_parent_process_death_signal,
};
use serde::{Deserialize, Serialize};

use super::ids::Ids;
use super::init::READY;
use super::spec::MachineSpec;
use crate::error::{Doing, Error, Result};
use crate::network::{Network, Plan};
use crate::roles;

#[derive(Debug, Serialize, Deserialize)]
enum Order {
    /// Make the model's network; the first order.
    Network(Plan),
    /// Start a machine.
    Boot(Box<MachineSpec>),
    /// Let nothing through to a machine and from it, or everything again.
    Cut(String, bool),
    /// Kill a machine with everything in it.
    Kill(String),
}

/// What becomes of a machine.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) enum MachineEvent {
    /// Its root stands, its agents are started; with its first process as this host knows it.
    Up(String, u32),
    /// Its network has been cut or healed.
    Cut(String),
    /// There is no way out, and why.
    NoWayOut(String),
    /// It ended: killed, or its first process failed, with the reason where there is one.
    Down(String, Option<String>),
    /// The model init itself is gone, and every machine with it; why, where it could say so.
    Lost(Option<String>),
}

/// The controller's end: gives orders, hears events.
#[derive(Debug)]
pub(crate) struct Machines {
    child: Child,
    orders: ChildStdin,
}

impl Machines {
    /// Starts the model init. `hear` is called for each event, from a thread of its own. Call it from a
    /// thread that lives as long as the controller: the model init dies with that thread.
    ///
    /// On `memory`, if given, a tmpfs is mounted that only the machines see, and that goes with them.
    pub(crate) fn start(
        exe: &Path,
        ids: Ids,
        memory: Option<&Path>,
        plan: Plan,
        mut hear: impl FnMut(MachineEvent) + Send + 'static,
    ) -> Result<Self> {
        let mut child = ids.spawn(exe, roles::OUTER, memory, Stdio::inherit())?;
        let (Some(orders), Some(events)) = (child.stdin.take(), child.stdout.take()) else {
            return Err(Error::Controller("the model init has no pipe".into()));
        };
        std::thread::spawn(move || {
            for line in BufReader::new(events)
                .lines()
                .map_while(std::io::Result::ok)
            {
                match serde_json::from_str(&line) {
                    Ok(event) => hear(event),
                    Err(_) => break,
                }
            }
            hear(MachineEvent::Lost(None));
        });
        let mut machines = Self { child, orders };
        machines.order(&Order::Network(plan))?;
        Ok(machines)
    }

    /// Starts a machine; [`MachineEvent::Up`] or [`MachineEvent::Down`] follows.
    pub(crate) fn boot(&mut self, spec: MachineSpec) -> Result<()> {
        self.order(&Order::Boot(Box::new(spec)))
    }

    /// Kills a machine with everything in it; [`MachineEvent::Down`] follows.
    pub(crate) fn kill(&mut self, id: &str) -> Result<()> {
        self.order(&Order::Kill(id.to_owned()))
    }

    /// Cuts a machine's network, or heals it; [`MachineEvent::Cut`] follows, or the machine's end.
    pub(crate) fn cut(&mut self, id: &str, cut: bool) -> Result<()> {
        self.order(&Order::Cut(id.to_owned(), cut))
    }

    fn order(&mut self, order: &Order) -> Result<()> {
        let mut line =
            serde_json::to_string(order).map_err(|error| Error::Controller(error.to_string()))?;
        line.push('\n');
        self.orders
            .write_all(line.as_bytes())
            .doing(|| "reach the model init".into())
    }

    /// Ends all machines and waits until nothing of them is left.
    pub(crate) fn stop(self) -> Result<()> {
        let Self { mut child, orders } = self;
        drop(orders);
        child
            .wait()
            .map(drop)
            .doing(|| "wait for the machines to end".into())
    }
}

/// The process of [`roles::OUTER`]: makes the model's pid and mount namespaces and waits for the model init.
/// (Its own process cannot become 1 in them, only a child can.)
pub(crate) fn outer(args: &[OsString]) -> Result<()> {
    set_parent_process_death_signal(Some(Signal::KILL))
        .doing(|| "ask to die with the controller".into())?;
    unshare(CloneFlags::CLONE_NEWPID | CloneFlags::CLONE_NEWNS)
        .doing(|| "make the model's namespaces".into())?;
    mount_change(
        "/",
        MountPropagationFlags::REC | MountPropagationFlags::PRIVATE,
    )
    .doing(|| "part from the host's mounts".into())?;
    if let Some(memory) = args.first() {
        mount_memory(Path::new(memory))?;
    }
    let exe = std::env::current_exe().doing(|| "find this program".into())?;
    let status = Command::new(exe)
        .arg(roles::MODEL_INIT)
        .status()
        .doing(|| "start the model init".into())?;
    if status.success() {
        Ok(())
    } else {
        Err(Error::Controller(format!("the model init ended: {status}")))
    }
}

/// Mounts a tmpfs for the machines' files.
pub(crate) fn mount_memory(path: &Path) -> Result<()> {
    rustix::mount::mount("tmpfs", path, "tmpfs", MountFlags::empty(), c"mode=755")
        .doing(|| format!("mount a tmpfs on `{}`", path.display()))
}

/// The machines by number.
type Running = Arc<Mutex<BTreeMap<String, Machine>>>;

/// One machine, from its order to its end.
struct Machine {
    state: State,
    address: Ipv4Addr,
    /// Nothing is let through.
    cut: bool,
    /// Its link is there.
    linked: bool,
}

/// Where a machine is in its life.
enum State {
    /// Ordered, its process not yet there.
    Ordered,
    /// Killed before its process was there.
    Doomed,
    /// Its process, as a handle that never means another one.
    Running(OwnedFd),
}

/// Process 1 of the model: ends when its orders do.
pub(crate) fn model_init() -> Result<()> {
    obey().inspect_err(|error| tell(&MachineEvent::Lost(Some(error.to_string()))))
}

fn obey() -> Result<()> {
    set_parent_process_death_signal(Some(Signal::KILL))
        .doing(|| "ask to die with the controller".into())?;
    let running = Running::default();
    let mut network = None;
    for line in std::io::stdin().lines() {
        let line = line.doing(|| "hear the controller".into())?;
        match serde_json::from_str(&line).map_err(|error| Error::Controller(error.to_string()))? {
            Order::Network(plan) => {
                let tell = |why| self::tell(&MachineEvent::NoWayOut(why));
                network = Some(Arc::new(Network::make(&plan, tell)?));
            }
            Order::Boot(spec) => {
                let Some(network) = network.clone() else {
                    return Err(Error::Controller("a machine before its network".into()));
                };
                boot(*spec, &running, network);
            }
            Order::Kill(id) => {
                if let Some(machine) = lock(&running).get_mut(&id) {
                    match &machine.state {
                        // An error means that it has just ended.
                        State::Running(handle) => drop(pidfd_send_signal(handle, Signal::KILL)),
                        State::Ordered | State::Doomed => machine.state = State::Doomed,
                    }
                }
            }
            Order::Cut(id, cut) => {
                if let (Some(machine), Some(network)) = (lock(&running).get_mut(&id), &network) {
                    machine.cut = cut;
                    if machine.linked {
                        network.cut(machine.address, cut)?;
                    }
                }
                tell(&MachineEvent::Cut(id));
            }
        }
    }
    network.map_or(Ok(()), |network| network.remove())
}

/// The machine dies with the thread that started it, so the thread waits for it.
fn boot(spec: MachineSpec, running: &Running, network: Arc<Network>) {
    let machine = Machine {
        state: State::Ordered,
        address: spec.address,
        cut: spec.cut,
        linked: false,
    };
    lock(running).insert(spec.id.clone(), machine);
    let running = Arc::clone(running);
    std::thread::spawn(move || {
        let (id, address) = (spec.id.clone(), spec.address);
        let end = live(&spec, &running, &network);
        let gone = network.detach(address);
        lock(&running).remove(&id);
        let why = end.and(gone).err().map(|error| error.to_string());
        tell(&MachineEvent::Down(id, why));
    });
}

fn lock(running: &Running) -> MutexGuard<'_, BTreeMap<String, Machine>> {
    running.lock().unwrap_or_else(PoisonError::into_inner)
}

/// Starts one machine and waits for its end.
fn live(spec: &MachineSpec, running: &Running, network: &Network) -> Result<()> {
    unshare(CloneFlags::CLONE_NEWPID).doing(|| "make the machine's pid namespace".into())?;
    let attached = network.attach(spec.address)?;
    {
        let mut machines = lock(running);
        if let Some(machine) = machines.get_mut(&spec.id) {
            machine.linked = true;
            if machine.cut {
                network.cut(spec.address, true)?;
            }
        }
    }
    let exe = std::env::current_exe().doing(|| "find this program".into())?;
    let mut child = Command::new(exe)
        .arg(roles::MACHINE_INIT)
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .doing(|| "start the machine".into())?;
    let pid = i32::try_from(child.id()).ok().and_then(Pid::from_raw);
    let pid = pid.ok_or_else(|| Error::Controller("the machine has no process id".into()))?;
    let handle = pidfd_open(pid, PidfdFlags::empty()).doing(|| "watch the machine".into())?;
    let number = number(&handle)?;
    if let Some(machine) = lock(running).get_mut(&spec.id)
        && matches!(
            std::mem::replace(&mut machine.state, State::Running(handle)),
            State::Doomed
        )
    {
        child.kill().doing(|| "kill the machine".into())?;
    }
    let said = (|| {
        let mut stdin = child.stdin.take()?;
        send(&mut stdin, spec).ok()?;
        // Meanwhile the machine makes its files.
        let server = network.show_way_out(&attached).ok()?;
        send(&mut stdin, &server).ok()?;
        drop(stdin);
        let mut line = String::new();
        BufReader::new(child.stdout.take()?)
            .read_line(&mut line)
            .ok()?;
        Some(line)
    })();
    if said.is_some_and(|line| line.trim_end() == READY) {
        tell(&MachineEvent::Up(spec.id.clone(), number));
    }
    let last = child.stderr.take().map(pass_on).unwrap_or_default();
    let status = child.wait().doing(|| "wait for the machine".into())?;
    match status.success() || status.code().is_none() {
        true => Ok(()),
        false => Err(Error::Controller(if last.is_empty() {
            status.to_string()
        } else {
            last
        })),
    }
}

fn send(stdin: &mut ChildStdin, value: &impl Serialize) -> std::io::Result<()> {
    let mut line = serde_json::to_vec(value)?;
    line.push(b'\n');
    stdin.write_all(&line)
}

/// The process's number for this host: what is mounted on `/proc` here is the host's own.
fn number(handle: &OwnedFd) -> Result<u32> {
    let path = format!("/proc/self/fdinfo/{}", handle.as_raw_fd());
    let text = std::fs::read_to_string(&path).doing(|| format!("read `{path}`"))?;
    text.lines()
        .find_map(|line| line.strip_prefix("Pid:")?.trim().parse().ok())
        .ok_or_else(|| Error::Controller("the machine has no process id on this host".into()))
}

/// Passes a machine's stderr on to the controller's log until the machine ends; gives back the last line.
/// (In this thread: one that has a pid namespace for its children cannot start another.)
fn pass_on(stderr: std::process::ChildStderr) -> String {
    let mut last = String::new();
    for line in BufReader::new(stderr)
        .lines()
        .map_while(std::io::Result::ok)
    {
        // A log that cannot be written must not stop the machine.
        let _ = writeln!(std::io::stderr(), "{line}");
        last = line;
    }
    last
}

fn tell(event: &MachineEvent) {
    if let Ok(mut line) = serde_json::to_string(event) {
        line.push('\n');
        let mut out = std::io::stdout().lock();
        // Nobody listens any more: the controller is gone, and so are we in a moment.
        let _ = out.write_all(line.as_bytes()).and_then(|()| out.flush());
    }
}
