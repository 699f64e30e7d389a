//! What handlers do with endpoints.

use std::collections::BTreeMap;

use ensign::prelude::Endpoint;
use ensign::{Context, FromContext as _, Result};
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

/// What is asked for.
#[derive(Debug, Serialize, Deserialize)]
struct Job {
    job: String,
    size: u32,
}

/// What came of it.
#[derive(Debug, Serialize, Deserialize)]
struct Answer {
    result: u32,
}

/// Changes to a data bag; `None` removes.
type Pairs = BTreeMap<String, Option<String>>;

/// A name in a handler of an interface.
pub(crate) fn named(ctx: &mut Context, name: &str) -> String {
    if !name.contains('{') {
        return name.to_owned();
    }
    Endpoint::from_context(ctx).unwrap().expand_name(name)
}

pub(crate) fn of(ctx: &mut Context, name: &str) -> Result<Endpoint> {
    let name = named(ctx, name);
    ctx.endpoint(&name)
}

fn texts(pairs: &Pairs) -> impl Iterator<Item = (&str, &str)> {
    let pairs = pairs.iter();
    pairs.map(|(key, value)| (key.as_str(), value.as_deref().unwrap_or_default()))
}

pub(crate) fn publish(ctx: &mut Context, name: &str, pairs: &Pairs) -> Result {
    of(ctx, name)?.publish(ctx, texts(pairs))
}

pub(crate) fn publish_app(ctx: &mut Context, name: &str, pairs: &Pairs) -> Result {
    of(ctx, name)?.publish_app(ctx, texts(pairs))
}

pub(crate) fn publish_json(
    ctx: &mut Context,
    name: &str,
    pairs: &BTreeMap<String, Value>,
) -> Result {
    for relation in of(ctx, name)?.relations(ctx)? {
        relation.publish_fields(ctx, pairs)?;
    }
    Ok(())
}

pub(crate) fn publish_default(ctx: &mut Context, name: &str, key: &str, value: &str) -> Result {
    for relation in of(ctx, name)?.relations(ctx)? {
        relation.publish_default(ctx, key, value)?;
    }
    Ok(())
}

pub(crate) fn units(ctx: &mut Context, endpoint: &Endpoint) -> Result<Value> {
    let units = endpoint.units(ctx)?;
    let names = units
        .iter()
        .map(|u| format!("{} {}", u.relation().id(), u.name()));
    Ok(names.collect())
}

pub(crate) fn relations(ctx: &mut Context, endpoint: &Endpoint) -> Result<Value> {
    let relations = endpoint.relations(ctx)?;
    Ok(relations.iter().map(|r| r.id().to_owned()).collect())
}

pub(crate) fn received(ctx: &mut Context, endpoint: &Endpoint, field: &str) -> Result<Value> {
    Ok(json!([endpoint.received(ctx)?.json(field)]))
}

pub(crate) fn received_app(ctx: &mut Context, endpoint: &Endpoint, field: &str) -> Result<Value> {
    let mut told = Vec::new();
    for relation in endpoint.relations(ctx)? {
        if !relation.units(ctx)?.is_empty() {
            told.push(relation.received_app(ctx)?.json(field));
        }
    }
    Ok(json!(told))
}

pub(crate) fn published(ctx: &mut Context, endpoint: &Endpoint) -> Result<Value> {
    let mut told = Vec::new();
    for relation in endpoint.relations(ctx)? {
        let published = relation.published(ctx)?;
        let plain = published.iter().filter(|(key, _)| is_plain(key));
        told.push(json!(plain.collect::<BTreeMap<_, _>>()));
    }
    Ok(json!(told))
}

pub(crate) fn departed(ctx: &mut Context, endpoint: &Endpoint) -> Result<Value> {
    let mut told = Vec::new();
    for unit in endpoint.departed_units(ctx)? {
        let data = unit.received(ctx).ok();
        let data = data.map(|data| {
            let texts = data.iter().map(|(k, v)| (k.to_owned(), json!(v)));
            texts.collect::<serde_json::Map<_, _>>()
        });
        told.push(json!([
            format!("{} {}", unit.relation().id(), unit.name()),
            data
        ]));
    }
    Ok(json!(told))
}

/// Not JSON, of which there is more than one way to write the same.
pub(crate) fn is_plain(key: &str) -> bool {
    key != "json" && !key.starts_with("request_") && !key.starts_with("response_")
}

pub(crate) fn request(ctx: &mut Context, name: &str, job: &str, size: u32) -> Result {
    let asked = Job {
        job: job.to_owned(),
        size,
    };
    for relation in of(ctx, name)?.relations(ctx)? {
        relation.request_or_update(ctx, &asked, |old: &Job| old.job == job)?;
    }
    Ok(())
}

pub(crate) fn respond(ctx: &mut Context, name: &str, result: u32) -> Result {
    for received in of(ctx, name)?.new_requests(ctx)? {
        received.respond(ctx, &Answer { result })?;
    }
    Ok(())
}

pub(crate) fn requests(ctx: &mut Context, endpoint: &Endpoint) -> Result<Value> {
    let mut told = Vec::new();
    for request in endpoint.requests(ctx)? {
        let asked: Job = request.read()?;
        let answer: Option<Answer> = request.response(ctx)?;
        let relation = request.relation().id();
        told.push(json!([
            relation,
            asked.job,
            asked.size,
            answer.map(|a| a.result)
        ]));
    }
    Ok(sorted(told))
}

pub(crate) fn asked(ctx: &mut Context, endpoint: &Endpoint) -> Result<Value> {
    let mut told = Vec::new();
    for request in endpoint.received_requests(ctx)? {
        let asked: Job = request.read()?;
        let new = !request.is_answered(ctx)?;
        let (unit, id) = (request.unit(), request.id());
        let relation = unit.relation().id();
        told.push(json!([
            relation,
            unit.name(),
            id,
            asked.job,
            asked.size,
            new
        ]));
    }
    Ok(sorted(told))
}

/// In an order that does not hang on random ids.
fn sorted(mut told: Vec<Value>) -> Value {
    told.sort_by_key(ToString::to_string);
    Value::Array(told)
}
