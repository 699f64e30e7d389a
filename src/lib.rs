//! Juju charms in Rust: handlers that fire on flags, leadership built in.
//!
//! A charm is a crate whose functions say, by attribute, when they are to run:
//!
//! ```no_run
//! use ensign::prelude::*;
//!
//! #[when("leadership.is_leader")]
//! #[when_not("leadership.set.admin_password")]
//! fn generate_secret(ctx: &mut Context) -> Result {
//!     let secret = ctx.password(32);
//!     ctx.leader_set([("admin_password", secret)])
//! }
//!
//! #[when_changed(leader = "admin_password")]
//! fn store_secret(ctx: &mut Context) -> Result {
//!     if let Some(secret) = ctx.leader_get("admin_password")? {
//!         ctx.write_secret_file("/etc/foopass", &secret)?;
//!     }
//!     Ok(())
//! }
//! ```
//!
//! and whose `src/main.rs` names the crates that handlers are linked from, base first: `ensign::main!(my_charm);`.
//!
//! # One hook
//!
//! Juju runs the charm's binary once per hook. What happens then goes one way, and [`run`] is the only place
//! that knows the order: the [hook](mod@hook) is read, a [`Context`] is made over the unit's state, automatic flags are
//! brought up to date, handlers are dispatched until none is due, and everything they changed is committed, as
//! a whole or not at all.
//!
//! # Where to look
//!
//! | you want to | see |
//! |---|---|
//! | read and change flags, values, files | [`Context`] |
//! | know what a condition means | [`when`], [`when_changed`], [`hook`](macro@hook), [`action`] and their kin |
//! | use leadership | [`leadership`] |
//! | know what takes effect when, on which Juju | [`versions`] |
//! | use relations | [`relations`], and [`endpoint`](mod@endpoint) |
//! | call a hook tool directly | [`tools`] |
//! | write a layer with flags of its own | [`Provider`] |
//! | test a charm | the crate `ensign-testing` |
//! | begin | [the tutorial](https://github.com/ensign-charms/ensign/blob/main/docs/tutorial.md), from `ensign new` to a Redis charm |

// The library's own layer registers itself exactly as a third party's does.
extern crate self as ensign;

mod automatic;
mod context;
pub mod dispatch;
pub mod endpoint;
mod entry;
pub mod error;
mod external;
mod flags;
pub mod handler;
pub mod hook;
pub mod host;
pub mod metadata;
pub mod run;
pub mod store;
pub mod tools;
#[doc = include_str!("../docs/relations.md")]
pub mod relations {}
#[doc = include_str!("../docs/versions.md")]
pub mod versions {}

#[expect(
    unsafe_code,
    reason = "the slice is declared in this crate, so its registration expands here"
)]
#[path = "../reactive/leadership.rs"]
pub mod leadership;

#[doc(hidden)]
#[path = "private.rs"]
pub mod __private;

pub use context::{
    Action, Bag, Command, Config, Context, HandlerView, Kv, LAYER_COMMANDS, LayerCommand,
    PROVIDERS, Provider, ProviderEntry, Secret, SecretGrant, SecretReference, SecretWrite, Seen,
    Updates, Value,
};
pub use endpoint::Endpoint;
pub use ensign_macros::*;
pub use error::{Error, ErrorKind, Result};
pub use external::command::{Spoken, charms_reactive};
pub use flags::{
    Flag, FlagError, TRIGGERS, Trigger, TriggerBuilder, TriggerDecl, valid as valid_flag,
};
pub use handler::{FromContext, Handler, IntoOutcome, Outcome, Registry};
pub use hook::Hook;
pub use leadership::{Leader, LeaderSettings};
pub use metadata::Interface;

/// What a charm's files need: `use ensign::prelude::*;`.
pub mod prelude {
    pub use crate::Outcome::Stop;
    pub use crate::leadership::{Leader, LeaderSettings, Leadership};
    pub use crate::tools::{Level, Status};
    pub use crate::{
        Context, Endpoint, Error, ErrorKind, Flag, FromContext, Hook, Interface, Outcome, Result,
        Secret, Trigger, Value,
    };
    pub use ensign_macros::*;
}

/// Registers a [`Provider`]: the automatic flags of a layer.
///
/// ```text
/// ensign::provider! {
///     prefix: "snap.",
///     source: "snap",
///     derived: false,
///     new: || Box::new(SnapFlags::default()),
/// }
/// ```
#[macro_export]
macro_rules! provider {
    (prefix: $prefix:expr, source: $source:expr, derived: $derived:expr, new: $new:expr $(,)?) => {
        const _: () = {
            use $crate::__private as __e;

            #[__e::linkme::distributed_slice(__e::PROVIDERS)]
            #[linkme(crate = __e::linkme)]
            static __ENSIGN_PROVIDER: $crate::ProviderEntry = $crate::ProviderEntry {
                prefix: $prefix,
                source: ::core::option::Option::Some($source),
                derived: $derived,
                new: $new,
            };

            // For who reads the binary: these flags are set by no handler.
            const __ENSIGN_TEXT: &[&::core::primitive::str] = &[
                r#"{"schema":1,"kind":"provider","prefix":""#,
                $prefix,
                "\"}\n",
            ];
            #[used]
            #[unsafe(link_section = ".ensign")]
            static __ENSIGN_LINE: [::core::primitive::u8; __e::length(__ENSIGN_TEXT)] =
                __e::join(__ENSIGN_TEXT);
        };
    };
}

/// Adds a command to `charms.reactive`, for handlers in bash and `juju exec`: a layer's own.
///
/// ```text
/// ensign::command! { name: "render_template", run: render }
///
/// fn render(ctx: &mut Context, arguments: &[String]) -> Result<String> { … }
/// ```
///
/// What it returns is printed; an error is told, and the command exits 1.
#[macro_export]
macro_rules! command {
    (name: $name:expr, run: $run:expr $(,)?) => {
        const _: () = {
            use $crate::__private as __e;

            #[__e::linkme::distributed_slice(__e::LAYER_COMMANDS)]
            #[linkme(crate = __e::linkme)]
            static __ENSIGN_COMMAND: $crate::LayerCommand = $crate::LayerCommand {
                name: $name,
                run: $run,
            };
        };
    };
}

/// Says that functions of this crate set flags that begin so: for layers whose flags are set by what a charm's handlers
/// call, so that `ensign proof` does not take them for flags that nobody sets.
///
/// ```
/// # fn main() {}
/// ensign::functions_set!("layer.snap.queued");
/// ```
#[macro_export]
macro_rules! functions_set {
    ($($prefix:expr),+ $(,)?) => {
        $(const _: () = {
            use $crate::__private as __e;

            const __ENSIGN_TEXT: &[&::core::primitive::str] = &[
                r#"{"schema":1,"kind":"provider","prefix":""#,
                $prefix,
                "\"}\n",
            ];
            #[used]
            #[unsafe(link_section = ".ensign")]
            static __ENSIGN_LINE: [::core::primitive::u8; __e::length(__ENSIGN_TEXT)] =
                __e::join(__ENSIGN_TEXT);
        };)+
    };
}

/// Has a charm carry the code behind [endpoints](mod@endpoint) although no handler or trigger of its Rust code names one:
/// for charms whose handlers are scripts.
#[macro_export]
macro_rules! endpoints {
    () => {
        const _: () = {
            use $crate::__private as __e;

            #[__e::linkme::distributed_slice(__e::ENDPOINTS)]
            #[linkme(crate = __e::linkme)]
            static __ENSIGN_ENDPOINTS: ::core::option::Option<&'static __e::Endpoints> =
                __e::carried(&[], true);
        };
    };
}

/// The whole of a charm's `src/main.rs`: names every crate that handlers are linked from, base first.
///
/// ```text
/// ensign::main!(my_charm, layer_apt);
/// ```
///
/// A crate that nothing names is not linked, and its handlers would silently vanish.
#[macro_export]
macro_rules! main {
    ($($krate:ident),+ $(,)?) => {
        $(use $krate as _;)+

        fn main() -> ::std::process::ExitCode {
            $crate::__private::main(&[$(::core::stringify!($krate)),+])
        }
    };
}
