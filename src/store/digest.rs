//! Keyed digests: enough to see that a value changed, not enough to learn it.

use std::fmt;
use std::hash::Hasher;

use serde::{Deserialize, Serialize};
use siphasher::sip128::{Hasher128, SipHasher24};

/// A 128-bit SipHash under the document's own random key.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(into = "String", try_from = "String")]
pub struct Digest(u128);

impl Digest {
    /// The digest of `bytes` under the hexadecimal `key` of a document.
    pub(crate) fn of(key: &str, bytes: &[u8]) -> Self {
        let key = u128::from_str_radix(key, 16)
            .unwrap_or_default()
            .to_be_bytes();
        let mut hasher = SipHasher24::new_with_key(&key);
        hasher.write(bytes);
        Self(hasher.finish128().as_u128())
    }
}

impl fmt::Display for Digest {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:032x}", self.0)
    }
}

impl From<Digest> for String {
    fn from(digest: Digest) -> Self {
        digest.to_string()
    }
}

impl TryFrom<String> for Digest {
    type Error = std::num::ParseIntError;

    fn try_from(text: String) -> Result<Self, Self::Error> {
        u128::from_str_radix(&text, 16).map(Self)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn equal_values_under_different_keys_have_different_digests() {
        let (a, b) = ("0".repeat(32), "1".repeat(32));
        assert_eq!(Digest::of(&a, b"x"), Digest::of(&a, b"x"));
        assert_ne!(Digest::of(&a, b"x"), Digest::of(&b, b"x"));
        assert_ne!(Digest::of(&a, b"x"), Digest::of(&a, b"y"));
    }
}
