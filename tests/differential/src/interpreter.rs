//! Handlers and callbacks that do what the world says.

use std::cell::RefCell;

use ensign::leadership::Leadership as _;
use ensign::prelude::Endpoint;
use ensign::{Context, Outcome, Result, Trigger};
use serde_json::Value;

use crate::endpoint;
use crate::support::Juju;
use crate::world::{self, Op, Version};

/// A handler's function.
type Run = fn(&mut Context) -> Result<Outcome>;

/// A function has no room for data, so there is one for each place in a version.
#[rustfmt::skip]
pub(crate) const HANDLERS: [Run; 20] = [
    run::<0>, run::<1>, run::<2>, run::<3>, run::<4>, run::<5>, run::<6>, run::<7>, run::<8>, run::<9>,
    run::<10>, run::<11>, run::<12>, run::<13>, run::<14>, run::<15>, run::<16>, run::<17>, run::<18>, run::<19>,
];

/// The same for what triggers call.
const CALLBACKS: [fn(&mut Context); 4] = [call::<0>, call::<1>, call::<2>, call::<3>];

/// The version whose hook runs.
#[derive(Debug)]
pub(crate) struct Running {
    handlers: Vec<Vec<Op>>,
    callbacks: Vec<Vec<Op>>,
    juju: Juju,
    /// Whether this unit leads, so that nobody else can write.
    leader: bool,
    /// What each run of a handler saw.
    looks: Vec<Vec<String>>,
}

thread_local! {
    static RUNNING: RefCell<Option<Running>> = const { RefCell::new(None) };
}

impl Running {
    /// A hook of this version begins.
    pub(crate) fn begin(version: &Version, juju: &Juju, leader: bool) {
        RUNNING.set(Some(Self {
            handlers: version.all_handlers().map(|h| h.ops.clone()).collect(),
            callbacks: version.callbacks.clone(),
            juju: juju.clone(),
            leader,
            looks: Vec::new(),
        }));
    }

    /// It has ended; this is what was seen in it.
    pub(crate) fn end() -> Vec<Vec<String>> {
        RUNNING.take().unwrap().looks
    }
}

fn with<R>(ask: impl FnOnce(&mut Running) -> R) -> R {
    RUNNING.with_borrow_mut(|running| ask(running.as_mut().unwrap()))
}

fn run<const N: usize>(ctx: &mut Context) -> Result<Outcome> {
    let ops = with(|running| {
        running.looks.push(Vec::new());
        running.handlers[N].clone()
    });
    for op in ops {
        if matches!(op, Op::Stop) {
            return Ok(Outcome::Stop);
        }
        perform(ctx, op)?;
    }
    Ok(Outcome::Done)
}

fn call<const N: usize>(ctx: &mut Context) {
    let ops = with(|running| running.callbacks[N].clone());
    for op in ops {
        // A flag call that fails is remembered by the context, and fails the hook.
        if perform(ctx, op).is_err() {
            return;
        }
    }
}

fn perform(ctx: &mut Context, op: Op) -> Result {
    match op {
        Op::Set(flag) => {
            let flag = endpoint::named(ctx, &flag);
            ctx.set_flag(flag)
        }
        Op::Clear(flag) => {
            let flag = endpoint::named(ctx, &flag);
            ctx.clear_flag(flag)
        }
        Op::Toggle(flag, set) => ctx.toggle_flag(flag, set),
        Op::LeaderSet(group, ignored) => {
            let pairs = group.into_iter().map(|(key, value)| (key, setting(&value)));
            match ctx.leader_set(pairs) {
                Err(_) if ignored => Ok(()),
                done => done,
            }
        }
        Op::LookFlag(flag) => {
            let set = ctx.is_flag_set(&flag)?;
            look(format!("flag {flag} {set}"));
            Ok(())
        }
        Op::LookLeader(key) => {
            let value = ctx.leader_get(&key)?;
            look(format!("leader {key} {}", value.as_deref().unwrap_or("-")));
            Ok(())
        }
        Op::LookConfig(option) => {
            let value = ctx.config()?.raw(&option).cloned().unwrap_or(Value::Null);
            look(format!("config {option} {value}"));
            Ok(())
        }
        Op::Trigger(trigger) => register(ctx, &trigger),
        Op::Elsewhere(key, value) => {
            with(|running| {
                if !running.leader {
                    running.juju.setting(&key, &value);
                }
            });
            Ok(())
        }
        Op::Publish(name, pairs) => endpoint::publish(ctx, &name, &pairs),
        Op::PublishJson(name, pairs) => endpoint::publish_json(ctx, &name, &pairs),
        Op::PublishDefault(name, key, value) => endpoint::publish_default(ctx, &name, &key, &value),
        Op::PublishApp(name, pairs) => {
            if with(|running| running.leader) {
                endpoint::publish_app(ctx, &name, &pairs)?;
            }
            Ok(())
        }
        Op::ForgetDeparted(name) => endpoint::of(ctx, &name)?.forget_departed(ctx),
        Op::Request(name, job, size) => endpoint::request(ctx, &name, &job, size),
        Op::Respond(name, result) => endpoint::respond(ctx, &name, result),
        Op::LookRequests(name) => seen(ctx, "requests", &name, endpoint::requests),
        Op::LookAsked(name) => seen(ctx, "asked", &name, endpoint::asked),
        Op::LookUnits(name) => seen(ctx, "units", &name, endpoint::units),
        Op::LookRelations(name) => seen(ctx, "relations", &name, endpoint::relations),
        Op::LookReceived(name, field) => seen(ctx, "received", &name, |ctx, e| {
            endpoint::received(ctx, e, &field)
        }),
        Op::LookApp(name, field) => seen(ctx, "app", &name, |ctx, e| {
            endpoint::received_app(ctx, e, &field)
        }),
        Op::LookPublished(name) => seen(ctx, "published", &name, endpoint::published),
        Op::LookDeparted(name) => seen(ctx, "departed", &name, endpoint::departed),
        Op::Fail | Op::Stop => Err(std::io::Error::other("the world says so").into()),
    }
}

/// Looks at an endpoint.
fn seen(
    ctx: &mut Context,
    what: &str,
    name: &str,
    question: impl FnOnce(&mut Context, &Endpoint) -> Result<Value>,
) -> Result {
    let endpoint = endpoint::of(ctx, name)?;
    let answer = question(ctx, &endpoint)?;
    look(format!("{what} {} {answer}", endpoint.name()));
    Ok(())
}

fn look(seen: String) {
    with(|running| {
        if let Some(looks) = running.looks.last_mut() {
            looks.push(seen);
        }
    });
}

/// Ensign knows strings only, and an empty one removes (D10, D11).
fn setting(value: &Value) -> String {
    match value {
        Value::Null => String::new(),
        Value::String(text) => text.clone(),
        other => other.to_string(),
    }
}

fn register(ctx: &mut Context, trigger: &world::Trigger) -> Result {
    let mut builder = match (&trigger.when, &trigger.when_not) {
        (Some(flag), _) => Trigger::when(flag),
        (None, Some(flag)) => Trigger::when_not(flag),
        (None, None) => unreachable!("the generator names one"),
    };
    if let Some(flag) = &trigger.set {
        builder = builder.set_flag(flag);
    }
    if let Some(flag) = &trigger.clear {
        builder = builder.clear_flag(flag);
    }
    if let Some(callback) = trigger.callback {
        builder = builder.callback(CALLBACKS[callback]);
    }
    ctx.register_trigger(builder)
}
