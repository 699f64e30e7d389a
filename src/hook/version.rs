//! Versions of Juju.

use std::cmp::Ordering;
use std::fmt;

/// A version of Juju: `3.6.0`, `3.6-beta2`, `4.0.1`; ordered as Juju orders them, a beta before its release.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct JujuVersion {
    major: u32,
    minor: u32,
    /// `beta`, `rc`; empty for a release.
    tag: String,
    /// The patch, or the number of the beta.
    patch: u32,
    build: u32,
}

impl JujuVersion {
    /// The version of that spelling: `MAJOR.MINOR.PATCH` or `MAJOR.MINOR-TAGn`, either with `.BUILD`.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        let (major, rest) = number(text)?;
        let (minor, rest) = number(rest.strip_prefix('.')?)?;
        let (tag, rest) = match rest.strip_prefix('-') {
            Some(rest) => {
                let end = rest
                    .find(|c: char| !c.is_ascii_alphabetic())
                    .filter(|end| *end > 0)?;
                rest.split_at(end)
            }
            None if rest.is_empty() => ("", ".0"),
            None => ("", rest),
        };
        let (patch, rest) = match tag {
            "" => number(rest.strip_prefix('.')?)?,
            _ => number(rest)?,
        };
        let (build, rest) = match rest.strip_prefix('.') {
            Some(rest) => number(rest)?,
            None => (0, rest),
        };
        rest.is_empty().then(|| Self {
            major,
            minor,
            tag: tag.to_owned(),
            patch,
            build,
        })
    }

    /// Whether it is of that series or a newer one. `3.6-beta2` counts as 3.6.
    #[must_use]
    pub fn at_least(&self, major: u32, minor: u32) -> bool {
        (self.major, self.minor) >= (major, minor)
    }

    /// The 3 of `3.6.1`.
    #[must_use]
    pub fn major(&self) -> u32 {
        self.major
    }

    /// The 6 of `3.6.1`.
    #[must_use]
    pub fn minor(&self) -> u32 {
        self.minor
    }
}

/// The digits `text` starts with, and what follows them.
fn number(text: &str) -> Option<(u32, &str)> {
    let end = text
        .find(|c: char| !c.is_ascii_digit())
        .unwrap_or(text.len());
    let (digits, rest) = text.split_at(end);
    Some((digits.parse().ok()?, rest))
}

impl Ord for JujuVersion {
    fn cmp(&self, other: &Self) -> Ordering {
        let tag = match (self.tag.is_empty(), other.tag.is_empty()) {
            (true, false) => Ordering::Greater,
            (false, true) => Ordering::Less,
            _ => self.tag.cmp(&other.tag),
        };
        (self.major, self.minor)
            .cmp(&(other.major, other.minor))
            .then(tag)
            .then((self.patch, self.build).cmp(&(other.patch, other.build)))
    }
}

impl PartialOrd for JujuVersion {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

impl fmt::Display for JujuVersion {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self {
            major,
            minor,
            tag,
            patch,
            build,
        } = self;
        match tag.as_str() {
            "" => write!(f, "{major}.{minor}.{patch}")?,
            tag => write!(f, "{major}.{minor}-{tag}{patch}")?,
        }
        if *build > 0 {
            write!(f, ".{build}")
        } else {
            Ok(())
        }
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn version(text: &str) -> JujuVersion {
        JujuVersion::parse(text).unwrap()
    }

    #[test]
    fn versions_are_ordered_as_juju_orders_them() {
        let ordered = [
            "2.9.49",
            "3.5.0",
            "3.6-alpha1",
            "3.6-beta1",
            "3.6-beta2",
            "3.6-beta2.1",
            "3.6-beta10",
            "3.6-rc1",
            "3.6.0",
            "3.6.0.1",
            "3.6.9",
            "3.6.10",
            "4.0-beta5",
            "4.0.0",
            "4.0.1",
        ];
        for pair in ordered.windows(2) {
            assert!(version(pair[0]) < version(pair[1]), "{pair:?}");
        }
        for text in ordered {
            assert_eq!(version(text).to_string(), text);
        }
    }

    #[test]
    fn a_beta_counts_as_its_release() {
        assert!(version("3.6-beta2").at_least(3, 6));
        assert!(version("4.0.1").at_least(3, 6));
        assert!(!version("3.5.9").at_least(3, 6));
        assert!(!version("3.6.1").at_least(4, 0));
        assert_eq!((version("3.6.1").major(), version("3.6.1").minor()), (3, 6));
    }

    #[test]
    fn a_version_without_a_patch_is_its_first() {
        assert_eq!(version("4.0"), version("4.0.0"));
    }

    #[test]
    fn anything_else_is_no_version() {
        for bad in [
            "",
            "3",
            "3.",
            "3.6.",
            "3.6-",
            "3.6-beta",
            "3.6-2",
            "3.6.x",
            "x.6.0",
            "3.6.0.0.0",
            "3.6.0 ",
            "-3.6.0",
            "99999999999.0.0",
        ] {
            assert_eq!(JujuVersion::parse(bad), None, "{bad}");
        }
    }

    proptest! {
        #[test]
        fn reading_never_panics(text in any::<String>(), near in "[0-9]{0,3}[.-]?[a-z0-9.é-]{0,8}") {
            _ = JujuVersion::parse(&text);
            if let Some(version) = JujuVersion::parse(&near) {
                prop_assert_eq!(JujuVersion::parse(&version.to_string()), Some(version));
            }
        }
    }
}
