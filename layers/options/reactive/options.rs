//! A charm's options as a struct, checked: while one is wrong the unit says which, and goes on with the last good ones.
//!
//! ```
//! use ensign::prelude::*;
//! use layer_options::{Check, GoodOptions, Options};
//! use serde::{Deserialize, Serialize};
//!
//! #[derive(Serialize, Deserialize)]
//! struct Wanted {
//!     port: i64,
//! }
//!
//! impl Options for Wanted {
//!     fn check(&self, _ctx: &mut Context) -> Result<Check> {
//!         Ok(Check::default().within("port", self.port, 1..=65_535))
//!     }
//! }
//!
//! #[when_changed(config = "port")]
//! fn configure(ctx: &mut Context) -> Result {
//!     let wanted: Wanted = ctx.options()?;
//!     ctx.write_file("/etc/port", wanted.port.to_string())
//! }
//! ```

mod check;
mod fields;

use ensign::prelude::*;
use layer_status::PartStatus;
use serde::Serialize;
use serde::de::DeserializeOwned;
use serde_json::Value as Json;

pub use check::Check;

/// Where the last good ones are kept, among the unit's own values.
const GOOD: &str = "layer.options.good";
const PART: &str = "options";

/// Options of a charm: a struct whose fields are called as they are in `config.yaml`. What may have no value is an
/// `Option`; others that `config.yaml` does not have are ignored.
pub trait Options: Serialize + DeserializeOwned {
    /// Whether they make sense, together and with what holds otherwise.
    ///
    /// # Errors
    /// When that cannot be found out.
    fn check(&self, ctx: &mut Context) -> Result<Check>;
}

/// Options that are good, for handlers.
pub trait GoodOptions {
    /// What the operator wants. Where that cannot be: what was wanted last, or what `config.yaml` has as defaults; and
    /// the unit is *blocked* until it can.
    ///
    /// # Errors
    /// When Juju cannot be asked, or the struct is not what `config.yaml` describes.
    fn options<T: Options>(&mut self) -> Result<T>;
}

impl GoodOptions for Context {
    fn options<T: Options>(&mut self) -> Result<T> {
        let config = self.config()?;
        let mut now = Vec::new();
        for option in config.values().keys() {
            // As `get` reads it: Juju delivers integers as floats.
            now.extend(
                config
                    .get::<Json>(option)?
                    .map(|value| (option.clone(), value)),
            );
        }
        let complaint = match fields::read::<T>(now)? {
            Ok(wanted) => match wanted.check(self)?.complaint() {
                None => {
                    self.kv().set(GOOD, &wanted)?;
                    self.part_clear(PART)?;
                    return Ok(wanted);
                }
                Some(complaint) => complaint,
            },
            Err(option) => format!("`{option}` has a value of the wrong type"),
        };
        self.part_status(PART, Status::Blocked(complaint), &[])?;
        // Of an older revision of the charm they may lack a field.
        match self.kv().get(GOOD) {
            Ok(Some(good)) => Ok(good),
            _ => defaults(self),
        }
    }
}

fn defaults<T: Options>(ctx: &Context) -> Result<T> {
    let all = ctx.metadata().config.iter();
    let all = all.map(|(option, declared)| (option.clone(), declared.default.clone()));
    let given = all.filter(|(_, default)| !default.is_null());
    fields::read(given.collect())?.map_err(|option| {
        Error::new(
            ErrorKind::Invalid,
            format!("the default of the option `{option}` has the wrong type"),
        )
        .hint("compare its `type` in config.yaml with the type the charm reads it as")
    })
}
