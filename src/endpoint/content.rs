//! What a secret holds behind a data bag: the bag's secret fields, and the salt of their digests.

use super::provider::Texts;
use super::reference::Reference;
use crate::store::Digest;

/// The key of the content that digests are made with: new with each secret, and as secret as the rest.
pub(super) const SALT: &str = "ensign-salt";

/// The key of the content that a field stands under: Juju takes lower-case letters, digits and hyphens only.
pub(super) fn content_key(field: &str) -> String {
    let plain: String = field
        .chars()
        .map(|c| match c {
            '_' | '.' => '-',
            c => c.to_ascii_lowercase(),
        })
        .collect();
    let fits = |text: &str| {
        text.len() > 2
            && text.starts_with(|c: char| c.is_ascii_lowercase())
            && !text.ends_with('-')
            && !text.contains("--")
            && text.chars().filter(|c| *c != '-').count() > 2
            && text
                .chars()
                .all(|c| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '-')
    };
    if fits(&plain) && !plain.starts_with("field-") && plain != SALT {
        return plain;
    }
    let hex: String = field.bytes().map(|b| format!("{b:02x}")).collect();
    format!("field-{hex}")
}

/// What the bag says behind the secret's id if that holds this content.
pub(super) fn query(field: &str, content: &Texts) -> String {
    let name = content_key(field);
    let value = content.get(&name).map(String::as_str).unwrap_or_default();
    let salt = content.get(SALT).map(String::as_str).unwrap_or_default();
    Reference::query(&name, Digest::of(salt, value.as_bytes()))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::tools;

    #[test]
    fn every_field_has_a_key_that_juju_takes() {
        for (field, key) in [
            ("password", "password"),
            ("admin_password", "admin-password"),
            ("Tls.Key", "tls-key"),
            ("ca", "field-6361"),
            ("a__b", "field-615f5f62"),
            ("field-6361", "field-6669656c642d36333631"),
            ("ensign-salt", "field-656e7369676e2d73616c74"),
            ("ä", "field-c3a4"),
        ] {
            assert_eq!(content_key(field), key);
            let content = Texts::from([(key.to_owned(), "v".to_owned())]);
            tools::secret_document(&content).unwrap();
        }
    }

    #[test]
    fn a_reference_says_that_a_value_changed_and_not_what_it_is() {
        let content = |salt: &str, value: &str| {
            Texts::from([
                (SALT.to_owned(), salt.repeat(32)),
                ("password".to_owned(), value.to_owned()),
            ])
        };
        let of = |salt, value| query("password", &content(salt, value));
        assert_eq!(of("0", "a"), of("0", "a"));
        assert_ne!(of("0", "a"), of("0", "b"));
        assert_ne!(of("0", "a"), of("1", "a"));
        assert!(of("0", "a").starts_with("key=password&v="));
    }
}
