//! One password that all units share: made by the leader, and replaced while neither units nor clients notice.
//!
//! First every unit's service accepts the new one beside the old one. When all do, units and clients use the new one.
//! When all do, the old one goes. Each unit says in the peer relation which of these steps it has taken; the leader
//! takes the next one when everybody has.
//!
//! | flag | set while |
//! |---|---|
//! | `rotation.available` | there is a password, and this unit can tell the others that it has taken it |
//! | `rotation.rotating` | a password is being replaced |
//!
//! From `rotation.available` on a charm takes [`passwords`](Rotate::passwords) whenever the leader's value `rotation` is
//! new, and says that they are [applied](Rotate::passwords_applied). While `rotation.rotating` is set it has its leader
//! [go on](Rotate::passwords_go_on).

mod chosen;
mod peers;
mod step;

use ensign::prelude::*;
use layer_status::PartStatus;

use step::{Rotation, Step};

const PART: &str = "password";
/// Of the secret that holds the leader's values.
const LABEL: &str = "ensign.leader";
const LENGTH: usize = 32;
const AVAILABLE: &str = "rotation.available";

ensign::functions_set!("layer.rotation.untold");

/// What a unit's service is to take, as of one step.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Passwords {
    /// The one that units and clients use.
    pub current: Secret,
    /// Another one that services accept meanwhile.
    pub also: Option<Secret>,
    rotation: Rotation,
}

impl Passwords {
    /// Another text for each `current` one: for clients, who say by it which one they use.
    #[must_use]
    pub fn version(&self) -> String {
        self.rotation.version()
    }
}

/// The shared password, for handlers.
pub trait Rotate {
    /// What services are to take now; `None` until `rotation.available` is set. A unit that took one earlier would not be
    /// waited for.
    ///
    /// # Errors
    /// When Juju cannot be asked.
    fn passwords(&mut self) -> Result<Option<Passwords>>;

    /// Says that this unit's service accepts exactly these, and that this unit uses the current one.
    ///
    /// # Errors
    /// When the charm has no peer endpoint, or several and no option that says which.
    fn passwords_applied(&mut self, passwords: &Passwords) -> Result;

    /// On the leader: takes the next step, if all units have taken the last one. Before the old password goes,
    /// `confirmed` is asked whether all clients use the one of that [version](Passwords::version). Who is waited for is
    /// the unit's status.
    ///
    /// # Errors
    /// `NotLeader` on any other unit; else as [`passwords_applied`](Self::passwords_applied), or when Juju cannot be
    /// asked.
    fn passwords_go_on(
        &mut self,
        confirmed: impl FnOnce(&mut Context, &str) -> Result<bool>,
    ) -> Result;
}

impl Rotate for Context {
    fn passwords(&mut self) -> Result<Option<Passwords>> {
        if !self.is_flag_set(AVAILABLE)? {
            return Ok(None);
        }
        let rotation = Rotation::current(self)?;
        let current = secret(self, "password")?;
        let also = secret(self, "other")?;
        Ok(current.map(|current| Passwords {
            current,
            also,
            rotation,
        }))
    }

    fn passwords_applied(&mut self, passwords: &Passwords) -> Result {
        peers::applied(self, passwords.rotation)
    }

    fn passwords_go_on(
        &mut self,
        confirmed: impl FnOnce(&mut Self, &str) -> Result<bool>,
    ) -> Result {
        let rotation = Rotation::current(self)?;
        if rotation.step == Step::Done {
            return Ok(());
        }
        let Some(behind) = peers::behind(self, rotation)? else {
            return Ok(());
        };
        if !behind.is_empty() {
            return wait_for(self, &behind.join(", "));
        }
        match rotation.step {
            Step::Accept => use_new(self, rotation),
            Step::Use if confirmed(self, &rotation.version())? => forget_old(self, rotation),
            Step::Use => wait_for(self, "clients"),
            Step::Done => Ok(()),
        }
    }
}

/// A leader's value; what is empty is none.
fn secret(ctx: &mut Context, key: &str) -> Result<Option<Secret>> {
    let value = ctx.leader_get(key)?.filter(|value| !value.is_empty());
    Ok(value.map(|value| Secret::new(value.to_string())))
}

fn wait_for(ctx: &mut Context, whom: &str) -> Result {
    let message = format!("the new password waits for {whom}");
    ctx.part_status(PART, Status::Active(message), &[])
}

/// Everybody is to accept a new password.
fn begin(ctx: &mut Context, new: Secret) -> Result {
    let rotation = Rotation::current(ctx)?.next(Step::Accept);
    ctx.leader_set([
        ("other", Value::from(new)),
        ("rotation", rotation.to_string().into()),
    ])
}

/// Everybody accepts the new password: from now on it is the one.
fn use_new(ctx: &mut Context, rotation: Rotation) -> Result {
    let both = (secret(ctx, "other")?, secret(ctx, "password")?);
    let (Some(password), Some(other)) = both else {
        return Ok(());
    };
    ctx.leader_set([
        ("password", Value::from(password)),
        ("other", other.into()),
        ("rotation", rotation.at(Step::Use).to_string().into()),
    ])
}

fn forget_old(ctx: &mut Context, rotation: Rotation) -> Result {
    let rotation = rotation.at(Step::Done).to_string();
    ctx.leader_set([("other", Value::from("")), ("rotation", rotation.into())])
}

#[when("leadership.is_leader")]
#[when_not("leadership.set.password")]
fn make(ctx: &mut Context) -> Result {
    let password = match chosen::password(ctx)? {
        Some(chosen) => chosen,
        None => ctx.password(LENGTH),
    };
    let rotation = Rotation::default().to_string();
    ctx.leader_set([
        ("password", Value::from(password)),
        ("rotation", rotation.into()),
    ])
}

/// In the first hooks of a unit there is no relation to the others yet.
#[when("leadership.set.password")]
#[when_not("rotation.available")]
fn look(ctx: &mut Context) -> Result {
    if peers::can_be_told(ctx)? {
        ctx.set_flag(AVAILABLE)?;
    }
    Ok(())
}

#[when_changed(leader = "rotation")]
#[before("layer_rotation::follow_option")]
fn notice(ctx: &mut Context) -> Result {
    let rotating = Rotation::current(ctx)?.step != Step::Done;
    if !rotating {
        ctx.part_clear(PART)?;
    }
    ctx.toggle_flag("rotation.rotating", rotating)
}

#[when_changed(config = "password")]
fn check_option(ctx: &mut Context) -> Result {
    chosen::check(ctx)
}

#[when("leadership.is_leader", "leadership.set.password")]
#[when_not("rotation.rotating")]
#[when_changed(config = "password")]
fn follow_option(ctx: &mut Context) -> Result {
    let now = secret(ctx, "password")?;
    match chosen::password(ctx)? {
        Some(wanted) if now.is_some_and(|now| now != wanted) => begin(ctx, wanted),
        _ => Ok(()),
    }
}

/// Juju asks until there is a new revision, so there is one even where the operator has chosen the password.
#[hook("secret-rotate")]
fn rotate_when_due(ctx: &mut Context) -> Result {
    let label = ctx.hook().secret().and_then(|secret| secret.label.clone());
    let is_ours = label.is_none_or(|label| label == LABEL);
    let rotation = Rotation::current(ctx)?;
    if !is_ours || rotation.step != Step::Done || !ctx.is_leader()? {
        return Ok(());
    }
    if chosen::password(ctx)?.is_some() {
        let next = rotation.next(Step::Done).to_string();
        return ctx.leader_set([("rotation", next)]);
    }
    let new = ctx.password(LENGTH);
    begin(ctx, new)
}

#[action("rotate-password")]
fn rotate(ctx: &mut Context) -> Result {
    let complaint = if !ctx.is_leader()? {
        "only the leader replaces the password"
    } else if ctx.leader_get("password")?.is_none() {
        "there is none yet"
    } else if chosen::password(ctx)?.is_some() {
        "the option `password` says what it is: change it there"
    } else if Rotation::current(ctx)?.step != Step::Done {
        "it is being replaced already"
    } else {
        let new = ctx.password(LENGTH);
        return begin(ctx, new);
    };
    ctx.action()?.fail(complaint)
}

#[when("layer.rotation.untold")]
fn tell(ctx: &mut Context) -> Result {
    peers::tell(ctx)
}
