//! What the campaign knows without asking: which leader values were committed, and what was only tried.

use std::collections::{BTreeMap, BTreeSet};

use ensign_model::UnitName;

use super::violation::Violation;

/// The truth as it has to be, whatever the units believe.
#[derive(Debug, Default)]
pub(super) struct Ghost {
    /// Orders everything that is written.
    clock: u64,
    /// By watched key.
    known: BTreeMap<String, Known>,
    attempts: Vec<Attempt>,
    records: BTreeMap<UnitName, Record>,
    /// How often leader data arrived, or may have.
    landed: u64,
}

/// The value of a key that was committed last.
#[derive(Debug, Default)]
struct Known {
    value: Option<String>,
    at: u64,
    /// Values that were committed before it.
    former: BTreeSet<String>,
}

/// Leader data that a context wrote and that may or may not have arrived.
#[derive(Debug)]
struct Attempt {
    at: u64,
    /// Everything it gave to the tools.
    text: String,
    /// Whether an operator asked for it.
    operator: bool,
    revokes: bool,
}

/// A unit's commit record, and what Juju made of its context.
#[derive(Debug)]
struct Record {
    id: String,
    fate: Fate,
}

/// What Juju made of a context that had a record.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Fate {
    /// It took over everything.
    Committed,
    /// It took over nothing, and never will.
    Lost,
    /// It took over the state, but not all of the leader data.
    StateOnly { landed: u64 },
    /// Nobody can tell.
    Open,
}

/// Leader data of one context; goes into [`Ghost::commit`] or is left as an attempt.
#[derive(Debug, Clone, Copy)]
pub(super) struct Write(usize);

impl Ghost {
    /// A context gave leader data to a tool.
    pub(super) fn wrote(
        &mut self,
        write: Option<Write>,
        text: &str,
        operator: Option<bool>,
    ) -> Write {
        self.clock += 1;
        let write = write.unwrap_or_else(|| {
            self.attempts.push(Attempt {
                at: 0,
                text: String::new(),
                operator: operator.is_some(),
                revokes: operator == Some(true),
            });
            Write(self.attempts.len() - 1)
        });
        if let Some(attempt) = self.attempts.get_mut(write.0) {
            attempt.at = self.clock;
            attempt.text.push_str(text);
            attempt.text.push('\n');
        }
        write
    }

    /// How often leader data arrived, or may have.
    pub(super) fn landed(&self) -> u64 {
        self.landed
    }

    /// What was buffered reaches Juju only now, all of it or a part.
    pub(super) fn flushed(&mut self, write: Write) {
        self.landed += 1;
        self.clock += 1;
        if let Some(attempt) = self.attempts.get_mut(write.0) {
            attempt.at = self.clock;
        }
    }

    /// A context that wrote leader data was committed; `values` are what it has read last.
    pub(super) fn commit(
        &mut self,
        write: Write,
        values: &BTreeMap<String, String>,
        watched: &[&str],
    ) -> Result<(), Violation> {
        let Some(attempt) = self.attempts.get(write.0) else {
            return Ok(());
        };
        let Attempt { at, operator, .. } = *attempt;
        for key in watched {
            let value = values.get(*key);
            let known = self.known.entry((*key).to_owned()).or_default();
            // What a context has read and not written may be older than what another one has written, and an attempt of
            // that one may arrive yet.
            let unheard = known.value.is_none() && value.is_none();
            let stale = unheard || operator && known.value.as_ref() != value;
            if at < known.at || stale && !attempt.wrote(value) {
                continue;
            }
            if !operator && known.value.as_ref() != value {
                allowed(key, known, value, &self.attempts)?;
            }
            known.become_value(value.cloned(), at);
        }
        Ok(())
    }

    /// A leader setting was written: that is true at once, whatever becomes of the hook.
    pub(super) fn set(
        &mut self,
        write: Write,
        key: &str,
        value: Option<&String>,
    ) -> Result<(), Violation> {
        let Some((at, operator)) = self.attempts.get(write.0).map(|a| (a.at, a.operator)) else {
            return Ok(());
        };
        let known = self.known.entry(key.to_owned()).or_default();
        if !operator && known.value.as_ref() != value {
            allowed(key, known, value, &self.attempts)?;
        }
        known.become_value(value.cloned(), at);
        Ok(())
    }

    /// Everything is at rest, and this is the value of the key.
    pub(super) fn settled(&mut self, key: &str, value: Option<&String>) -> Result<(), Violation> {
        let clock = self.clock;
        let known = self.known.entry(key.to_owned()).or_default();
        if known.value.as_ref() != value {
            allowed(key, known, value, &self.attempts)?;
        }
        known.become_value(value.cloned(), clock);
        Ok(())
    }

    /// Nothing of what was tried is still under way.
    pub(super) fn forget_attempts(&mut self) {
        self.attempts.clear();
    }

    /// The model moves to a Juju that leaves leader settings behind: a value that stands nowhere else may be lost, as
    /// when it was made in `install`, before there was a relation to keep it in.
    pub(super) fn left_behind(&mut self, key: &str, stands: impl FnOnce(&str) -> bool) {
        self.clock += 1;
        let at = self.clock;
        if let Some(known) = self.known.get_mut(key)
            && let Some(value) = known.value.take_if(|value| !stands(value))
        {
            known.former.remove(&value);
            self.attempts.push(Attempt {
                at,
                text: value,
                operator: true,
                revokes: false,
            });
        }
    }

    /// Every value that the key has had.
    pub(super) fn values<'a>(&'a self, key: &str) -> impl Iterator<Item = &'a str> {
        let known = self.known.get(key);
        known
            .into_iter()
            .flat_map(|known| known.former.iter().chain(&known.value))
            .map(String::as_str)
    }

    /// A context that gave this record's id to Juju has ended.
    pub(super) fn recorded(&mut self, unit: &UnitName, id: &str, fate: Fate) {
        let id = id.to_owned();
        self.records.insert(unit.clone(), Record { id, fate });
    }

    /// Nobody can tell any more what the unit has to think of its record.
    pub(super) fn unsure(&mut self, unit: &UnitName) {
        if let Some(record) = self.records.get_mut(unit)
            && record.fate == Fate::Committed
        {
            record.fate = Fate::Open;
        }
    }

    /// A unit takes the record of this id for committed.
    pub(super) fn promoted(&self, unit: &UnitName, id: &str) -> Result<(), Violation> {
        let Some(record) = self.records.get(unit).filter(|record| record.id == id) else {
            return Err(Violation::new(
                "records",
                format!("{unit} promotes a record whose id it has never given to Juju"),
            ));
        };
        match record.fate {
            Fate::Lost => Err(Violation::new(
                "records",
                format!("{unit} promotes the flags of a context that Juju has not taken over"),
            )),
            Fate::StateOnly { landed } if landed == self.landed => Err(Violation::new(
                "records",
                format!("{unit} promotes a context whose leader data Juju has not taken over"),
            )),
            Fate::Committed | Fate::Open | Fate::StateOnly { .. } => Ok(()),
        }
    }

    /// A unit takes the record of this id for lost.
    pub(super) fn dropped(&self, unit: &UnitName, id: &str) -> Result<(), Violation> {
        let committed = self
            .records
            .get(unit)
            .is_some_and(|record| record.id == id && record.fate == Fate::Committed);
        if committed {
            return Err(Violation::new(
                "records",
                format!("{unit} drops the flags of a context that Juju has taken over"),
            ));
        }
        Ok(())
    }
}

impl Attempt {
    /// Whether it may have given the value to a key, or removed it.
    fn wrote(&self, value: Option<&String>) -> bool {
        value.map_or(self.revokes, |value| self.text.contains(value.as_str()))
    }
}

impl Known {
    fn become_value(&mut self, value: Option<String>, at: u64) {
        if self.value != value
            && let Some(before) = std::mem::replace(&mut self.value, value)
        {
            self.former.insert(before);
        }
        self.at = at;
    }
}

/// Whether the key may have come to this value, which is another than the one committed last.
fn allowed(
    key: &str,
    known: &Known,
    value: Option<&String>,
    attempts: &[Attempt],
) -> Result<(), Violation> {
    let tried = |attempt: &Attempt| {
        attempt.at > known.at && (attempt.operator || known.value.is_none()) && attempt.wrote(value)
    };
    let former = value.is_some_and(|value| known.former.contains(value));
    if !former && attempts.iter().any(tried) {
        return Ok(());
    }
    Err(match (&known.value, value) {
        (_, Some(_)) if former => Violation::new(
            "revoked stays revoked",
            format!("`{key}` has a value again that was replaced or removed before"),
        ),
        (Some(_), Some(_)) => Violation::new(
            "in use is not replaced",
            format!("`{key}` was in use, and has another value that no operator asked for"),
        ),
        (Some(_), None) => Violation::new(
            "in use is not replaced",
            format!("`{key}` was in use, and is gone although no operator asked for that"),
        ),
        (None, _) => Violation::new(
            "in use is not replaced",
            format!("`{key}` has a value that nobody has written since it was removed"),
        ),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_a_context_has_not_written_may_arrive_later() {
        let mut ghost = Ghost::default();
        ghost.wrote(None, "mode: fast", None);
        let other = ghost.wrote(None, "word: new", None);
        assert_eq!(ghost.commit(other, &BTreeMap::new(), &["mode"]), Ok(()));
        let fast = "fast".to_owned();
        assert_eq!(ghost.settled("mode", Some(&fast)), Ok(()));
        // Nobody has ever tried that.
        assert!(ghost.settled("mode", Some(&"slow".to_owned())).is_err());
    }

    #[test]
    fn what_an_operators_context_has_not_written_it_does_not_remove() {
        let mut ghost = Ghost::default();
        let values = |all: &[(&str, &str)]| -> BTreeMap<String, String> {
            let all = all.iter().map(|(k, v)| ((*k).to_owned(), (*v).to_owned()));
            all.collect()
        };
        let mode = ghost.wrote(None, "mode: fast", None);
        let read = values(&[("mode", "fast")]);
        assert_eq!(ghost.commit(mode, &read, &["mode", "word"]), Ok(()));
        // It looked before that was there.
        let word = ghost.wrote(None, "word: new", Some(false));
        let read = values(&[("word", "new")]);
        assert_eq!(ghost.commit(word, &read, &["mode", "word"]), Ok(()));
        ghost.forget_attempts();
        let fast = "fast".to_owned();
        assert_eq!(ghost.settled("mode", Some(&fast)), Ok(()));
        // An operator may take it away.
        let gone = ghost.wrote(None, "", Some(true));
        assert_eq!(ghost.commit(gone, &values(&[]), &["mode"]), Ok(()));
        assert!(ghost.settled("mode", Some(&fast)).is_err());
    }
}
