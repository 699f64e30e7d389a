//! Whose secret the other end refers to. One that is this unit's or its application's own must not be taken for theirs:
//! it could be sent back to them as what they had asked for.
//!
//! Juju tells an owner of its secrets, by `secret-info-get`, and of an application's the leader alone. What Ensign has made
//! itself is known by its content, on every unit: the salt of a relation's secret says whose it is.

use super::content::SALT;
use super::provider::{EndpointFlags, Texts};
use super::reference::{Reference, unreadable};
use crate::context::{Context, Updates};
use crate::error::{Error, ErrorKind, Result};
use crate::hook::HookKind;
use crate::store::Digest;
use crate::tools::{self, SecretRef};

/// So many URIs are remembered as not our own; of one that was forgotten Juju is asked again.
const MOST: usize = 64;

/// What every secret of the leadership layer says of itself.
const LEADER_DATA: &str = "\"ensign-gen\":\"";

/// A salt of this application's.
pub(super) fn salt(ctx: &mut Context) -> Result<String> {
    let random = format!("{:032x}", u128::from_be_bytes(ctx.random()?));
    let mark = mark(ctx, &random);
    Ok(format!("{random}-{mark}"))
}

fn mark(ctx: &Context, random: &str) -> Digest {
    let model = ctx.env().model_uuid.as_deref().unwrap_or_default();
    Digest::of(random, format!("{model} {}", ctx.app()).as_bytes())
}

/// Before what a field of theirs refers to is read; `endpoint` is whose they are.
pub(super) fn before(
    ctx: &mut Context,
    endpoint: &str,
    reference: Reference<'_>,
    field: &str,
) -> Result {
    let prefix = super::provider::prefix(endpoint);
    ctx.with_provider_of(&prefix, |provider: &mut EndpointFlags, ctx| {
        provider.must_be_theirs(ctx, reference, field)?;
        Ok(((), Updates::default()))
    })
}

/// After it was read.
pub(super) fn after(ctx: &Context, content: &Texts, field: &str) -> Result {
    let ours = content
        .get(SALT)
        .and_then(|salt| salt.split_once('-'))
        .is_some_and(|(random, said)| said == mark(ctx, random).to_string());
    if ours || is_leader_data(content) {
        return Err(own(field));
    }
    Ok(())
}

/// Nobody hands that over; so it is never theirs to refer to, whosever it is.
fn is_leader_data(content: &Texts) -> bool {
    let parts = 0..content.len();
    let text: String = parts
        .map_while(|number| content.get(&format!("data-{number}")))
        .map(String::as_str)
        .collect();
    text.contains(LEADER_DATA)
}

fn own(field: &str) -> Error {
    Error::new(
        ErrorKind::Invalid,
        format!(
            "the other end's `{}` refers to a secret of this application's own, which is not read as theirs",
            field.escape_debug()
        ),
    )
    .hint("the charm at the other end has to publish a secret that it has made itself")
}

impl EndpointFlags {
    fn must_be_theirs(
        &mut self,
        ctx: &mut Context,
        reference: Reference<'_>,
        field: &str,
    ) -> Result {
        let uri = ctx.digest(reference.uri());
        if let Some(memory) = &self.memory
            && memory.foreign.contains(&uri)
        {
            return Ok(());
        }
        let own_id = tools::secret_id(ctx.tools(), SecretRef::Id(reference.uri()));
        if own_id.map_err(|e| unreadable(e, field))?.is_some() {
            return Err(own(field));
        }
        if let Some(memory) = &mut self.memory {
            memory.foreign.push(uri);
            let surplus = memory.foreign.len().saturating_sub(MOST);
            memory.foreign.drain(..surplus);
        }
        Ok(())
    }

    /// A new leader is told of its application's secrets, too.
    pub(super) fn ask_again(&mut self, ctx: &Context) {
        if let Some(memory) = &mut self.memory
            && ctx.hook().kind() == HookKind::LeaderElected
        {
            memory.foreign.clear();
        }
    }
}
