//! The application's secret: all secret leader values of an application in one, found by its owner's label.

use std::collections::BTreeMap;

use ensign::tools::{self, SecretRead, SecretRef};
use ensign::{Context, Error, ErrorKind, Result};

use super::generation::{Generation, KEY};

/// The owner's label of the secret.
pub(super) const LABEL: &str = "ensign.leader";

/// The longest part of the content, in bytes: Juju takes 8,192.
const PART: usize = 8_000;

/// What the secret holds.
#[derive(Clone, PartialEq, Eq)]
pub(super) struct Content {
    /// The charm's keys.
    pub(super) values: BTreeMap<String, String>,
    /// New with each write; the bell carries the same.
    pub(super) generation: Generation,
}

/// What is known of the secret in this context.
#[derive(Debug, Default)]
pub(super) enum Reading {
    /// It was not read.
    #[default]
    Unread,
    /// This Juju has no secrets after all.
    NoSecrets,
    /// There is none.
    Absent,
    /// What it holds.
    There(Content),
}

/// The secret as this context reads and writes it.
#[derive(Debug, Default)]
pub(super) struct Vault {
    reading: Reading,
    /// Its id, once it was asked for.
    id: Option<String>,
    /// What it is to hold once this hook has committed.
    pub(super) next: Option<Content>,
    /// The bell was rung and the content cannot be read yet.
    pub(super) waiting: bool,
}

/// The values stay out of it.
impl std::fmt::Debug for Content {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Content")
            .field("keys", &self.values.keys())
            .field("generation", &self.generation)
            .finish_non_exhaustive()
    }
}

impl Content {
    /// The content as Juju keeps it: a JSON map, cut into `data-0`, `data-1`, …
    pub(super) fn encode(&self) -> Result<BTreeMap<String, String>> {
        let mut all = self.values.clone();
        all.insert(KEY.to_owned(), self.generation.to_string());
        let text = serde_json::to_string(&all)?;
        let mut parts = BTreeMap::new();
        let mut rest = text.as_str();
        while !rest.is_empty() {
            let (part, more) = rest.split_at(rest.floor_char_boundary(PART));
            parts.insert(format!("data-{}", parts.len()), part.to_owned());
            rest = more;
        }
        Ok(parts)
    }

    /// Puts it together again.
    fn decode(parts: &BTreeMap<String, String>) -> Result<Self> {
        let text: String = (0..parts.len())
            .map_while(|number| parts.get(&format!("data-{number}")))
            .map(String::as_str)
            .collect();
        let foreign = || {
            // Neither the text nor the parser's words, which may quote it.
            Error::new(
                ErrorKind::Invalid,
                format!("the application's secret `{LABEL}` does not hold leader data"),
            )
            .hint("the label is the leadership layer's own: give the charm's secret another one")
        };
        let mut values: BTreeMap<String, String> =
            serde_json::from_str(&text).map_err(|_| foreign())?;
        let generation = values
            .remove(KEY)
            .and_then(|text| Generation::parse(&text))
            .ok_or_else(foreign)?;
        Ok(Self { values, generation })
    }
}

impl Vault {
    /// The content as Juju has it, read once in this context.
    ///
    /// # Errors
    /// When it cannot be read, or is not ours.
    pub(super) fn read(&mut self, ctx: &mut Context) -> Result<&Reading> {
        if matches!(self.reading, Reading::Unread) {
            let label = SecretRef::Label(LABEL);
            self.reading = match tools::secret_get(ctx.tools(), label, SecretRead::Refresh) {
                Ok(Some(parts)) => Reading::There(Content::decode(&parts)?),
                Ok(None) => Reading::Absent,
                Err(e) if e.is_missing() => Reading::NoSecrets,
                Err(e) => return Err(e.into()),
            };
        }
        Ok(&self.reading)
    }

    /// What it holds, own writes of this context included; `None` where there is none.
    ///
    /// # Errors
    /// As [`read`](Self::read).
    pub(super) fn content(&mut self, ctx: &mut Context) -> Result<Option<&Content>> {
        if self.next.is_none() {
            self.read(ctx)?;
        }
        Ok(match (&self.next, &self.reading) {
            (Some(content), _) | (None, Reading::There(content)) => Some(content),
            _ => None,
        })
    }

    /// The id under which this unit may write it; `None` if it may not, having begun to lead after this context was
    /// made.
    ///
    /// # Errors
    /// When Juju cannot be asked.
    pub(super) fn id(&mut self, ctx: &mut Context) -> Result<Option<String>> {
        if self.id.is_none() {
            self.id = tools::secret_id(ctx.tools(), SecretRef::Label(LABEL))?;
        }
        Ok(self.id.clone())
    }

    /// Something else called hook tools.
    pub(super) fn forget(&mut self) {
        self.reading = Reading::Unread;
        self.waiting = false;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn content(values: &[(&str, &str)]) -> Content {
        let values = values.iter().map(|(k, v)| ((*k).into(), (*v).into()));
        Content {
            values: values.collect(),
            generation: Generation::parse("7.ab").expect("a generation"),
        }
    }

    #[test]
    fn content_is_cut_where_juju_needs_it_and_put_together_again() {
        // Two bytes a character, so that a cut may fall into the middle of one.
        let long = "ä".repeat(13_000);
        let content = content(&[("a", "1"), ("long", &long)]);
        let parts = content.encode().expect("encoded");
        assert_eq!(
            parts.keys().collect::<Vec<_>>(),
            ["data-0", "data-1", "data-2", "data-3"]
        );
        assert!(parts.values().all(|part| part.len() <= PART));
        assert_eq!(Content::decode(&parts).expect("decoded"), content);
    }

    #[test]
    fn more_than_ten_parts_keep_their_order() {
        let long = "x".repeat(85_000);
        let content = content(&[("k", &long)]);
        let parts = content.encode().expect("encoded");
        assert_eq!(parts.len(), 11);
        assert_eq!(Content::decode(&parts).expect("decoded"), content);
    }

    #[test]
    fn foreign_content_is_an_error_that_does_not_show_it() {
        for text in [
            "hunter2",
            "{\"k\":\"hunter2\"}",
            "{\"ensign-gen\":\"hunter2\"}",
        ] {
            let parts = BTreeMap::from([("data-0".to_owned(), text.to_owned())]);
            let error = Content::decode(&parts).expect_err("foreign").line();
            assert!(error.contains("does not hold leader data"), "{error}");
            assert!(!error.contains("hunter2"), "{error}");
        }
        assert!(!format!("{:?}", content(&[("k", "hunter2")])).contains("hunter2"));
    }
}
