//! Settling and committing: how the unit's document and Juju's transaction stay one.
//!
//! A commit goes in one order everywhere: `state.next`, `state-set`, then publication. Juju may drop all of it,
//! or, on some versions, a part; whoever comes next finds out and settles.

use std::collections::BTreeMap;

use crate::context::{Context, SlotState};
use crate::error::Result;
use crate::store::{Document, Record, Store};
use crate::tools;

/// The key of Juju's own per-unit state that ties it to our document.
pub(super) const COMMIT_KEY: &str = "ensign-commit";

/// Settles a staged document: this context goes on from its own; another's is promoted or dropped.
pub(super) fn settle(ctx: &mut Context, next: Document) -> Result {
    let Some(record) = next.record.clone() else {
        // Nothing ever writes one without a record: it proves nothing and promises nothing.
        return drop_staged(ctx, &Record::default());
    };
    if record.context == ctx.env.context_id {
        ctx.adopt(next.without_record(), Some(record));
        return Ok(());
    }
    let stored = tools::state_get(&mut ctx.tools, COMMIT_KEY)?;
    if stored.as_deref() == Some(record.id.as_str()) && !lost(ctx, &record)? {
        if let Some(store) = &ctx.store {
            store.promote(ctx.disk.as_mut(), &record, &mut ctx.doubt.on_disk)?;
        }
        ctx.doubt.earlier.clone_from(&ctx.doubt.on_disk);
        ctx.adopt(next.without_record(), None);
        return Ok(());
    }
    drop_staged(ctx, &record)
}

/// Whether something the record wrote is proved not to have arrived.
fn lost(ctx: &mut Context, record: &Record) -> Result<bool> {
    for (prefix, wrote) in &record.wrote {
        if let Some(index) = ctx.slots.iter().position(|s| *s.prefix == **prefix)
            && ctx.ask(index, |provider, ctx| provider.lost(ctx, wrote))?
        {
            return Ok(true);
        }
    }
    Ok(false)
}

fn drop_staged(ctx: &mut Context, record: &Record) -> Result {
    ctx.touched = false;
    for (prefix, wrote) in &record.wrote {
        if let Some(index) = ctx.slots.iter().position(|s| *s.prefix == **prefix) {
            ctx.ask(index, |provider, ctx| provider.dropped(ctx, wrote))?;
        }
    }
    // What providers must forget goes to disk before the record that says so disappears.
    let committed = ctx.touched.then(|| ctx.finished_document());
    ctx.touched = false;
    if let Some(store) = &ctx.store {
        store.drop_staged(ctx.disk.as_mut(), committed.as_ref())?;
    }
    Ok(())
}

/// Makes everything true at once, as far as Juju allows. A context that changed nothing calls no tool.
pub(super) fn commit(ctx: &mut Context) -> Result {
    let mut wrote: BTreeMap<String, serde_json::Value> = ctx
        .record
        .as_ref()
        .map(|r| r.wrote.clone())
        .unwrap_or_default();
    for index in 0..ctx.slots.len() {
        if ctx.slots[index].state == SlotState::Awake
            && let Some(value) = ctx.ask(index, |provider, ctx| provider.commit(ctx))?
        {
            wrote.insert(ctx.slots[index].prefix.to_string(), value);
        }
    }
    let mut document = ctx.finished_document();
    let changed = !ctx.publication.is_empty()
        || !ctx.doubt.succeeded.is_empty()
        || (ctx.touched && ctx.differs(&document));
    if !changed {
        return Ok(());
    }
    let mut record = match ctx.record.take() {
        Some(record) => record,
        None => Record::new(
            format!("{:032x}", u128::from_be_bytes(ctx.random()?)),
            ctx.env.context_id.clone(),
        ),
    };
    record.succeeded.append(&mut ctx.doubt.succeeded.clone());
    record.wrote = wrote;
    let id = record.id.clone();
    document.record = Some(record);
    if let Some(store) = &ctx.store {
        store.stage(ctx.disk.as_mut(), &document)?;
    }
    tools::state_set(
        &mut ctx.tools,
        &BTreeMap::from([(COMMIT_KEY.to_owned(), id)]),
    )?;
    let file = ctx.store.as_ref().map(Store::secret_file);
    ctx.publication
        .publish(&mut ctx.tools, ctx.disk.as_mut(), file.as_deref())
}
