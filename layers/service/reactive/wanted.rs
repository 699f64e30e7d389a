//! How services are meant to be, and what was last made so.

use std::collections::{BTreeMap, BTreeSet};
use std::hash::{DefaultHasher, Hash, Hasher};
use std::path::PathBuf;

use ensign::prelude::*;
use serde::{Deserialize, Serialize};

const WANTED: &str = "layer.service.wanted.";
const APPLIED: &str = "layer.service.applied.";
const KEY: &str = "layer.service.key";

/// How a service is meant to be.
#[derive(Debug, Default, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Wanted {
    pub(crate) running: bool,
    /// Files whose change needs a restart.
    pub(crate) restart_on: BTreeSet<String>,
    /// Files whose change it reads when it is told to.
    pub(crate) reload_on: BTreeSet<String>,
    /// Units and drop-ins that the charm wrote for it.
    pub(crate) units: BTreeSet<String>,
}

/// What a service was last started, restarted or reloaded with: digests of its files and units.
#[derive(Debug, Default, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Applied {
    pub(crate) files: BTreeMap<String, u64>,
    pub(crate) units: BTreeMap<String, u64>,
    /// Whether it was last made to start with the machine, or not to.
    pub(crate) enabled: Option<bool>,
    /// The mark of that time; see [`Applied::is_known`].
    #[serde(default)]
    mark: Option<String>,
}

/// All services that are looked after, by name.
pub(crate) fn all(ctx: &mut Context) -> Result<BTreeMap<String, Wanted>> {
    let values = ctx.kv().range(WANTED, true);
    let wanted = |(name, value)| Ok((name, serde_json::from_value(value)?));
    values.into_iter().map(wanted).collect()
}

impl Wanted {
    pub(crate) fn of(ctx: &mut Context, name: &str) -> Result<Option<Self>> {
        ctx.kv().get(&format!("{WANTED}{name}"))
    }

    pub(crate) fn keep(&self, ctx: &mut Context, name: &str) -> Result {
        ctx.kv().set(&format!("{WANTED}{name}"), self)
    }

    pub(crate) fn forget(ctx: &mut Context, name: &str) {
        ctx.kv().unset(&format!("{WANTED}{name}"));
        ctx.kv().unset(&format!("{APPLIED}{name}"));
    }

    /// What its files and units hold now, with what was remembered of the rest.
    pub(crate) fn now(&self, ctx: &mut Context, applied: &Applied) -> Result<Applied> {
        let files = self.restart_on.union(&self.reload_on);
        Ok(Applied {
            files: digests(ctx, files)?,
            units: digests(ctx, self.units.iter())?,
            enabled: applied.enabled,
            mark: applied.mark.clone(),
        })
    }
}

impl Applied {
    pub(crate) fn of(ctx: &mut Context, name: &str) -> Result<Self> {
        ctx.kv()
            .get_or(&format!("{APPLIED}{name}"), Self::default())
    }

    pub(crate) fn keep(&self, ctx: &mut Context, name: &str) -> Result {
        ctx.kv().set(&format!("{APPLIED}{name}"), self)
    }

    /// Whether this is what the service was last made to know. A hook that starts it and is killed, or fails, leaves it
    /// with what no committed hook remembers, even where its files are as they were before by now. So every start
    /// leaves a mark on the disk, before it happens, that is remembered only if the hook commits.
    pub(crate) fn is_known(&self, ctx: &mut Context, name: &str) -> Result<bool> {
        let there = ctx.read_file(mark_of(ctx, name))?;
        Ok(there.as_deref() == self.mark.as_deref().map(str::as_bytes))
    }

    /// To be called before the service is made to read its files.
    pub(crate) fn mark(&mut self, ctx: &mut Context, name: &str) -> Result {
        let mark = u64::from_ne_bytes(ctx.random::<8>()?).to_string();
        ctx.write_secret_file(mark_of(ctx, name), &mark)?;
        self.mark = Some(mark);
        Ok(())
    }

    /// Whether one of `files` holds something else than `other` tells.
    pub(crate) fn differs(&self, other: &Self, files: &BTreeSet<String>) -> bool {
        files
            .iter()
            .any(|file| self.files.get(file) != other.files.get(file))
    }
}

/// In the charm's own folder: another charm may look after a service of that name on the same machine.
fn mark_of(ctx: &Context, name: &str) -> PathBuf {
    ctx.env().charm_dir.join(format!(".layer-service.{name}"))
}

/// Digests under a key of this unit's own, since files may hold passwords. One that is not there has none.
fn digests<'a>(
    ctx: &mut Context,
    paths: impl Iterator<Item = &'a String>,
) -> Result<BTreeMap<String, u64>> {
    let known: Option<[u8; 16]> = ctx.kv().get(KEY)?;
    let key = match known {
        Some(key) => key,
        None => {
            let key = ctx.random::<16>()?;
            ctx.kv().set(KEY, &key)?;
            key
        }
    };
    let mut all = BTreeMap::new();
    for path in paths {
        if let Some(content) = ctx.read_file(path)? {
            let mut hasher = DefaultHasher::new();
            (key, content).hash(&mut hasher);
            all.insert(path.clone(), hasher.finish());
        }
    }
    Ok(all)
}
