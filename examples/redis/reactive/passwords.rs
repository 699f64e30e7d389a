//! The password, and how it is replaced while nobody notices.
//!
//! First every server accepts the new one beside the old one. When all do, servers and clients use the new one. When
//! all do, the old one goes. Each unit says in the peer relation which of these steps it has applied; the leader takes
//! the next one when everybody has.

use std::fmt;
use std::str::FromStr;

use ensign::prelude::*;
use interface_redis::Provides;
use interface_redis_cluster::Peers;
use layer_status::PartStatus;

use crate::serve::forget_removed;
use crate::{cluster, options};

/// How far which replacement is: the leader's value `rotation`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Rotation {
    number: u64,
    step: Step,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
enum Step {
    /// `other` is the new password, which servers accept.
    Accept,
    /// `other` is the old one, which nobody uses from now on.
    Use,
    #[default]
    Done,
}

impl fmt::Display for Rotation {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let step = match self.step {
            Step::Accept => "accept",
            Step::Use => "use",
            Step::Done => "done",
        };
        write!(f, "{} {step}", self.number)
    }
}

impl FromStr for Rotation {
    type Err = Error;

    fn from_str(text: &str) -> Result<Self> {
        let (number, step) = text.split_once(' ').unwrap_or((text, "done"));
        Ok(Self {
            number: number.parse()?,
            step: match step {
                "accept" => Step::Accept,
                "use" => Step::Use,
                _ => Step::Done,
            },
        })
    }
}

impl Rotation {
    /// What the leader says.
    ///
    /// # Errors
    /// When Juju cannot be asked.
    pub fn current(ctx: &mut Context) -> Result<Self> {
        let text = ctx.leader_get("rotation")?;
        text.map_or_else(|| Ok(Self::default()), |text| text.parse())
    }

    /// Another text for each password that clients are to use.
    pub fn version(self) -> String {
        let former = u64::from(self.step == Step::Accept);
        (self.number - former).to_string()
    }

    fn next(ctx: &mut Context, new: Secret) -> Result {
        let number = Self::current(ctx)?.number + 1;
        let rotation = Self {
            number,
            step: Step::Accept,
        };
        ctx.leader_set([
            ("other", new.into()),
            ("rotation", Value::from(rotation.to_string())),
        ])
    }
}

/// What all units are told at first. Whether they are a cluster is said once.
#[when("leadership.is_leader")]
#[when_not("leadership.set.password")]
fn make_password(ctx: &mut Context) -> Result {
    let cluster = ctx.config()?.bool("cluster-enabled")?.to_string();
    let bus = cluster::first_bus(options::wanted(ctx)?.port).to_string();
    let password = options::password(ctx)?.unwrap_or_else(|| ctx.password(32));
    let rotation = Rotation::default().to_string();
    ctx.leader_set([
        ("cluster-enabled", Value::from(cluster)),
        ("cluster-port", bus.into()),
        ("password", password.into()),
        ("rotation", rotation.into()),
    ])
}

#[when_changed(leader = "rotation")]
#[before("redis::passwords::follow_option", "redis::passwords::take_next_step")]
fn notice(ctx: &mut Context) -> Result {
    let rotating = Rotation::current(ctx)?.step != Step::Done;
    if !rotating {
        ctx.part_clear("password")?;
    }
    ctx.toggle_flag("redis.rotating", rotating)
}

#[when("leadership.is_leader", "leadership.set.password")]
#[when_not("redis.rotating")]
#[when_changed(config = "password")]
fn follow_option(ctx: &mut Context) -> Result {
    let now = ctx.leader_get("password")?;
    match options::password(ctx)? {
        Some(wanted) if now.is_some_and(|now| now != *wanted.expose()) => {
            Rotation::next(ctx, wanted)
        }
        _ => Ok(()),
    }
}

#[when("leadership.is_leader", "redis.rotating", "cluster.available")]
#[when_not("redis.leaving")]
fn take_next_step(ctx: &mut Context) -> Result {
    let Rotation { number, step } = Rotation::current(ctx)?;
    let current = Rotation { number, step }.to_string();
    let behind = behind(ctx, &current)?;
    if !behind.is_empty() && forget_removed(ctx)? {
        return take_next_step(ctx);
    }
    if !behind.is_empty() {
        let message = format!("the new password waits for {}", behind.join(", "));
        return ctx.part_status("password", Status::Active(message), &[]);
    }
    match step {
        Step::Accept => use_new(ctx, number),
        Step::Use
            if ctx
                .endpoint("redis")?
                .redis_confirmed(ctx, &number.to_string())? =>
        {
            let rotation = Rotation {
                number,
                step: Step::Done,
            }
            .to_string();
            ctx.leader_set([("other", Value::from("")), ("rotation", rotation.into())])
        }
        Step::Use => {
            let message = "the new password waits for clients".to_owned();
            ctx.part_status("password", Status::Active(message), &[])
        }
        Step::Done => Ok(()),
    }
}

/// Everybody accepts the new password: from now on it is the one.
fn use_new(ctx: &mut Context, number: u64) -> Result {
    let both = (ctx.leader_get("other")?, ctx.leader_get("password")?);
    let (Some(password), Some(other)) = both else {
        return Ok(());
    };
    let step = Step::Use;
    let rotation = Rotation { number, step }.to_string();
    ctx.leader_set([
        ("password", password),
        ("other", other),
        ("rotation", rotation.into()),
    ])
}

/// Units that have not applied this yet.
fn behind(ctx: &mut Context, current: &str) -> Result<Vec<String>> {
    let members = ctx.endpoint("cluster")?.redis_members(ctx)?;
    let behind = members.into_iter().filter(|(_, member)| {
        let member = member.as_ref();
        member.is_some_and(|member| member.applied != current)
    });
    Ok(behind.map(|(unit, _)| unit).collect())
}

/// Juju asks until there is a new revision, so there is one even where the operator has chosen the password.
#[hook("secret-rotate")]
fn rotate_when_due(ctx: &mut Context) -> Result {
    let Rotation { number, step } = Rotation::current(ctx)?;
    if step != Step::Done || !ctx.is_leader()? {
        return Ok(());
    }
    if options::password(ctx)?.is_some() {
        let rotation = Rotation {
            number: number + 1,
            step,
        };
        return ctx.leader_set([("rotation", rotation.to_string())]);
    }
    let new = ctx.password(32);
    Rotation::next(ctx, new)
}

#[action("rotate-password")]
fn rotate(ctx: &mut Context) -> Result {
    let complaint = if !ctx.is_leader()? {
        "only the leader replaces the password"
    } else if ctx.leader_get("password")?.is_none() {
        "there is none yet"
    } else if options::password(ctx)?.is_some() {
        "the option `password` says what it is: change it there"
    } else if Rotation::current(ctx)?.step != Step::Done {
        "it is being replaced already"
    } else {
        let new = ctx.password(32);
        return Rotation::next(ctx, new);
    };
    ctx.action()?.fail(complaint)
}
