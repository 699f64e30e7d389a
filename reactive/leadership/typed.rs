//! Typed leader settings: a struct whose fields are keys.

use ensign::{Context, Result};

use super::Leadership;
use super::field::Fields;

/// The leader's settings as a struct of the charm's own, written and read as one group.
///
/// Derive it; each field is a key:
///
/// ```
/// use ensign::prelude::*;
///
/// #[derive(LeaderSettings)]
/// struct Database {
///     /// The key `host`.
///     host: String,
///     #[leader(key = "db-port")]
///     port: u16,
///     /// May be absent.
///     replicas: Option<u32>,
///     password: Secret,
/// }
///
/// #[when("leadership.is_leader")]
/// #[when_not("leadership.set.host")]
/// fn decide(ctx: &mut Context) -> Result {
///     let password = ctx.password(32);
///     let database = Database { host: "db.internal".to_owned(), port: 5432, replicas: None, password };
///     database.store(ctx)
/// }
///
/// #[when_changed(leader = "host", leader = "db-port", leader = "password")]
/// fn configure(ctx: &mut Context) -> Result {
///     let Some(database) = Database::load(ctx)? else { return Ok(()) };
///     let address = format!("{}:{}\n", database.host, database.port);
///     ctx.write_file("/etc/db-address", address)?;
///     ctx.write_secret_file("/etc/db-password", &database.password)
/// }
/// ```
///
/// # What a field can be
///
/// Any type that `serde` can write and read, [`Secret`](ensign::Secret), and either of them in an `Option`, known by
/// that name. What serde writes as a string stands in the settings as it is (texts, addresses, plain `enum`
/// variants), everything else as JSON: `5432`, `true`, `["a","b"]`.
///
/// An empty value removes its key (D11): an empty text in an `Option` field reads back as `None`, and in another
/// one it is refused. So is what would not read back as it was written, such as JSON's `null`.
///
/// # Secrets
///
/// A `Secret` field is written as a secret, and so is a field marked `#[leader(secret)]`, for what is secret and
/// not a text. Prefer `Secret` where it fits: other types show themselves in a `Debug` that the struct derives.
pub trait LeaderSettings: Sized {
    /// What the derive knows of the fields. Not for charms: it may change in any version.
    #[doc(hidden)]
    fn fields() -> Fields<Self>;

    /// Reads the group, as of one moment; own writes of this hook are visible. `None` if a key is absent whose
    /// field is no `Option`.
    ///
    /// # Errors
    /// When the settings cannot be read. `Invalid` when a value is not what its field can be; the error names the
    /// key and never shows the value.
    fn load(ctx: &mut Context) -> Result<Option<Self>> {
        Self::fields().load(&ctx.leader_settings()?)
    }

    /// Writes the group, all of it or nothing, in one [`leader_set`](Leadership::leader_set):
    /// fields that are `None` remove their keys, other keys stay as they are.
    ///
    /// # Errors
    /// Those of `leader_set`; `Invalid` when a value could not be read again. Nothing is written then.
    fn store(&self, ctx: &mut Context) -> Result {
        ctx.leader_set((Self::fields().write)(self)?)
    }
}
