//! Names of packages, as apt can be given them safely.

use ensign::prelude::*;

/// A package, and which of its versions: `redis-server`, `redis-server=5:7.0*`, `redis-server/bookworm-backports`.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Package {
    /// Without version; with `:ARCHITECTURE`, if it was given.
    pub(crate) name: String,
    /// `=VERSION` or `/RELEASE`, or nothing.
    pub(crate) choice: String,
}

impl Package {
    /// Reads one.
    ///
    /// # Errors
    /// `Invalid` for what is no name: apt would take an option, a pattern, or `NAME-`, which removes.
    pub(crate) fn parse(text: &str) -> Result<Self> {
        let (name, choice) = text.split_at(text.find(['=', '/']).unwrap_or(text.len()));
        if !is_name(name) {
            let error = Error::new(ErrorKind::Invalid, format!("`{text}` is no package"));
            return Err(error.hint(
                "names are lower case letters, digits, `+`, `-` and `.`, and do not end with `-`",
            ));
        }
        let is_of_choice = |c: char| c.is_ascii_alphanumeric() || ".+~:-*".contains(c);
        if choice.len() == 1 || !choice.chars().skip(1).all(is_of_choice) {
            let error = Error::new(
                ErrorKind::Invalid,
                format!("`{text}` names no version of `{name}`"),
            );
            return Err(error.hint("write `NAME=VERSION` or `NAME/RELEASE`"));
        }
        Ok(Self {
            name: name.to_owned(),
            choice: choice.to_owned(),
        })
    }
}

/// By Debian's policy, 5.6.1. Two letters are its least; what ends with `-` means "remove" to apt.
fn is_name(name: &str) -> bool {
    let (name, architecture) = name.split_once(':').unwrap_or((name, "any"));
    let is_of_name = |b: u8| b.is_ascii_lowercase() || b.is_ascii_digit() || b"+-.".contains(&b);
    name.len() >= 2
        && name.bytes().all(is_of_name)
        && name.starts_with(|c: char| c.is_ascii_alphanumeric())
        && !name.ends_with('-')
        && !architecture.is_empty()
        && (architecture.bytes()).all(|b| b.is_ascii_alphanumeric() || b == b'-')
        && !architecture.ends_with('-')
}

/// The flag of an installed package. What no flag has, as in `g++`, is `_` in it.
pub(crate) fn flag(name: &str) -> String {
    let known = |c: char| c.is_ascii_alphanumeric() || ".-".contains(c);
    let name = name.chars().map(|c| if known(c) { c } else { '_' });
    format!("apt.installed.{}", name.collect::<String>())
}

/// A version as upstream numbers it: without Debian's epoch and revision.
pub(crate) fn upstream(version: &str) -> &str {
    let version = version.split_once(':').map_or(version, |(_, rest)| rest);
    version.rsplit_once('-').map_or(version, |(most, _)| most)
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    #[test]
    fn packages_of_all_kinds_are_read() {
        for (text, name, choice) in [
            ("redis-server", "redis-server", ""),
            ("g++", "g++", ""),
            ("libc6:i386", "libc6:i386", ""),
            ("redis=5:7.0.15-1~deb12u1", "redis", "=5:7.0.15-1~deb12u1"),
            ("redis=7.0*", "redis", "=7.0*"),
            ("redis/bookworm-backports", "redis", "/bookworm-backports"),
        ] {
            let package = Package::parse(text).unwrap();
            assert_eq!((&*package.name, &*package.choice), (name, choice));
        }
    }

    #[test]
    fn what_apt_would_take_for_something_else_is_no_package() {
        for text in [
            "",
            "x",
            "-y",
            "--purge",
            "redis-",
            "Redis",
            "a b",
            "re.*",
            "redis=",
            "redis/",
            "a;b",
            "redis=1 2",
            "redis:",
            "redis:i386-",
            "../x",
            "redis=$(id)",
        ] {
            let error = Package::parse(text).unwrap_err();
            assert_eq!(error.kind(), ErrorKind::Invalid, "{text}");
        }
    }

    #[test]
    fn flags_and_versions() {
        assert_eq!(flag("redis-server"), "apt.installed.redis-server");
        assert_eq!(flag("g++"), "apt.installed.g__");
        assert_eq!(flag("libc6:i386"), "apt.installed.libc6_i386");
        assert_eq!(upstream("5:7.0.15-1~deb12u1"), "7.0.15");
        assert_eq!(upstream("3.0"), "3.0");
        assert_eq!(upstream("1-2-3"), "1-2");
    }
}
