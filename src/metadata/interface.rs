//! Which side of which protocol an interface layer is.

use super::{Metadata, Role};

/// The interface whose side a module of an interface layer implements.
///
/// Such a module has one, as a constant of this name; the handlers and triggers in it whose flags contain
/// `{endpoint_name}` are there once for every endpoint that the charm's metadata has of that role and interface:
///
/// ```
/// use ensign::prelude::*;
///
/// const INTERFACE: Interface = Interface::provides("redis");
///
/// #[when("endpoint.{endpoint_name}.joined")]
/// #[when_not("{endpoint_name}.published")]
/// fn publish(ctx: &mut Context, redis: Endpoint) -> Result {
///     redis.publish(ctx, [("port", "6379")])?;
///     ctx.set_flag(redis.expand_name("{endpoint_name}.published"))
/// }
///
/// trigger!(when_not = "endpoint.{endpoint_name}.joined", clear = "{endpoint_name}.published");
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Interface {
    role: Role,
    name: &'static str,
}

impl Interface {
    /// The side that offers the interface.
    #[must_use]
    pub const fn provides(name: &'static str) -> Self {
        let role = Role::Provides;
        Self { role, name }
    }

    /// The side that needs it.
    #[must_use]
    pub const fn requires(name: &'static str) -> Self {
        let role = Role::Requires;
        Self { role, name }
    }

    /// Units of one application among themselves.
    #[must_use]
    pub const fn peers(name: &'static str) -> Self {
        let role = Role::Peers;
        Self { role, name }
    }

    /// Which side of a relation it is.
    #[must_use]
    pub const fn role(&self) -> Role {
        self.role
    }

    /// The interface's name.
    #[must_use]
    pub const fn name(&self) -> &'static str {
        self.name
    }

    pub(crate) fn endpoints<'m>(&'m self, metadata: &'m Metadata) -> impl Iterator<Item = &'m str> {
        metadata.endpoints_of(self.role, self.name)
    }
}
