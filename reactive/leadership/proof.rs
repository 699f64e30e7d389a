//! Proof of leadership: an argument that only a leader's handler can have.

use ensign::prelude::{Context, FromContext, Leadership, Result, Value};

use super::LeadershipFlags;

/// Proof that this unit led when the handler began: an argument that says so in the signature.
///
/// A handler may take it, after the context, where it waits for `leadership.is_leader`. Anywhere else it does
/// not compile:
///
/// ```
/// use ensign::prelude::*;
///
/// #[when("leadership.is_leader", "db.connected")]
/// #[when_not("leadership.set.schema")]
/// fn create_schema(ctx: &mut Context, leader: Leader) -> Result {
///     publish(ctx, &leader, "1")
/// }
///
/// /// Whoever calls this leads.
/// fn publish(ctx: &mut Context, leader: &Leader, version: &str) -> Result {
///     leader.set(ctx, [("schema", version)])
/// }
/// ```
///
/// It is made anew at each run of the handler, other than arguments in general (B29), and only if this unit
/// leads then; when Juju's last answer is older than 20 seconds it is asked again. A handler that works for
/// longer asks with [`ensure_leader`](Leadership::ensure_leader); the methods here ask as
/// [`leader_set`](Leadership::leader_set) does.
///
/// The macros know it by its name, `Leader`, and the flag as a literal.
#[derive(Debug, Clone, Copy)]
#[non_exhaustive]
pub struct Leader {}

impl Leader {
    /// Writes a group of settings, all of it or nothing: [`leader_set`](Leadership::leader_set), by one who can
    /// show that it may.
    ///
    /// # Errors
    /// As [`leader_set`](Leadership::leader_set): `NotLeader` when leadership has been lost since.
    pub fn set<K: AsRef<str>, V: Into<Value>>(
        &self,
        ctx: &mut Context,
        pairs: impl IntoIterator<Item = (K, V)>,
    ) -> Result {
        ctx.leader_set(pairs)
    }

    /// Removes keys: [`leader_unset`](Leadership::leader_unset).
    ///
    /// # Errors
    /// As [`leader_unset`](Leadership::leader_unset).
    pub fn unset<K: AsRef<str>>(
        &self,
        ctx: &mut Context,
        keys: impl IntoIterator<Item = K>,
    ) -> Result {
        ctx.leader_unset(keys)
    }
}

#[diagnostic::do_not_recommend]
impl FromContext for Leader {
    /// Who led at an earlier run may have lost leadership since.
    const KEPT: bool = false;

    fn from_context(ctx: &mut Context) -> Result<Self> {
        ctx.with_provider(|provider: &mut LeadershipFlags, ctx| {
            let (leads, updates) = provider.is_leader(ctx)?;
            let proof = if leads {
                Ok(Self {})
            } else {
                Err(provider.not_leader("the handler takes a `Leader`"))
            };
            Ok((proof, updates))
        })?
    }
}
