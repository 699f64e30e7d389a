//! `--describe`: the registry and its graph as JSON.

use serde_json::{Value, json};

use super::condition::source_name;
use super::graph::FlagGraph;
use crate::flags::Flag;
use crate::handler::{Clause, Handler, Registry};

/// Everything that is registered, as `BINARY --describe` prints it. Sorted, so that equal charms print equal
/// bytes.
///
/// `graph.nodes` holds names such as `flag:a`, `source:leader=k` and `handler:charm::f`; `graph.edges` holds
/// `[from, to, "reads" | "sets" | "clears"]` over those names.
#[must_use]
pub fn describe(registry: &Registry) -> Value {
    let mut handlers: Vec<&Handler> = registry.handlers.clone();
    handlers.sort_by_key(|h| h.id);
    let mut triggers: Vec<Value> = registry.triggers.iter().map(|t| trigger(t)).collect();
    triggers.sort_by_key(Value::to_string);
    let graph = FlagGraph::of(registry);
    let edges: Vec<Value> = graph
        .edges()
        .into_iter()
        .map(|(from, to, edge)| json!([from.to_string(), to.to_string(), edge.name()]))
        .collect();
    json!({
        "schema": 1,
        "ensign": env!("CARGO_PKG_VERSION"),
        "crates": registry.crates().crates(),
        "handlers": handlers.into_iter().map(handler).collect::<Vec<_>>(),
        "triggers": triggers,
        "graph": {
            "nodes": graph.nodes().map(ToString::to_string).collect::<Vec<_>>(),
            "edges": edges,
        },
    })
}

fn handler(handler: &Handler) -> Value {
    let mut described = json!({
        "id": handler.id,
        "crate": handler.krate,
        "file": handler.file,
        "line": handler.line,
        "clauses": handler.clauses.iter().map(clause).collect::<Vec<_>>(),
        "sets": handler.sets,
        "clears": handler.clears,
        "before": handler.before,
        "after": handler.after,
        "was": handler.was,
    });
    if let Some(interface) = handler.interface {
        described["role"] = interface.role().name().into();
        described["interface"] = interface.name().into();
    }
    described
}

fn clause(clause: &Clause) -> Value {
    let names = |flags: &[Flag]| {
        flags
            .iter()
            .map(|f| f.name().to_owned())
            .collect::<Vec<_>>()
    };
    let texts = |list: &[&str]| list.iter().map(|t| (*t).to_owned()).collect::<Vec<_>>();
    let (kind, args) = match clause {
        Clause::When(f) => ("when", names(f)),
        Clause::WhenAny(f) => ("when_any", names(f)),
        Clause::WhenNot(f) => ("when_not", names(f)),
        Clause::WhenNotAll(f) => ("when_not_all", names(f)),
        Clause::WhenChanged(s) => ("when_changed", s.iter().map(source_name).collect()),
        Clause::Hook(p) => ("hook", texts(p)),
        Clause::Action(n) => ("action", texts(n)),
        Clause::OnlyOnce => ("only_once", Vec::new()),
        Clause::NotUnless(f) => ("not_unless", names(f)),
        Clause::CollectMetrics => ("collect_metrics", Vec::new()),
        Clause::MeterStatusChanged => ("meter_status_changed", Vec::new()),
    };
    json!({"kind": kind, "args": args})
}

fn trigger(trigger: &crate::flags::TriggerDecl) -> Value {
    let names = |flags: &[Flag]| flags.iter().map(Flag::name).collect::<Vec<_>>();
    let (key, cause) = match (trigger.when, trigger.when_not) {
        (Some(flag), _) => ("when", flag.name()),
        (None, Some(flag)) => ("when_not", flag.name()),
        (None, None) => ("when", ""),
    };
    json!({key: cause, "set": names(trigger.set), "clear": names(trigger.clear)})
}
