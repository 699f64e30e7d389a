//! Flag names and their rules. The macros enforce the same rules at compile time.

use std::fmt;

/// A flag's name: letters, digits, `.`, `_`, `-`; in interface layers also `{endpoint_name}`.
///
/// Handlers may name flags by literal or by a constant of this type:
///
/// ```
/// use ensign::Flag;
/// const READY: Flag = Flag::new("redis.ready");
/// assert_eq!(READY.name(), "redis.ready");
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Flag {
    name: &'static str,
    hash: u64,
}

impl Flag {
    /// A flag of that name.
    ///
    /// # Panics
    /// If the name breaks the rules; in a constant that is a compile error.
    #[must_use]
    pub const fn new(name: &'static str) -> Self {
        assert!(
            valid(name),
            "not a flag name: use letters, digits, `.`, `_` and `-`"
        );
        Self::of(name)
    }

    /// A flag of a name that is known to be one.
    pub(crate) const fn of(name: &'static str) -> Self {
        Self {
            name,
            hash: hash(name),
        }
    }

    /// The name, as it is written in logs and in the state document.
    #[must_use]
    pub const fn name(&self) -> &'static str {
        self.name
    }

    /// The name's hash, made at compile time so that testing a clause costs no hashing.
    pub(crate) const fn hash(&self) -> u64 {
        self.hash
    }
}

impl AsRef<str> for Flag {
    fn as_ref(&self) -> &str {
        self.name
    }
}

impl fmt::Display for Flag {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name)
    }
}

/// Whether `name` is a flag name. `{endpoint_name}` is the only placeholder.
#[must_use]
pub const fn valid(name: &str) -> bool {
    let bytes = name.as_bytes();
    if bytes.is_empty() {
        return false;
    }
    let placeholder = b"{endpoint_name}";
    let mut i = 0;
    while i < bytes.len() {
        let b = bytes[i];
        if b == b'{' {
            let mut k = 0;
            while k < placeholder.len() {
                if i + k >= bytes.len() || bytes[i + k] != placeholder[k] {
                    return false;
                }
                k += 1;
            }
            i += placeholder.len();
        } else if b.is_ascii_alphanumeric() || b == b'.' || b == b'_' || b == b'-' {
            i += 1;
        } else {
            return false;
        }
    }
    true
}

/// FNV-1a, 64 bit: constant-time evaluable and good enough for names; equality is checked besides.
pub(crate) const fn hash(name: &str) -> u64 {
    let bytes = name.as_bytes();
    let mut h = 0xcbf2_9ce4_8422_2325_u64;
    let mut i = 0;
    while i < bytes.len() {
        h ^= bytes[i] as u64;
        h = h.wrapping_mul(0x0100_0000_01b3);
        i += 1;
    }
    h
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_letters_digits_dot_underscore_dash() {
        for good in [
            "a",
            "leadership.set.admin_password",
            "A-1",
            "endpoint.{endpoint_name}.joined",
        ] {
            assert!(valid(good), "{good}");
        }
        for bad in [
            "",
            "not a flag!",
            "a{b}",
            "ä",
            "{endpoint_name",
            "a/b",
            "a\n",
        ] {
            assert!(!valid(bad), "{bad}");
        }
    }
}
