//! The attribute macros of Ensign: they turn functions into handlers.
//!
//! Charms do not name this crate: `ensign` hands out everything in it, also as `ensign::prelude::*`.
//!
//! A handler is a function with at least one condition. It takes `ctx: &mut Context` first, or nothing, then owned
//! values of types that implement `FromContext`; it returns `()`, `Result` or `Result<Outcome>`. A `Leader` among them
//! is for handlers under `#[when("leadership.is_leader")]`, and anywhere else an error. The attributes of one function
//! are one handler, and all its conditions must hold (B18, B19):
//!
//! ```
//! use ensign::prelude::*;
//!
//! /// A flag can be a constant, which the compiler then spells for you.
//! const READY: Flag = Flag::new("my-charm.ready");
//!
//! #[when("leadership.is_leader", "db.connected")]
//! #[when_not(READY)]
//! fn migrate(ctx: &mut Context) -> Result {
//!     ctx.set_flag(READY)
//! }
//! ```
//!
//! Any of the attributes may stand first: the outermost takes the others along. `cfg`, `cfg_attr`, documentation and
//! lints may stand anywhere among them; attributes that change the signature stand above. They are known by name,
//! alone or as `ensign::when`, so
//!
//! - one that an import renames (`use ensign::when as w;`) has to be the outermost;
//! - another crate's attribute of the same name has to be written with its path.
//!
//! # What cannot stand together
//!
//! | | flags and values | hook | action | restricted hook |
//! |---|---|---|---|---|
//! | `when`, `when_any`, `when_not`, `when_not_all`, `when_changed` | yes | no | no | no |
//! | `hook` | no | no | no | no |
//! | `action` | no | no | no | no |
//! | `collect_metrics`, `meter_status_changed` | no | no | no | no |
//! | `only_once`, `not_unless`, `sets`, `clears` | yes | yes | yes | no |
//! | `id`, `was`, `before`, `after` | yes | yes | yes | yes |
//!
//! The compiler says why, at the attribute.

mod args;
mod attrs;
mod body;
mod check;
mod errors;
mod expand;
mod function;
mod handler;
mod interface;
mod line;
mod name;
mod near;
mod options;
mod pattern;
mod place;
mod proof;
mod rules;
mod settings;
mod trigger;
mod valid;

use proc_macro::TokenStream;

/// One entry point an attribute: the name is all that differs.
macro_rules! attributes {
    ($($(#[$doc:meta])* $name:ident)*) => {$(
        $(#[$doc])*
        #[proc_macro_attribute]
        pub fn $name(args: TokenStream, item: TokenStream) -> TokenStream {
            expand::expand(stringify!($name), args.into(), &item.into()).into()
        }
    )*};
}

attributes! {
    /// The handler runs when all these flags are set (B30, B31). The same as [`when_all`](macro@when_all).
    ///
    /// ```
    /// use ensign::prelude::*;
    ///
    /// #[when("leadership.is_leader", "db.connected")]
    /// fn create_schema(ctx: &mut Context) -> Result {
    ///     ctx.set_flag("schema.created")
    /// }
    /// ```
    ///
    /// A flag is a string literal or a constant of type `Flag`. It consists of letters, digits, `.`, `_` and `-`; in an
    /// interface layer `{endpoint_name}` stands for the endpoint. At least one is needed: without, the handler would
    /// run in every iteration (D23).
    ///
    /// Flags outlive the hook, so the handler runs again in each later hook in which they are set (B16). Within one hook
    /// it runs again only after one of its flags has changed (B22).
    when

    /// The handler runs when all these flags are set. The same as [`when`](macro@when), for those who like it said.
    ///
    /// ```
    /// use ensign::prelude::*;
    ///
    /// #[when_all("db.connected", "cache.connected")]
    /// fn start() {}
    /// ```
    when_all

    /// The handler runs when at least one of these flags is set (B31).
    ///
    /// ```
    /// use ensign::prelude::*;
    ///
    /// #[when_any("config.changed.port", "config.changed.host")]
    /// fn rewrite_config(ctx: &mut Context) -> Result {
    ///     ctx.clear_flag("my-charm.started")
    /// }
    /// ```
    when_any

    /// The handler runs when none of these flags is set (B30, B31). The same as [`when_none`](macro@when_none).
    ///
    /// ```
    /// use ensign::prelude::*;
    ///
    /// #[when_not("my-charm.installed")]
    /// fn install(ctx: &mut Context) -> Result {
    ///     ctx.set_flag("my-charm.installed")
    /// }
    /// ```
    when_not

    /// The handler runs when none of these flags is set. The same as [`when_not`](macro@when_not).
    ///
    /// ```
    /// use ensign::prelude::*;
    ///
    /// #[when_none("db.connected", "cache.connected")]
    /// fn wait_for_both() {}
    /// ```
    when_none

    /// The handler runs when at least one of these flags is not set (B31).
    ///
    /// ```
    /// use ensign::prelude::*;
    ///
    /// #[when_not_all("db.connected", "cache.connected")]
    /// fn wait_for_the_other() {}
    /// ```
    when_not_all

    /// The handler runs when one of these values has changed since the handler last succeeded (D4, D9).
    ///
    /// ```
    /// use ensign::prelude::*;
    ///
    /// #[when_changed(leader = "admin_password", config = "port")]
    /// fn write_config(ctx: &mut Context) -> Result {
    ///     if let Some(secret) = ctx.leader_get("admin_password")? {
    ///         ctx.write_secret_file("/etc/foopass", &secret)?;
    ///     }
    ///     Ok(())
    /// }
    /// ```
    ///
    /// | key | value |
    /// |---|---|
    /// | `leader = "k"` | the leader's value of that key |
    /// | `config = "k"` | the charm's option of that name |
    /// | `file = "/path"` | a file's content |
    /// | `data = "id"` | what the charm last stored under that id, with `ctx.data_set` |
    /// | `endpoint = "name.field"` | a field of the remote units of that endpoint |
    ///
    /// A change stays pending *for this handler* until a hook in which it succeeded has committed: it is delivered at
    /// least once, and is not lost if another condition does not hold yet. A value that was never there is not pending;
    /// one that is removed after it was delivered is, and then reads as `None`.
    when_changed

    /// The handler runs in the hooks that match one of these patterns (B35), once, before any handler that waits for
    /// flags (B9).
    ///
    /// ```
    /// use ensign::prelude::*;
    ///
    /// #[hook("install", "upgrade-charm")]
    /// fn fetch(ctx: &mut Context) -> Result {
    ///     ctx.clear_flag("my-charm.configured")
    /// }
    ///
    /// #[hook("{requires:http}-relation-{joined,changed}")]
    /// fn backends_changed() {}
    /// ```
    ///
    /// `{a,b}` stands for either, `{requires:http}` for every endpoint of that role and interface.
    ///
    /// Conditions on flags never hold in that phase, so `hook` cannot stand with `when` and its kin (D22): ask
    /// `ctx.is_flag_set` in the body.
    hook

    /// The handler runs when the operator runs the action of this name; without a name it is the function's, with `-`
    /// for `_` (D29).
    ///
    /// ```
    /// use ensign::prelude::*;
    ///
    /// #[action]
    /// fn rotate_password(ctx: &mut Context) -> Result {
    ///     ctx.set_flag("password.rotate")
    /// }
    ///
    /// #[action("backup", "backup-all")]
    /// fn back_up() {}
    /// ```
    ///
    /// After it, those handlers run whose flags or values changed in the action. If it fails, so does the action.
    action

    /// The handler runs until it has succeeded once (B38), and then never again on this unit.
    ///
    /// ```
    /// use ensign::prelude::*;
    ///
    /// #[only_once]
    /// fn create_user() {}
    ///
    /// #[when("db.connected")]
    /// #[only_once]
    /// fn create_schema() {}
    /// ```
    ///
    /// That it has is kept under its [`id`](macro@id) (D25): if you move or rename the function, say so with
    /// [`was`](macro@was). Alone, it runs where handlers that wait for flags do (D24).
    only_once

    /// Warns, whenever the handler runs, of each of these flags that is not set (B39). It neither makes the handler run
    /// nor keeps it from running.
    ///
    /// ```
    /// use ensign::prelude::*;
    ///
    /// #[when("config.changed")]
    /// #[not_unless("my-charm.installed")]
    /// fn reconfigure() {}
    /// ```
    not_unless

    /// The handler runs in the restricted hook `collect-metrics` (B8), which Juju 4 no longer has. There are no flags
    /// and there is no memory in it.
    ///
    /// ```
    /// use ensign::prelude::*;
    ///
    /// #[collect_metrics]
    /// fn collect() {}
    /// ```
    collect_metrics

    /// The handler runs in the restricted hook `meter-status-changed` (B8), which Juju 4 no longer has. There are no
    /// flags and there is no memory in it.
    ///
    /// ```
    /// use ensign::prelude::*;
    ///
    /// #[meter_status_changed]
    /// fn meter() {}
    /// ```
    meter_status_changed

    /// The handler runs before those of these ids, where one iteration runs both (D2).
    ///
    /// ```
    /// use ensign::prelude::*;
    ///
    /// #[when("config.changed")]
    /// #[before("my_charm::restart")]
    /// fn write_config() {}
    ///
    /// #[when("config.changed")]
    /// #[id("my_charm::restart")]
    /// fn restart() {}
    /// ```
    ///
    /// Otherwise handlers of base layers come first, then ids decide.
    before

    /// The handler runs after those of these ids, where one iteration runs both (D2).
    ///
    /// ```
    /// use ensign::prelude::*;
    ///
    /// #[when("config.changed")]
    /// #[id("my_charm::write_config")]
    /// fn write_config() {}
    ///
    /// #[when("config.changed")]
    /// #[after("my_charm::write_config")]
    /// fn restart() {}
    /// ```
    after

    /// Declares flags that the handler sets; `b.*` is every flag that begins with `b.`.
    ///
    /// ```
    /// use ensign::prelude::*;
    ///
    /// #[when("db.connected")]
    /// #[sets("shard.*")]
    /// fn find_shards(ctx: &mut Context) -> Result {
    ///     for shard in ["a", "b"] {
    ///         ctx.set_flag(format!("shard.{shard}"))?;
    ///     }
    ///     ctx.set_flag("shards.found")
    /// }
    /// ```
    ///
    /// It changes nothing at run time: graphs, loop detection and `ensign proof` read it. Literals in calls of
    /// `set_flag`, `clear_flag` and `toggle_flag` in the body, like `shards.found` here, are seen without.
    sets

    /// Declares flags that the handler clears; `b.*` is every flag that begins with `b.`. See [`sets`](macro@sets).
    ///
    /// ```
    /// use ensign::prelude::*;
    ///
    /// #[when("my-charm.stopping")]
    /// #[clears("shard.*")]
    /// fn forget_shards(ctx: &mut Context) -> Result {
    ///     for shard in ["a", "b"] {
    ///         ctx.clear_flag(format!("shard.{shard}"))?;
    ///     }
    ///     Ok(())
    /// }
    /// ```
    clears

    /// Names the handler in logs, in [`before`](macro@before) and [`after`](macro@after), and for what is remembered of
    /// it. Without, its name is `crate::module::function`.
    ///
    /// ```
    /// use ensign::prelude::*;
    ///
    /// #[when_changed(config = "port")]
    /// #[id("my_charm::port")]
    /// fn open_port() {}
    /// ```
    id

    /// Ids that the handler had before: what was remembered under them ([`only_once`](macro@only_once),
    /// [`when_changed`](macro@when_changed)) is remembered of it.
    ///
    /// ```
    /// use ensign::prelude::*;
    ///
    /// #[only_once]
    /// #[was("my_charm::make_user")]
    /// fn create_user() {}
    /// ```
    was
}

/// A trigger: as soon as one flag is set, or cleared, others are set and cleared, before any handler can run (B44).
///
/// ```
/// use ensign::prelude::*;
///
/// const CONFIGURED: Flag = Flag::new("my-charm.configured");
///
/// ensign::trigger!(when = "config.changed", clear = CONFIGURED);
/// ensign::trigger!(when_not = "db.connected", set = "my-charm.waiting", clear = "my-charm.ready", clear = CONFIGURED);
/// ```
///
/// It has one cause, `when` or `when_not`, and at least one `set` or `clear`, each as often as needed (B43). It is in
/// force from the start of each hook. Triggers that cause each other are an error (D21).
#[proc_macro]
pub fn trigger(input: TokenStream) -> TokenStream {
    trigger::expand(input.into()).into()
}

/// A struct whose fields are leader settings, read and written as one group: implements the trait `LeaderSettings`,
/// which says what a field can be.
///
/// ```
/// use ensign::prelude::*;
///
/// #[derive(LeaderSettings)]
/// struct Cluster {
///     name: String,
///     #[leader(key = "cluster-size")]
///     size: u16,
///     proxy: Option<String>,
///     password: Secret,
///     #[leader(key = "pins", secret)]
///     pins: Vec<u32>,
/// }
///
/// #[when("leadership.is_leader", "cluster.proxy-is-gone")]
/// fn forget_proxy(ctx: &mut Context) -> Result {
///     let Some(mut cluster) = Cluster::load(ctx)? else { return Ok(()) };
///     cluster.proxy = None;
///     cluster.store(ctx)
/// }
/// ```
///
/// | `#[leader(…)]` on a field | means |
/// |---|---|
/// | `key = "k"` | the setting's key; without, it is the field's name |
/// | `secret` | the value is secret, as that of a `Secret` is without saying |
///
/// A field whose type is written as `Option<…>` may be absent: `None` removes its key. Keys that are empty, have outer
/// white space or an `=`, and the layer's own, do not compile; nor do two fields of one key.
#[proc_macro_derive(LeaderSettings, attributes(leader))]
pub fn leader_settings(input: TokenStream) -> TokenStream {
    settings::expand(input.into()).into()
}
