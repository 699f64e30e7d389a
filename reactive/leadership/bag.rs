//! The peer relation's application data: written when the hook succeeds, read by every unit.

use ensign::hook::HookKind;
use ensign::{Bag, Context, Error, ErrorKind, Result, tools};

use super::LeadershipFlags;
use super::contents::{Contents, IN_BAG};

/// What can be seen of the peer relation from this hook.
#[derive(Debug)]
pub(super) enum PeerData {
    /// The charm has no peer endpoint.
    NoEndpoint,
    /// It cannot be reached yet: in `install` there is no peer relation. That is not the same as empty.
    NotYet,
    /// It cannot be reached any more: while the unit goes away.
    Hidden,
    /// It is there.
    Open(OpenBag),
}

/// The bag within reach.
#[derive(Debug)]
pub(super) struct OpenBag {
    pub(super) relation: String,
    pub(super) contents: Contents,
}

impl LeadershipFlags {
    /// Looks into the bag, once in this context.
    pub(super) fn peer_data(&mut self, ctx: &mut Context) -> Result<&mut PeerData> {
        if self.bag.is_none() {
            let bag = self.look_into_bag(ctx)?;
            self.bag = Some(bag);
        }
        Ok(self.bag.get_or_insert(PeerData::NoEndpoint))
    }

    /// The bag, if it is within reach.
    pub(super) fn open_bag(&mut self, ctx: &mut Context) -> Result<Option<&mut OpenBag>> {
        Ok(match self.peer_data(ctx)? {
            PeerData::Open(bag) => Some(bag),
            _ => None,
        })
    }

    fn look_into_bag(&mut self, ctx: &mut Context) -> Result<PeerData> {
        let Some(endpoint) = self.plan(ctx)?.endpoint.clone() else {
            return Ok(PeerData::NoEndpoint);
        };
        let Some(relation) = find(ctx, &endpoint)? else {
            let leaving = matches!(ctx.hook().kind(), HookKind::Stop | HookKind::Remove);
            let hidden = leaving || self.memory(ctx)?.reached;
            return Ok(if hidden {
                PeerData::Hidden
            } else {
                PeerData::NotYet
            });
        };
        let app = ctx.app().to_owned();
        let bag = tools::relation_get(ctx.tools(), &relation, true, &app)?;
        Ok(PeerData::Open(OpenBag {
            relation,
            contents: Contents::of_bag(bag),
        }))
    }

    /// Publishes keys of ours with the commit, and takes them in. `bell` and generations are keys like others.
    pub(super) fn publish_bag(
        &mut self,
        ctx: &mut Context,
        pairs: impl IntoIterator<Item = (String, Option<String>)>,
    ) -> Result {
        let Some(relation) = self.open_bag(ctx)?.map(|bag| bag.relation.clone()) else {
            return Err(no_endpoint(ctx));
        };
        let pairs = pairs
            .into_iter()
            .map(|(key, value)| (format!("{IN_BAG}{key}"), value));
        ctx.publish(&relation, Bag::App, pairs);
        Ok(())
    }
}

/// What a charm without a peer endpoint is told where Juju has no other place for leader data.
pub(super) fn no_endpoint(ctx: &Context) -> Error {
    let app = ctx.app().to_owned();
    Error::new(
        ErrorKind::Unavailable,
        "Juju 4 keeps leader data in a peer relation, and this charm has no peer endpoint",
    )
    .hint(format!(
        "add to metadata.yaml:\npeers:\n  cluster:\n    interface: {app}-peers"
    ))
}

fn find(ctx: &mut Context, endpoint: &str) -> Result<Option<String>> {
    if let Some(relation) = ctx.hook().relation()
        && relation.endpoint == endpoint
    {
        return Ok(Some(relation.id.clone()));
    }
    Ok(tools::relation_ids(ctx.tools(), endpoint)?
        .into_iter()
        .next())
}
