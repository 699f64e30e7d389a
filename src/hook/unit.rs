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

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn a_unit_has_an_application_and_a_number() {
        let unit = UnitName::parse("foo-bar2/10").unwrap();
        assert_eq!(
            (unit.app(), unit.number(), unit.to_string().as_str()),
            ("foo-bar2", 10, "foo-bar2/10")
        );
    }

    #[test]
    fn a_tag_is_the_same_unit() {
        assert_eq!(
            UnitName::parse("unit-foo-bar-0"),
            UnitName::parse("foo-bar/0")
        );
        assert_eq!(UnitName::parse("unit-unit-0").unwrap().app(), "unit");
    }

    #[test]
    fn anything_else_is_no_unit() {
        for bad in [
            "",
            "foo",
            "foo/",
            "/0",
            "foo/x",
            "foo/+1",
            "foo/-1",
            "Foo/0",
            "foo/0/1",
            "unit-0",
            "foo-0",
            "f o/0",
            "foo/99999999999",
        ] {
            assert_eq!(UnitName::parse(bad), None, "{bad}");
        }
    }

    proptest! {
        #[test]
        fn reading_never_panics(text in any::<String>()) {
            _ = UnitName::parse(&text);
        }

        #[test]
        fn names_and_tags_come_back(app in "[a-z][a-z0-9]{0,5}(-[a-z]{1,3}){0,2}", number in any::<u32>()) {
            let name = format!("{app}/{number}");
            let unit = UnitName::parse(&name).unwrap();
            prop_assert_eq!(unit.to_string(), name);
            prop_assert_eq!(UnitName::parse(&format!("unit-{app}-{number}")), Some(unit));
        }
    }
}
