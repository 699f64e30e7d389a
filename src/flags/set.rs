//! The flags that are set, found by the hash that the compiler made of their names.

use std::collections::HashMap;
use std::collections::hash_map::Entry;
use std::hash::{BuildHasherDefault, Hasher};

use super::name::{Flag, hash};

/// The set of flags. Names whose hashes collide are kept apart.
#[derive(Debug, Clone, Default)]
pub(crate) struct FlagSet {
    by_hash: HashMap<u64, Names, BuildHasherDefault<Given>>,
}

#[derive(Debug, Clone)]
struct Names {
    first: Box<str>,
    /// Other names of the same hash: empty in every real charm.
    others: Vec<Box<str>>,
}

/// Keys are hashes already.
#[derive(Debug, Default, Clone)]
pub(crate) struct Given(u64);

impl Hasher for Given {
    fn finish(&self) -> u64 {
        self.0
    }

    fn write(&mut self, bytes: &[u8]) {
        for &b in bytes {
            self.0 = self.0.rotate_left(8) ^ u64::from(b);
        }
    }

    fn write_u64(&mut self, n: u64) {
        self.0 = n;
    }
}

/// A map whose keys are hashes already.
pub(crate) type ByHash<T> = HashMap<u64, T, BuildHasherDefault<Given>>;

impl FlagSet {
    pub(crate) fn has(&self, flag: Flag) -> bool {
        self.holds(flag.hash(), flag.name())
    }

    pub(crate) fn contains(&self, name: &str) -> bool {
        self.holds(hash(name), name)
    }

    fn holds(&self, hash: u64, name: &str) -> bool {
        self.by_hash
            .get(&hash)
            .is_some_and(|n| *n.first == *name || n.others.iter().any(|o| **o == *name))
    }

    /// Whether the flag was unset before.
    pub(crate) fn set(&mut self, name: &str) -> bool {
        match self.by_hash.entry(hash(name)) {
            Entry::Vacant(slot) => {
                slot.insert(Names {
                    first: name.into(),
                    others: Vec::new(),
                });
                true
            }
            Entry::Occupied(mut slot) => {
                let names = slot.get_mut();
                let there = *names.first == *name || names.others.iter().any(|o| **o == *name);
                if !there {
                    names.others.push(name.into());
                }
                !there
            }
        }
    }

    /// Whether the flag was set before.
    pub(crate) fn clear(&mut self, name: &str) -> bool {
        let Entry::Occupied(mut slot) = self.by_hash.entry(hash(name)) else {
            return false;
        };
        let names = slot.get_mut();
        if *names.first == *name {
            match names.others.pop() {
                Some(other) => names.first = other,
                None => {
                    slot.remove();
                }
            }
            return true;
        }
        let before = names.others.len();
        names.others.retain(|o| **o != *name);
        names.others.len() != before
    }

    /// All names, sorted (B40).
    pub(crate) fn sorted(&self) -> Vec<&str> {
        self.below("")
    }

    /// The names that begin with `prefix`, sorted.
    pub(crate) fn below(&self, prefix: &str) -> Vec<&str> {
        let mut all: Vec<&str> = self
            .by_hash
            .values()
            .flat_map(|n| std::iter::once(&*n.first).chain(n.others.iter().map(|o| &**o)))
            .filter(|name| name.starts_with(prefix))
            .collect();
        all.sort_unstable();
        all
    }
}

impl<'a> FromIterator<&'a str> for FlagSet {
    fn from_iter<I: IntoIterator<Item = &'a str>>(names: I) -> Self {
        let mut set = Self::default();
        for name in names {
            set.set(name);
        }
        set
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use proptest::prelude::*;

    use super::*;

    #[test]
    fn names_that_share_a_hash_are_two_flags() {
        let mut set = FlagSet::default();
        set.by_hash.insert(
            hash("a"),
            Names {
                first: "other".into(),
                others: Vec::new(),
            },
        );
        assert!(!set.contains("a"));
        assert!(set.set("a"));
        assert!(set.contains("a"));
        assert_eq!(set.sorted(), ["a", "other"]);
        assert!(set.clear("a"));
        assert!(!set.clear("a"));
        assert_eq!(set.sorted(), ["other"]);
    }

    proptest! {
        #[test]
        fn it_is_a_set(
            steps in prop::collection::vec((any::<bool>(), "[a-c]{0,2}"), 0..40),
            collide in any::<bool>(),
        ) {
            let mut flags = FlagSet::default();
            let mut set = BTreeSet::new();
            if collide {
                // As if another name had the hash of `a`.
                let other = Names { first: "other".into(), others: Vec::new() };
                flags.by_hash.insert(hash("a"), other);
                set.insert("other".to_owned());
            }
            for (add, name) in steps {
                let (changed, expected) = if add {
                    (flags.set(&name), set.insert(name.clone()))
                } else {
                    (flags.clear(&name), set.remove(&name))
                };
                prop_assert_eq!(changed, expected);
                prop_assert_eq!(flags.contains(&name), set.contains(&name));
                let sorted: Vec<&str> = set.iter().map(String::as_str).collect();
                prop_assert_eq!(flags.sorted(), sorted);
            }
        }
    }
}
