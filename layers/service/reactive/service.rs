//! Services: meant to run or not to, restarted or reloaded when their configuration changed, started again when they
//! died.
//!
//! | flag | set while |
//! |---|---|
//! | `service.NAME.running` | it ran when it was looked at last, is meant to, and knows what its files hold |
//! | `service.NAME.failed` | it could not be made as it is meant to be |
//! | `service.NAME.restart` | it is to be restarted: anyone may set it |
//! | `service.NAME.reload` | it is to read its configuration again: anyone may set it |

mod machine;
mod name;
mod wanted;

use ensign::prelude::*;
use layer_status::PartStatus;

use machine::{Attempt, Manager, State};
use name::{checked, flag};
use wanted::{Applied, Wanted};

/// Set while a service is looked after.
const ANY: &str = "layer.service.any";
/// Never set when a handler is looked at: its change tells that a service may have to be made otherwise.
const CHANGED: &str = "layer.service.changed";
const UNITS: &str = "/etc/systemd/system";

ensign::functions_set!("layer.service.any", "layer.service.changed");

/// Services, for handlers.
pub trait Services {
    /// A service of this machine, by its name.
    fn service(&mut self, name: &str) -> Service<'_>;
}

impl Services for Context {
    fn service(&mut self, name: &str) -> Service<'_> {
        Service {
            ctx: self,
            name: name.to_owned(),
            wanted: Wanted::default(),
            units: Vec::new(),
        }
    }
}

/// A service about to be described, asked or told something; see [`Services::service`].
#[must_use = "a service is left alone until a method that returns a `Result` is called"]
#[derive(Debug)]
pub struct Service<'a> {
    ctx: &'a mut Context,
    name: String,
    wanted: Wanted,
    /// Units to write: the file's path and its text.
    units: Vec<(Unit, String)>,
}

#[derive(Debug)]
enum Unit {
    Whole,
    DropIn(String),
}

impl Service<'_> {
    /// It is restarted when one of these files holds something else than at its last start.
    pub fn restart_on<P: AsRef<str>>(mut self, files: impl IntoIterator<Item = P>) -> Self {
        let files = files.into_iter().map(|file| file.as_ref().to_owned());
        self.wanted.restart_on.extend(files);
        self
    }

    /// It is told to read its configuration again when one of these files holds something else than the last time.
    pub fn reload_on<P: AsRef<str>>(mut self, files: impl IntoIterator<Item = P>) -> Self {
        let files = files.into_iter().map(|file| file.as_ref().to_owned());
        self.wanted.reload_on.extend(files);
        self
    }

    /// It is described by this systemd unit.
    pub fn unit(mut self, text: impl Into<String>) -> Self {
        self.units.push((Unit::Whole, text.into()));
        self
    }

    /// Its unit has this addition, under a name of the charm's own; one that is left out of a later description goes.
    pub fn drop_in(mut self, name: &str, text: impl Into<String>) -> Self {
        self.units
            .push((Unit::DropIn(name.to_owned()), text.into()));
        self
    }

    /// From now on it is meant to run, and to start with the machine: described as a whole by this call. Done after
    /// the handlers that run now, and looked at in every hook.
    ///
    /// What does not work makes the unit *blocked*, with the reason, and is tried again in every hook.
    ///
    /// # Errors
    /// `Invalid` for what is no name of a service; or when a unit cannot be written or a file not be read.
    pub fn ensure_running(mut self) -> Result {
        self.wanted.running = true;
        self.declare()
    }

    /// From now on it is meant not to run, and not to start with the machine.
    ///
    /// # Errors
    /// As [`ensure_running`](Self::ensure_running).
    pub fn ensure_stopped(self) -> Result {
        self.declare()
    }

    /// Restarts it once, after the handlers that run now: as if `service.NAME.restart` were set.
    ///
    /// # Errors
    /// `Invalid` for a service that nobody has said should run.
    pub fn restart(self) -> Result {
        self.ask("restart")
    }

    /// Has it read its configuration again, after the handlers that run now. One that cannot is restarted.
    ///
    /// # Errors
    /// `Invalid` for a service that nobody has said should run.
    pub fn reload(self) -> Result {
        self.ask("reload")
    }

    /// Whether it runs now.
    ///
    /// # Errors
    /// `Invalid` for what is no name of a service.
    pub fn is_running(self) -> Result<bool> {
        let name = checked(&self.name)?;
        let (_, state) = machine::look(self.ctx, name)?;
        Ok(state == State::Running)
    }

    /// Leaves it alone from now on, as it is. Units that were written for it stay.
    ///
    /// # Errors
    /// `Invalid` for what is no name of a service.
    pub fn forget(self) -> Result {
        let name = checked(&self.name)?;
        Wanted::forget(self.ctx, name);
        for what in ["running", "failed", "restart", "reload"] {
            self.ctx.clear_flag(flag(name, what))?;
        }
        if wanted::all(self.ctx)?.is_empty() {
            self.ctx.clear_flag(ANY)?;
        }
        Ok(())
    }

    fn declare(mut self) -> Result {
        let name = checked(&self.name)?.to_owned();
        for (unit, text) in std::mem::take(&mut self.units) {
            let path = write_unit(self.ctx, &name, &unit, &text)?;
            self.wanted.units.insert(path);
        }
        let before = Wanted::of(self.ctx, &name)?.unwrap_or_default();
        for path in before.units.difference(&self.wanted.units) {
            self.ctx.remove_file(path)?;
        }
        self.wanted.keep(self.ctx, &name)?;
        self.ctx.set_flag(ANY)?;
        watch(self.ctx, &name)?;
        let applied = Applied::of(self.ctx, &name)?;
        if !self.wanted.running || self.wanted.now(self.ctx, &applied)? != applied {
            self.ctx.clear_flag(flag(&name, "running"))?;
        }
        wake(self.ctx)
    }

    fn ask(self, what: &str) -> Result {
        let name = checked(&self.name)?;
        if !Wanted::of(self.ctx, name)?.is_some_and(|wanted| wanted.running) {
            let error = format!("nobody has said that the service `{name}` should run");
            return Err(Error::new(ErrorKind::Invalid, error)
                .hint("call `ensure_running` once, before anything else"));
        }
        self.ctx.set_flag(flag(name, what))?;
        self.ctx.clear_flag(flag(name, "running"))?;
        wake(self.ctx)
    }
}

/// Where a unit or drop-in was written.
fn write_unit(ctx: &mut Context, name: &str, unit: &Unit, text: &str) -> Result<String> {
    let path = match unit {
        Unit::Whole => format!("{UNITS}/{name}.service"),
        Unit::DropIn(drop_in) => {
            let is_of_name = |b: u8| b.is_ascii_alphanumeric() || b == b'-' || b == b'_';
            if drop_in.is_empty() || !drop_in.bytes().all(is_of_name) {
                let error = format!("`{drop_in}` is no name for a drop-in");
                return Err(
                    Error::new(ErrorKind::Invalid, error).hint("use letters, digits, `-` and `_`")
                );
            }
            let folder = format!("{UNITS}/{name}.service.d");
            ctx.make_folder(&folder, 0o755)?;
            // A subordinate's charm on the same machine may have one of that name.
            format!("{folder}/juju-{}-{drop_in}.conf", ctx.app())
        }
    };
    ctx.write_file(&path, text)?;
    Ok(path)
}

/// Has services looked at after the handlers that run now.
fn wake(ctx: &mut Context) -> Result {
    ctx.set_flag(CHANGED)?;
    ctx.clear_flag(CHANGED)
}

/// An error that a trigger's callback cannot return still fails the hook: the context remembers it.
fn look_again(ctx: &mut Context) {
    if let Err(error) = wake(ctx) {
        ctx.log(Level::Error, format!("services are not looked at: {error}"));
    }
}

/// At the beginning of every hook, since services die, and after handlers that want something of one.
#[when("layer.service.any")]
#[when_not("layer.service.changed")]
#[sets("service.*")]
#[clears("service.*")]
fn converge(ctx: &mut Context) -> Result {
    let all = wanted::all(ctx)?;
    for (name, wanted) in all {
        watch(ctx, &name)?;
        let attempt = make_so(ctx, &name, &wanted)?;
        tell(ctx, &name, attempt)?;
    }
    Ok(())
}

/// Has a restart or reload that someone asks for by flag noticed in the same hook.
fn watch(ctx: &mut Context, name: &str) -> Result {
    for what in ["restart", "reload"] {
        ctx.register_trigger(Trigger::when(flag(name, what)).callback(look_again))?;
    }
    Ok(())
}

/// Starts, stops, restarts or reloads it, if it is not as it is meant to be.
fn make_so(ctx: &mut Context, name: &str, wanted: &Wanted) -> Result<Attempt> {
    let mut applied = Applied::of(ctx, name)?;
    // Before anything is done: what is written meanwhile is for the next time.
    let mut now = wanted.now(ctx, &applied)?;
    let (manager, state) = machine::look(ctx, name)?;
    if now.units != applied.units
        && let Err(why) = manager.read_units(ctx)?
    {
        return Ok(Err(why));
    }
    let attempt = if wanted.running {
        run(ctx, name, wanted, manager, state, (&applied, &mut now))?
    } else {
        ctx.clear_flag(flag(name, "restart"))?;
        ctx.clear_flag(flag(name, "reload"))?;
        match state {
            State::Running => manager.act(ctx, "stop", name)?,
            State::Stopped | State::Failed => Ok(()),
        }
    };
    if attempt.is_err() {
        return Ok(attempt);
    }
    applied = now;
    if manager == Manager::Systemd || applied.enabled != Some(wanted.running) {
        let attempt = manager.enable(ctx, name, wanted.running)?;
        if attempt.is_err() {
            applied.keep(ctx, name)?;
            return Ok(attempt);
        }
        applied.enabled = Some(wanted.running);
    }
    applied.keep(ctx, name)?;
    Ok(Ok(()))
}

fn run(
    ctx: &mut Context,
    name: &str,
    wanted: &Wanted,
    manager: Manager,
    state: State,
    (applied, now): (&Applied, &mut Applied),
) -> Result<Attempt> {
    let (restart, reload) = (flag(name, "restart"), flag(name, "reload"));
    let is_asked = ctx.is_flag_set(&restart)?;
    let is_reload_asked = ctx.is_flag_set(&reload)?;
    // A service that was there before the charm may have read its files long before they were written.
    let needs_restart = is_asked
        || now.units != applied.units
        || now.differs(applied, &wanted.restart_on)
        || !applied.is_known(ctx, name)?;
    let needs_reload = is_reload_asked || now.differs(applied, &wanted.reload_on);
    let verbs: &[&str] = match state {
        State::Failed => {
            manager.forgive(ctx, name)?;
            &["start"]
        }
        State::Stopped => &["start"],
        State::Running if needs_restart => &["restart"],
        State::Running if needs_reload => &["reload", "restart"],
        State::Running => &[],
    };
    let mut attempt = Ok(());
    if !verbs.is_empty() {
        now.mark(ctx, name)?;
    }
    for verb in verbs {
        attempt = manager.act(ctx, verb, name)?;
        if attempt.is_ok() {
            break;
        }
    }
    if attempt.is_ok() {
        ctx.clear_flag(restart)?;
        ctx.clear_flag(reload)?;
    }
    if attempt.is_ok() && !verbs.is_empty() {
        let (_, state) = machine::look(ctx, name)?;
        if state != State::Running {
            attempt = Err(format!("{name} ended right after its start"));
        }
    }
    Ok(attempt)
}

/// Flags and status of what came of it.
fn tell(ctx: &mut Context, name: &str, attempt: Attempt) -> Result {
    let failed = flag(name, "failed");
    match attempt {
        Ok(()) => {
            let wanted = Wanted::of(ctx, name)?;
            let is_running = wanted.is_some_and(|wanted| wanted.running);
            ctx.toggle_flag(flag(name, "running"), is_running)?;
            ctx.clear_flag(failed)
        }
        Err(why) => {
            // A reload that failed leaves it running.
            let (_, state) = machine::look(ctx, name)?;
            ctx.toggle_flag(flag(name, "running"), state == State::Running)?;
            ctx.set_flag(&failed)?;
            ctx.log(
                Level::Warning,
                format!("{why}; `journalctl -u {name}` may tell more"),
            );
            let part = format!("service-{name}");
            ctx.part_status(&part, Status::Blocked(why), &[&failed])
        }
    }
}
