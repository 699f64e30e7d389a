//! Handlers of interface layers: written once, there once for every endpoint of their interface (B33).

use std::any::Any;
use std::collections::BTreeMap;
use std::sync::{Mutex, PoisonError};

use super::{Clause, Handler, Registry, Source};
use crate::flags::{Flag, TriggerDecl};
use crate::metadata::{Interface, Metadata};

/// What stands for the endpoint's name.
pub(crate) const PLACEHOLDER: &str = "{endpoint_name}";

/// What the charm of this metadata has: templates replaced by their instances.
pub(crate) fn instances(registry: &Registry, metadata: &Metadata) -> Registry {
    let mut all = registry.clone();
    let templates = registry.handlers.iter().filter(|h| h.interface.is_some());
    all.templates = templates.map(|h| h.id).collect();
    all.handlers = each(&registry.handlers, metadata, |h| h.interface, handler);
    all.triggers = each(&registry.triggers, metadata, |t| t.interface, trigger);
    all
}

/// The list with its templates replaced by their instances.
fn each<T>(
    list: &[&'static T],
    metadata: &Metadata,
    interface: impl Fn(&T) -> Option<Interface>,
    instance: impl Fn(&'static T, &str) -> &'static T,
) -> Vec<&'static T> {
    let mut all = Vec::with_capacity(list.len());
    for item in list {
        match interface(item) {
            None => all.push(*item),
            Some(interface) => all.extend(interface.endpoints(metadata).map(|e| instance(item, e))),
        }
    }
    all
}

/// What was made, by template and endpoint. It lives as long as the process, which is one hook; where many hooks
/// run in one, as in tests, each instance is made once.
static MADE: Mutex<BTreeMap<(usize, String), &'static (dyn Any + Send + Sync)>> =
    Mutex::new(BTreeMap::new());

fn made<T: Any + Send + Sync>(
    template: &'static T,
    endpoint: &str,
    make: impl FnOnce() -> T,
) -> &'static T {
    let mut all = MADE.lock().unwrap_or_else(PoisonError::into_inner);
    let key = (std::ptr::from_ref(template) as usize, endpoint.to_owned());
    let known = all.get(&key).and_then(|any| any.downcast_ref::<T>());
    if let Some(known) = known {
        return known;
    }
    let new: &'static T = Box::leak(Box::new(make()));
    all.insert(key, new);
    new
}

/// The handler as that endpoint has it.
fn handler(template: &'static Handler, endpoint: &str) -> &'static Handler {
    made(template, endpoint, || Handler {
        id: leaked(instance_id(template.id, endpoint)),
        clauses: leaked_list(template.clauses, |c| clause(c, endpoint)),
        sets: texts(template.sets, endpoint),
        clears: texts(template.clears, endpoint),
        was: leaked_list(template.was, |id| leaked(instance_id(id, endpoint))),
        interface: None,
        endpoint: Some(leaked(endpoint.to_owned())),
        ..*template
    })
}

/// The trigger as that endpoint has it (B69).
fn trigger(template: &'static TriggerDecl, endpoint: &str) -> &'static TriggerDecl {
    made(template, endpoint, || TriggerDecl {
        when: template.when.map(|f| flag(f, endpoint)),
        when_not: template.when_not.map(|f| flag(f, endpoint)),
        set: flags(template.set, endpoint),
        clear: flags(template.clear, endpoint),
        interface: None,
        ..*template
    })
}

/// How an instance is told from its siblings in logs and marks.
pub(super) fn instance_id(template: &str, endpoint: &str) -> String {
    format!("{template}({endpoint})")
}

fn clause(template: &Clause, endpoint: &str) -> Clause {
    let flags = |list| flags(list, endpoint);
    match template {
        Clause::When(f) => Clause::When(flags(f)),
        Clause::WhenAny(f) => Clause::WhenAny(flags(f)),
        Clause::WhenNot(f) => Clause::WhenNot(flags(f)),
        Clause::WhenNotAll(f) => Clause::WhenNotAll(flags(f)),
        Clause::NotUnless(f) => Clause::NotUnless(flags(f)),
        Clause::WhenChanged(s) => Clause::WhenChanged(leaked_list(s, |source| Source {
            kind: source.kind,
            key: text(source.key, endpoint),
        })),
        Clause::Hook(p) => Clause::Hook(texts(p, endpoint)),
        Clause::Action(n) => Clause::Action(n),
        Clause::OnlyOnce => Clause::OnlyOnce,
        Clause::CollectMetrics => Clause::CollectMetrics,
        Clause::MeterStatusChanged => Clause::MeterStatusChanged,
    }
}

fn flags(list: &'static [Flag], endpoint: &str) -> &'static [Flag] {
    leaked_list(list, |f| flag(*f, endpoint))
}

fn flag(template: Flag, endpoint: &str) -> Flag {
    Flag::of(text(template.name(), endpoint))
}

fn texts(list: &'static [&'static str], endpoint: &str) -> &'static [&'static str] {
    leaked_list(list, |t| text(t, endpoint))
}

fn text(template: &'static str, endpoint: &str) -> &'static str {
    if template.contains(PLACEHOLDER) {
        leaked(template.replace(PLACEHOLDER, endpoint))
    } else {
        template
    }
}

fn leaked(text: String) -> &'static str {
    Box::leak(text.into_boxed_str())
}

fn leaked_list<A, B>(list: &'static [A], make: impl FnMut(&'static A) -> B) -> &'static [B] {
    Box::leak(list.iter().map(make).collect())
}
