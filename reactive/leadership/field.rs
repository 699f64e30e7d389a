//! One field of typed settings, between its type and its text. For the output of `derive(LeaderSettings)`, which
//! calls these functions; it may change in any version.

use std::any::type_name;
use std::collections::BTreeMap;

use ensign::{Error, ErrorKind, Result, Secret, Value};
use serde::Serialize;
use serde::de::DeserializeOwned;

use super::text;

/// What the derive knows of a struct.
#[derive(Debug)]
pub struct Fields<T> {
    /// Keys of the fields that are no `Option`.
    pub required: &'static [&'static str],
    /// Makes the struct of all settings.
    pub read: fn(&Settings) -> Result<T>,
    /// The keys and values of its fields; empty ones remove their keys.
    pub write: fn(&T) -> Result<Group>,
}

/// Keys and values to be written.
pub type Group = Vec<(&'static str, Value)>;

/// All settings.
pub type Settings = BTreeMap<String, Value>;

impl<T> Fields<T> {
    /// The struct, unless a required key is absent.
    pub(super) fn load(&self, all: &Settings) -> Result<Option<T>> {
        if self.required.iter().any(|key| !all.contains_key(*key)) {
            return Ok(None);
        }
        (self.read)(all).map(Some)
    }
}

/// What a field of typed settings can be.
#[diagnostic::on_unimplemented(
    message = "a leader setting cannot be of type `{Self}`",
    label = "cannot be written as text",
    note = "a field is a `Secret`, or of a type that implements serde's `Serialize` and `Deserialize`, or an `Option` of either"
)]
pub trait Field: Sized {
    /// The value that `text` stands for.
    ///
    /// # Errors
    /// When it stands for none; the error names the key only.
    fn read(key: &str, text: &str) -> Result<Self>;

    /// The text.
    ///
    /// # Errors
    /// When there is none that would read back the same.
    fn write(&self, key: &str) -> Result<Value>;
}

#[diagnostic::do_not_recommend]
impl<T: Serialize + DeserializeOwned> Field for T {
    fn read(key: &str, text: &str) -> Result<Self> {
        text::read(text).map_err(|_| {
            // What serde says would quote the value, which may be secret.
            Error::new(
                ErrorKind::Invalid,
                format!(
                    "the leader setting `{}` does not hold a `{}`",
                    key.escape_debug(),
                    type_name::<Self>()
                ),
            )
            .hint(
                "its value is not shown, since it may be secret; have the leader write it again, or remove it \
                 with `leader_unset`",
            )
        })
    }

    fn write(&self, key: &str) -> Result<Value> {
        text::write(self).map(Value::from).map_err(|unwritable| {
            let what = format!("a `{}` {unwritable}", type_name::<Self>());
            refused(key, &what)
        })
    }
}

/// Coherent with the implementation above because a secret never becomes serializable.
#[diagnostic::do_not_recommend]
impl Field for Secret {
    fn read(_key: &str, text: &str) -> Result<Self> {
        Ok(Self::new(text))
    }

    fn write(&self, _key: &str) -> Result<Value> {
        Ok(self.into())
    }
}

/// The value of a key that has one.
///
/// # Errors
/// When it is not of that type, or is absent.
pub fn required<T: Field>(all: &Settings, key: &str) -> Result<T> {
    optional(all, key)?.ok_or_else(|| {
        Error::new(
            ErrorKind::Invalid,
            format!("the leader setting `{}` is absent", key.escape_debug()),
        )
    })
}

/// The value of a key that may have none.
///
/// # Errors
/// When it is not of that type.
pub fn optional<T: Field>(all: &Settings, key: &str) -> Result<Option<T>> {
    all.get(key).map(|text| T::read(key, text)).transpose()
}

/// The text of a key that always has a value.
///
/// # Errors
/// When it has none that would read back the same: an empty one would remove the key (D11).
pub fn always<T: Field>(key: &str, value: &T) -> Result<Value> {
    let text = value.write(key)?;
    if text.is_empty() {
        let what = "an empty value removes the key, and this one is required";
        return Err(refused(key, what).hint("make the field an `Option`, or give it a value"));
    }
    Ok(text)
}

/// The text of a key that may have no value: empty then, which removes it.
///
/// # Errors
/// When it has none that would read back the same.
pub fn perhaps<T: Field>(key: &str, value: &Option<T>) -> Result<Value> {
    match value {
        Some(value) => value.write(key),
        None => Ok("".into()),
    }
}

fn refused(key: &str, why: &str) -> Error {
    Error::new(
        ErrorKind::Invalid,
        format!(
            "the leader setting `{}` cannot be written: {why}",
            key.escape_debug()
        ),
    )
}
