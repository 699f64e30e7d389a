//! What scripts can call of an endpoint, by the names that Python's interface layers use.

use super::Endpoint;
use crate::context::Context;
use crate::error::{Error, ErrorKind, Result};

/// Calls `method` of the endpoint that a flag or a name says. What it prints are lines.
pub(super) fn call(
    ctx: &mut Context,
    of: &str,
    method: &str,
    args: &[String],
) -> Result<Vec<String>> {
    let endpoint = find(ctx, of)?;
    let names = |units: Vec<super::RemoteUnit>| units.iter().map(|u| u.name().to_owned()).collect();
    match (method, args) {
        ("relation_ids" | "relations", []) => {
            let all = endpoint.relations(ctx)?;
            Ok(all.iter().map(|r| r.id().to_owned()).collect())
        }
        ("joined_units" | "units", []) => Ok(names(endpoint.units(ctx)?)),
        ("departed_units", []) => Ok(names(endpoint.departed_units(ctx)?)),
        ("forget_departed", []) => endpoint.forget_departed(ctx).map(|()| Vec::new()),
        ("get_remote", [key]) => {
            let received = endpoint.received(ctx)?;
            Ok(received.get(key).map(str::to_owned).into_iter().collect())
        }
        ("get_remote", [key, default]) => {
            let received = endpoint.received(ctx)?;
            Ok(vec![received.get(key).unwrap_or(default).to_owned()])
        }
        ("set_remote", [_, ..]) => endpoint.publish(ctx, pairs(args)?).map(|()| Vec::new()),
        ("set_app", [_, ..]) => endpoint.publish_app(ctx, pairs(args)?).map(|()| Vec::new()),
        ("ingress_address", []) => {
            let network = endpoint.network(ctx)?;
            Ok(network.ingress_address().map(str::to_owned).into_iter().collect())
        }
        _ => Err(Error::new(
            ErrorKind::Unavailable,
            format!(
                "`relation_call` cannot call `{}` of `{}` with {} arguments",
                method.escape_debug(),
                endpoint.name(),
                args.len()
            ),
        )
        .hint(
            "it has `relation_ids`, `joined_units`, `departed_units`, `forget_departed`, `get_remote KEY [DEFAULT]`, \
             `set_remote KEY=VALUE…`, `set_app KEY=VALUE…` and `ingress_address`",
        )),
    }
}

/// By name, else by a flag that is set.
fn find(ctx: &mut Context, of: &str) -> Result<Endpoint> {
    if let Ok(endpoint) = ctx.endpoint(of) {
        return Ok(endpoint);
    }
    let found = ctx.endpoint_from_flag(of)?;
    found.ok_or_else(|| {
        Error::new(
            ErrorKind::Unavailable,
            format!(
                "`{}` is neither an endpoint of this charm nor a flag of one that is set",
                of.escape_debug()
            ),
        )
    })
}

fn pairs(args: &[String]) -> Result<Vec<(&str, &str)>> {
    // The value may be secret, so the argument is not repeated.
    let all: Option<Vec<_>> = args.iter().map(|arg| pair(arg)).collect();
    all.ok_or_else(|| Error::new(ErrorKind::Invalid, "an argument has no `KEY=` in front"))
}

fn pair(arg: &str) -> Option<(&str, &str)> {
    arg.split_once('=').filter(|(key, _)| !key.is_empty())
}
