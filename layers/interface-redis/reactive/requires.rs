//! The side of the clients.

use ensign::prelude::*;

use crate::offer::Fields;
use crate::{Mode, Redis};

const INTERFACE: Interface = Interface::requires(crate::INTERFACE);

/// What a client does with its endpoint.
pub trait Requires {
    /// What the endpoint offers; `None` until all of it is there. Of several relations the first counts.
    ///
    /// # Errors
    /// When Juju cannot be asked, what is published is no such thing, or the password may not be read.
    fn redis(&self, ctx: &mut Context) -> Result<Option<Redis>>;

    /// Tells the servers that this unit uses that password from now on, and no former one.
    ///
    /// # Errors
    /// When Juju cannot be asked.
    fn redis_confirm(&self, ctx: &mut Context, redis: &Redis) -> Result;
}

impl Requires for Endpoint {
    fn redis(&self, ctx: &mut Context) -> Result<Option<Redis>> {
        for relation in self.relations(ctx)? {
            let received = relation.received_app(ctx)?;
            let Some(fields) = received.read::<Fields>()? else {
                continue;
            };
            let primary = fields.primary.and_then(|text| text.parse().ok());
            if primary.is_none() && (fields.mode == Mode::Standalone || fields.nodes.is_empty()) {
                continue;
            }
            let Some(password) = received.secret(ctx, "password")? else {
                continue;
            };
            return Ok(Some(Redis {
                mode: fields.mode,
                primary,
                nodes: fields.nodes,
                password,
                version: fields.version,
                relation: relation.id().to_owned(),
            }));
        }
        Ok(None)
    }

    fn redis_confirm(&self, ctx: &mut Context, redis: &Redis) -> Result {
        match self.relation(ctx, &redis.relation)? {
            Some(relation) => relation.publish(ctx, [("version", redis.version.as_str())]),
            None => Ok(()),
        }
    }
}

/// Only what is new is looked at: a relation that does not change costs nothing.
#[when_changed(
    endpoint = "{endpoint_name}.mode",
    endpoint = "{endpoint_name}.primary",
    endpoint = "{endpoint_name}.nodes",
    endpoint = "{endpoint_name}.password"
)]
#[sets("{endpoint_name}.available")]
#[clears("{endpoint_name}.available")]
fn look(ctx: &mut Context, endpoint: Endpoint) -> Result {
    let available = endpoint.redis(ctx)?.is_some();
    ctx.toggle_flag(endpoint.expand_name("{endpoint_name}.available"), available)
}

trigger!(
    when_not = "endpoint.{endpoint_name}.joined",
    clear = "{endpoint_name}.available"
);
