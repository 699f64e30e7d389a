//! Where an application's Redis servers are, what each does, and the password.
//!
//! | flag | set while |
//! |---|---|
//! | `{endpoint_name}.available` | on a client: there is a primary, or a cluster, and its password can be read |
//!
//! The serving charm's leader publishes an [`Offer`] for its application, each of its units a [`UnitOffer`]. A client
//! reads the [`Redis`] that comes of it, whenever one of its fields is new, and [confirms](Requires::redis_confirm)
//! that it uses it, so that the server knows when nobody needs a former password any more:
//!
//! ```
//! use ensign::prelude::*;
//! use interface_redis::Requires;
//!
//! #[when("redis.available")]
//! #[when_changed(endpoint = "redis.primary", endpoint = "redis.password")]
//! fn connect(ctx: &mut Context) -> Result {
//!     let endpoint = ctx.endpoint("redis")?;
//!     if let Some(redis) = endpoint.redis(ctx)? {
//!         ctx.write_secret_file("/etc/my-charm/redis.password", &redis.password)?;
//!         endpoint.redis_confirm(ctx, &redis)?;
//!     }
//!     Ok(())
//! }
//! ```
//!
//! | who | field | holds |
//! |---|---|---|
//! | application | `mode` | `standalone` or `cluster` |
//! | application | `primary` | `HOST:PORT` of the server that takes writes; not in a cluster |
//! | application | `nodes` | a JSON list of `HOST:PORT`: the replicas, or all of the cluster |
//! | application | `password` | the URI of a secret, or the password itself where Juju has no secrets |
//! | application | `version` | another text for each password |
//! | unit | `hostname`, `port`, `role` | the unit's own server: `primary`, `replica` or `node` |
//! | client's unit | `version` | that of the password it uses |

mod address;
mod offer;
mod provides;
mod requires;

pub use address::Address;
pub use offer::{Mode, Offer, Redis, UnitOffer};
pub use provides::Provides;
pub use requires::Requires;

/// The interface, as `metadata.yaml` of a charm names it.
pub const INTERFACE: &str = "redis";
