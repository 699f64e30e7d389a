//! Values that may be secret: they compare and convert like strings, and never print themselves.

use std::fmt;
use std::ops::Deref;

/// A value of the leader's settings: a string that knows whether it is secret (D10: strings only).
///
/// It derefs to `str`. `Debug` is redacted when the value came from a [`Secret`]; there is no `Display`.
#[derive(Clone, PartialEq, Eq)]
pub struct Value {
    text: String,
    secret: bool,
}

impl Value {
    /// Whether the text must stay out of logs, errors, traces and command lines.
    #[must_use]
    pub fn is_secret(&self) -> bool {
        self.secret
    }

    /// The same text, known to be secret.
    #[must_use]
    pub fn into_secret(mut self) -> Self {
        self.secret = true;
        self
    }
}

impl Deref for Value {
    type Target = str;

    fn deref(&self) -> &str {
        &self.text
    }
}

impl AsRef<str> for Value {
    fn as_ref(&self) -> &str {
        &self.text
    }
}

impl AsRef<[u8]> for Value {
    fn as_ref(&self) -> &[u8] {
        self.text.as_bytes()
    }
}

impl PartialEq<str> for Value {
    fn eq(&self, other: &str) -> bool {
        self.text == other
    }
}

impl PartialEq<&str> for Value {
    fn eq(&self, other: &&str) -> bool {
        self.text == *other
    }
}

impl fmt::Debug for Value {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.secret {
            f.write_str("Value(secret)")
        } else {
            write!(f, "Value({:?})", self.text)
        }
    }
}

impl From<&str> for Value {
    fn from(text: &str) -> Self {
        text.to_owned().into()
    }
}

impl From<String> for Value {
    fn from(text: String) -> Self {
        Self {
            text,
            secret: false,
        }
    }
}

impl From<&String> for Value {
    fn from(text: &String) -> Self {
        text.clone().into()
    }
}

impl From<Secret> for Value {
    fn from(secret: Secret) -> Self {
        Self {
            text: secret.0,
            secret: true,
        }
    }
}

impl From<&Secret> for Value {
    fn from(secret: &Secret) -> Self {
        secret.clone().into()
    }
}

/// A secret text, such as [`Context::password`](crate::Context::password) makes.
#[derive(Clone, PartialEq, Eq)]
pub struct Secret(String);

impl Secret {
    /// Wraps a text that must not be printed.
    pub fn new(text: impl Into<String>) -> Self {
        Self(text.into())
    }

    /// The text itself, for the one place that needs it.
    #[must_use]
    pub fn expose(&self) -> &str {
        &self.0
    }
}

impl AsRef<[u8]> for Secret {
    fn as_ref(&self) -> &[u8] {
        self.0.as_bytes()
    }
}

impl fmt::Debug for Secret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Secret(…)")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_secret_never_prints_itself() {
        let secret = Secret::new("hunter2");
        let value = Value::from(&secret);
        assert_eq!(format!("{secret:?} {value:?}"), "Secret(…) Value(secret)");
        assert_eq!(&*value, "hunter2");
        assert_eq!(format!("{:?}", Value::from("plain")), "Value(\"plain\")");
    }
}
