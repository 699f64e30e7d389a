//! Names of services.

use ensign::prelude::*;

/// A service's name, without `.service`.
///
/// # Errors
/// `Invalid` for what could be an option, a path or a unit of another kind.
pub(crate) fn checked(name: &str) -> Result<&str> {
    let bare = name.strip_suffix(".service").unwrap_or(name);
    let is_of_name = |b: u8| b.is_ascii_alphanumeric() || b"_.@:-".contains(&b);
    let is_other = [".socket", ".timer", ".target", ".path", ".mount"]
        .iter()
        .any(|kind| bare.ends_with(kind));
    if bare.is_empty() || bare.starts_with(['-', '.']) || is_other || !bare.bytes().all(is_of_name)
    {
        let error = Error::new(ErrorKind::Invalid, format!("`{name}` is no service"));
        return Err(error.hint("names are letters, digits, `_`, `.`, `@`, `:` and `-`"));
    }
    Ok(bare)
}

/// A flag of a service. What no flag has, as in `postgresql@15-main`, is `_` in it.
pub(crate) fn flag(name: &str, what: &str) -> String {
    let name = name.replace(['@', ':'], "_");
    format!("service.{name}.{what}")
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    #[test]
    fn names_are_no_options_and_no_paths() {
        for (name, bare) in [
            ("redis-server", "redis-server"),
            ("redis-server.service", "redis-server"),
            ("postgresql@15-main", "postgresql@15-main"),
        ] {
            assert_eq!(checked(name).unwrap(), bare);
        }
        for name in [
            "", ".service", "-a", "--now", "a b", "../x", "a/b", "x.timer", "a;b", "a\n",
        ] {
            assert_eq!(
                checked(name).unwrap_err().kind(),
                ErrorKind::Invalid,
                "{name}"
            );
        }
        assert_eq!(
            flag("postgresql@15-main", "running"),
            "service.postgresql_15-main.running"
        );
    }
}
