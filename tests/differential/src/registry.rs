//! A version of the charm as a registry of handlers.

use ensign::handler::{Clause, Registry};
use ensign::{Flag, Handler, Interface, TriggerDecl};

use crate::interpreter;
use crate::support::NO_TRIGGER;
use crate::world;

/// Never runs. It names every namespace of automatic flags, since Ensign leaves out those that nobody names.
static ANCHOR: Handler = Handler::new(
    "~anchor",
    &[Clause::When(&[
        Flag::new("nobody.sets.this"),
        Flag::new("config.changed"),
        Flag::new("leadership.is_leader"),
        Flag::new("upgrade.series.in-progress"),
    ])],
    |_| Ok(ensign::Outcome::Done),
);

/// The same for the endpoints of worlds that are about them.
static ENDPOINTS: Handler = Handler::new(
    "~endpoints",
    &[Clause::When(&[
        Flag::new("nobody.sets.this"),
        Flag::new("endpoint.db.joined"),
        Flag::new("endpoint.spare.joined"),
        Flag::new("endpoint.web.joined"),
    ])],
    |_| Ok(ensign::Outcome::Done),
);

/// Handlers are constant data in a charm; here each world's live as long as the process.
pub(crate) fn of(version: &world::Version) -> Registry {
    let interfaces = version.interfaces.iter().flat_map(|(place, interface)| {
        interface
            .handlers
            .iter()
            .map(|_| Some(self::interface(place)))
    });
    let of_charm = version.handlers.iter().map(|_| None);
    let handlers = version
        .all_handlers()
        .zip(of_charm.chain(interfaces))
        .enumerate()
        .map(|(index, (handler, interface))| {
            let clauses = list(handler.clauses.iter().map(clause));
            let handler = Handler {
                interface,
                ..Handler::new(text(&handler.id), clauses, interpreter::HANDLERS[index])
            };
            &*Box::leak(Box::new(handler))
        });
    let of_interfaces = version.interfaces.iter().flat_map(|(place, interface)| {
        let triggers = interface.triggers.iter();
        triggers.map(|trigger| self::trigger(trigger, Some(self::interface(place))))
    });
    let triggers = version
        .triggers
        .iter()
        .map(|trigger| self::trigger(trigger, None));
    let anchors = [&ANCHOR]
        .into_iter()
        .chain((!version.interfaces.is_empty()).then_some(&ENDPOINTS));
    Registry::new(handlers.chain(anchors), triggers.chain(of_interfaces))
}

/// A declared trigger has no callback; those that have one are registered when the charm is loaded, too, but by a
/// handler of charms.reactive's kind only: the generator makes none.
fn trigger(trigger: &world::Trigger, interface: Option<Interface>) -> &'static TriggerDecl {
    assert!(
        trigger.callback.is_none(),
        "a declared trigger calls nothing"
    );
    Box::leak(Box::new(TriggerDecl {
        when: trigger.when.as_deref().map(flag),
        when_not: trigger.when_not.as_deref().map(flag),
        set: list(trigger.set.as_deref().map(flag)),
        clear: list(trigger.clear.as_deref().map(flag)),
        interface,
        ..NO_TRIGGER
    }))
}

/// `requires/sql`
fn interface(place: &str) -> Interface {
    match place.split_once('/') {
        Some(("requires", name)) => Interface::requires(text(name)),
        Some(("provides", name)) => Interface::provides(text(name)),
        _ => panic!("the generator knows no interface `{place}`"),
    }
}

fn clause(clause: &world::Clause) -> Clause {
    match clause {
        world::Clause::When(names) => Clause::When(flags(names)),
        world::Clause::WhenAny(names) => Clause::WhenAny(flags(names)),
        world::Clause::WhenNot(names) => Clause::WhenNot(flags(names)),
        world::Clause::WhenNotAll(names) => Clause::WhenNotAll(flags(names)),
        world::Clause::NotUnless(names) => Clause::NotUnless(flags(names)),
        world::Clause::Hook(patterns) => Clause::Hook(list(patterns.iter().map(|p| text(p)))),
        world::Clause::OnlyOnce => Clause::OnlyOnce,
        world::Clause::CollectMetrics => Clause::CollectMetrics,
        world::Clause::MeterStatusChanged => Clause::MeterStatusChanged,
    }
}

fn flags(names: &[String]) -> &'static [Flag] {
    list(names.iter().map(|name| flag(name)))
}

fn flag(name: &str) -> Flag {
    Flag::new(text(name))
}

fn text(text: &str) -> &'static str {
    Box::leak(Box::from(text))
}

fn list<T>(items: impl IntoIterator<Item = T>) -> &'static [T] {
    Box::leak(items.into_iter().collect())
}
