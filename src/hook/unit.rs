//! Names of units.

use std::fmt;

use super::EnvError;

/// A unit's name, such as `mysql/0`.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct UnitName {
    app: String,
    number: u32,
}

impl UnitName {
    /// The unit of that name, `mysql/0`, or of that tag, `unit-mysql-0`, which restricted hooks are given.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        let (app, number) = match text.split_once('/') {
            Some(parts) => parts,
            None => text.strip_prefix("unit-")?.rsplit_once('-')?,
        };
        let digits = !number.is_empty() && number.bytes().all(|b| b.is_ascii_digit());
        let letters = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '-';
        if !digits
            || !app.starts_with(|c: char| c.is_ascii_lowercase())
            || !app.chars().all(letters)
        {
            return None;
        }
        Some(Self {
            app: app.to_owned(),
            number: number.parse().ok()?,
        })
    }

    /// The application's name.
    #[must_use]
    pub fn app(&self) -> &str {
        &self.app
    }

    /// The unit's number in its application.
    #[must_use]
    pub fn number(&self) -> u32 {
        self.number
    }

    pub(super) fn in_var(name: &'static str, value: &str) -> Result<Self, EnvError> {
        Self::parse(value).ok_or_else(|| EnvError::invalid(name, value))
    }
}

impl fmt::Display for UnitName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}/{}", self.app, self.number)
    }
}
