//! What each unit has taken: its field `applied` in the peer relation.

use ensign::prelude::*;

use crate::step::Rotation;

/// What this unit has taken.
const APPLIED: &str = "layer.rotation.applied";
/// Set while it could not be told to anybody.
pub(crate) const UNTOLD: &str = "layer.rotation.untold";
const FIELD: &str = "applied";

/// Says that this unit has taken that.
pub(crate) fn applied(ctx: &mut Context, rotation: Rotation) -> Result {
    ctx.kv().set(APPLIED, &rotation.to_string())?;
    tell(ctx)
}

/// Tells the other units. In the hook in which the last of them departs there is no relation: then in the next one.
pub(crate) fn tell(ctx: &mut Context) -> Result {
    let peers = endpoint(ctx)?;
    let applied: String = ctx.kv().get_or(APPLIED, String::new())?;
    peers.publish(ctx, [(FIELD, applied)])?;
    let untold = peers.relations(ctx)?.is_empty();
    ctx.toggle_flag(UNTOLD, untold)
}

/// Whether there is a relation to other units, even if none of them is there.
pub(crate) fn can_be_told(ctx: &mut Context) -> Result<bool> {
    Ok(!endpoint(ctx)?.relations(ctx)?.is_empty())
}

/// Units that have not taken this yet; `None` where this unit itself leaves: it sees the others go, and decides
/// nothing.
///
/// Juju is asked who is there: the relation may list units that were removed without a word, as on Juju 4, and does not
/// list yet who is about to join and may have taken what holds now. A unit that is listed and has taken nothing is not
/// waited for, since it begins with all there is. One that leaves is waited for until it is gone: it may take nothing
/// any more, and has to hand over what it has to the others.
pub(crate) fn behind(ctx: &mut Context, rotation: Rotation) -> Result<Option<Vec<String>>> {
    let own = ctx.unit().to_string();
    let mut there = ctx.goal_state()?.units;
    match there.remove(&own) {
        Some(goal) if goal.status != "dying" => {}
        _ => return Ok(None),
    }
    let current = rotation.to_string();
    let mut behind = Vec::new();
    let applied: Option<String> = ctx.kv().get(APPLIED)?;
    if applied.as_ref() != Some(&current) {
        behind.push(own);
    }
    let peers = endpoint(ctx)?;
    for name in there.into_keys() {
        let is_behind = match peers.unit(ctx, &name)? {
            Some(unit) => {
                let received = unit.received(ctx)?;
                received.get(FIELD).is_some_and(|text| text != current)
            }
            None => true,
        };
        if is_behind {
            behind.push(name);
        }
    }
    Ok(Some(behind))
}

/// The one of the layer's option, else the only one there is.
fn endpoint(ctx: &Context) -> Result<Endpoint> {
    let metadata = ctx.metadata();
    let option = metadata
        .option("rotation", "peer")
        .and_then(|name| name.as_str());
    if let Some(name) = option.filter(|name| !name.is_empty()) {
        return ctx.endpoint(name);
    }
    let mut peers = metadata.peers();
    match (peers.next(), peers.next()) {
        (Some(name), None) => ctx.endpoint(name),
        (None, _) => Err(Error::new(ErrorKind::Invalid, "the charm has no peer endpoint")
            .hint("units tell each other there how far they are: declare one below `peers:` in metadata.yaml")),
        _ => Err(Error::new(ErrorKind::Invalid, "the charm has several peer endpoints")
            .hint("choose one: `options: {rotation: {peer: NAME}}` in layer.yaml")),
    }
}
