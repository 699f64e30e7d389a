//! The pipeline: hook → context → automatic flags → dispatch → handlers → commit. The only place that knows
//! the order.

mod commit;
mod report;

use crate::context::{Context, SECRET_LABELS, Slot};
use crate::dispatch::{self, External, Tracer};
use crate::error::{Error, Result};
use crate::flags::Triggers;
use crate::handler::{CrateOrder, Registry};
use crate::hook::Hook;
use crate::host::Host;
use crate::metadata::Metadata;
use crate::store::{Document, Owner, Store};

pub(crate) use report::{before_start, complain, install_panic_hook};

/// How a hook ended.
#[derive(Debug)]
pub struct Ended {
    /// Why it failed, if it did; Juju's log has it already, with what was rolled back.
    pub error: Option<Error>,
    /// How many hook tools were called.
    pub calls: usize,
}

impl Ended {
    /// Whether the process exits 0.
    #[must_use]
    pub fn succeeded(&self) -> bool {
        self.error.is_none()
    }
}

/// Everything that is linked, in the order that the build found, else in the order of `main!`.
pub(crate) fn registry(crates: &[&str], metadata: &Metadata) -> Registry {
    let order = if metadata.layers.is_empty() {
        CrateOrder::new(crates.iter().copied())
    } else {
        CrateOrder::new(metadata.layers.iter().map(String::as_str))
    };
    Registry::linked(order)
}

/// Runs one hook, action or restricted hook from start to commit. A failure is reported to Juju's log.
pub fn hook(host: Host, registry: &Registry, tracer: &mut dyn Tracer) -> Ended {
    with_externals(host, registry, Vec::new(), tracer)
}

/// The same with executables that take part as handlers.
pub(crate) fn with_externals(
    host: Host,
    registry: &Registry,
    mut externals: Vec<Box<dyn External>>,
    tracer: &mut dyn Tracer,
) -> Ended {
    let mut host = host;
    let charm = registry.of_charm(&host.metadata);
    let registry = charm.as_ref();
    let prepared = registry
        .check()
        .and_then(|()| Ok(Triggers::declared(&registry.triggers)?))
        .and_then(|triggers| Ok((triggers, open(&mut host)?)));
    let (triggers, opened) = match prepared {
        Ok(prepared) => prepared,
        Err(error) => return report::before_start(host, error),
    };
    let mut ctx = context(host, opened.document, triggers, registry);
    let ended = run(&mut ctx, opened.rest, registry, &mut externals, tracer);
    let error = ended.err().map(|e| report::failure(&mut ctx, e));
    Ended {
        error,
        calls: ctx.tools.called().len(),
    }
}

/// A context whose providers all sleep: those that are registered, and one for each endpoint.
pub(crate) fn context(
    host: Host,
    document: Document,
    triggers: Triggers,
    registry: &Registry,
) -> Context {
    let mut slots: Vec<Slot> = registry.providers.iter().map(|e| Slot::of(e)).collect();
    let endpoints = registry.endpoints();
    slots.extend(
        endpoints
            .into_iter()
            .flat_map(|e| (e.slots)(&host.metadata)),
    );
    let mut ctx = Context::new(host, document, triggers, slots);
    ctx.relation_call = endpoints.map(|e| e.call);
    ctx
}

/// What was found on disk, apart from the document to begin with.
pub(crate) struct Rest {
    store: Option<Store>,
    next: Option<Document>,
    doubt: std::collections::BTreeSet<String>,
}

pub(crate) struct Opened {
    pub(crate) document: Document,
    pub(crate) rest: Rest,
}

/// Opens and locks the unit's state; restricted hooks have none.
pub(crate) fn open(host: &mut Host) -> Result<Opened> {
    let owner = Owner {
        model: host.env.model_uuid.clone().unwrap_or_default(),
        unit: host.env.unit.to_string(),
    };
    let mut key = [0; 16];
    if host.env.hook.is_restricted() {
        return Ok(Opened {
            document: Document::new(owner, key),
            rest: Rest {
                store: None,
                next: None,
                doubt: std::collections::BTreeSet::new(),
            },
        });
    }
    let (store, found) = Store::open(host.disk.as_mut(), &host.env.charm_dir, owner.clone())?;
    let document = match found.committed {
        Some(document) => document,
        None => {
            host.entropy
                .fill(&mut key)
                .map_err(|e| Error::from(e).context("cannot read the system's random generator"))?;
            Document::new(owner, key)
        }
    };
    Ok(Opened {
        document,
        rest: Rest {
            store: Some(store),
            next: found.next,
            doubt: found.doubt,
        },
    })
}

/// Brings state and Juju together: settles an earlier context's record, or goes on from this one's.
pub(crate) fn begin(ctx: &mut Context, rest: Rest, registry: &Registry) -> Result {
    ctx.doubt.earlier.clone_from(&rest.doubt);
    ctx.doubt.on_disk = rest.doubt;
    ctx.store = rest.store;
    if let Some(next) = rest.next {
        commit::settle(ctx, next)?;
    }
    ctx.remember_loaded();
    ctx.inherit_marks(registry.handlers().iter().map(|h| (h.id, h.was)));
    Ok(())
}

fn run(
    ctx: &mut Context,
    rest: Rest,
    registry: &Registry,
    externals: &mut [Box<dyn External>],
    tracer: &mut dyn Tracer,
) -> Result {
    begin(ctx, rest, registry)?;
    if !ctx.hook().is_exec() {
        automatic_flags(ctx, registry, externals)?;
        dispatch::dispatch(ctx, registry, externals, tracer)?;
    }
    finish(ctx, registry, externals)
}

/// The last step: everything becomes true, or nothing does.
pub(crate) fn finish(
    ctx: &mut Context,
    registry: &Registry,
    externals: &[Box<dyn External>],
) -> Result {
    ctx.unpoisoned()?;
    if ctx.is_restricted() {
        return Ok(());
    }
    ctx.remember_build(|id| {
        registry.handlers().iter().any(|h| h.id == id)
            || externals.iter().any(|e| id.starts_with(e.id()))
    });
    commit::commit(ctx)
}

/// Wakes every provider that a handler, a trigger or an executable mentions. The others cost nothing.
fn automatic_flags(
    ctx: &mut Context,
    registry: &Registry,
    externals: &[Box<dyn External>],
) -> Result {
    if ctx.is_restricted() {
        return Ok(());
    }
    for index in 0..ctx.slots.len() {
        let slot = &ctx.slots[index];
        let mentioned = dispatch::mentions(registry, slot)
            || externals.iter().any(|e| e.mentions(&slot.prefix))
            || is_about_secret_of(ctx.hook(), slot);
        if mentioned {
            ctx.wake(index)?;
        }
    }
    Ok(())
}

/// Whether the hook is about a secret that the slot's provider keeps: its label begins with the slot's prefix.
fn is_about_secret_of(hook: &Hook, slot: &Slot) -> bool {
    let label = hook.secret().and_then(|secret| secret.label.as_deref());
    let rest = label.and_then(|label| label.strip_prefix(SECRET_LABELS));
    rest.is_some_and(|rest| rest.starts_with(&*slot.prefix))
}
