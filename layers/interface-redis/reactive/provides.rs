//! The side of the servers.

use ensign::prelude::*;

use crate::offer::Fields;
use crate::{Offer, UnitOffer};

/// What a serving charm does with its endpoint.
pub trait Provides {
    /// Publishes for the application, to every relation. Only the leader may.
    ///
    /// # Errors
    /// `NotLeader` on any other unit, and when Juju cannot be asked.
    fn redis_offer(&self, ctx: &mut Context, offer: &Offer) -> Result;

    /// Publishes for this unit, to every relation.
    ///
    /// # Errors
    /// When Juju cannot be asked.
    fn redis_offer_unit(&self, ctx: &mut Context, offer: &UnitOffer) -> Result;

    /// Whether no client still uses another password than that of this version. A client that never confirms
    /// anything is not waited for: it does not know how to.
    ///
    /// # Errors
    /// When Juju cannot be asked.
    fn redis_confirmed(&self, ctx: &mut Context, version: &str) -> Result<bool>;
}

impl Provides for Endpoint {
    fn redis_offer(&self, ctx: &mut Context, offer: &Offer) -> Result {
        let fields = Fields {
            mode: offer.mode,
            primary: offer.primary.as_ref().map(ToString::to_string),
            nodes: offer.nodes.clone(),
            version: offer.version.clone(),
        };
        for relation in self.relations(ctx)? {
            relation.publish_app_fields(ctx, &fields)?;
            relation.publish_app(ctx, [("password", &offer.password)])?;
        }
        Ok(())
    }

    fn redis_offer_unit(&self, ctx: &mut Context, offer: &UnitOffer) -> Result {
        for relation in self.relations(ctx)? {
            relation.publish_fields(ctx, offer)?;
        }
        Ok(())
    }

    fn redis_confirmed(&self, ctx: &mut Context, version: &str) -> Result<bool> {
        for unit in self.units(ctx)? {
            let received = unit.received(ctx)?;
            if received.get("version").is_some_and(|used| used != version) {
                return Ok(false);
            }
        }
        Ok(true)
    }
}
