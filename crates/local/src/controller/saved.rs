//! What of a model survives its controller: `state.json`, replaced as a whole.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::io;
use std::path::Path;

use ensign_model::{Model, UnitName};
use serde::{Deserialize, Serialize};

use crate::error::{Doing, Error, Result};
use crate::machine::Base;
use crate::network::Subnet;

/// The model, and what runs it.
#[derive(Debug, Serialize, Deserialize)]
pub(super) struct Saved {
    /// The model.
    pub(super) model: Model,
    /// The folder of each charm that was deployed, by the build the model knows it under.
    pub(super) charms: BTreeMap<String, String>,
    /// How many charms were deployed: makes every build another one.
    pub(super) uploads: u64,
    /// The charm of each application, as it was last deployed.
    pub(super) latest: BTreeMap<String, crate::Charm>,
    /// The first application that was deployed.
    pub(super) first: Option<String>,
    /// What each unit runs in.
    pub(super) units: BTreeMap<UnitName, Place>,
    /// How many machines there were: an address is used again as late as possible.
    pub(super) machines: u32,
    /// The net their addresses are of.
    pub(super) net: Option<Subnet>,
    /// Units that do not reach the controller.
    pub(super) cut: BTreeSet<UnitName>,
    /// Units whose charm is killed at its next tool call.
    pub(super) doomed: BTreeSet<UnitName>,
}

/// What a unit runs in.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Place {
    /// Its machine's number.
    pub(super) machine: String,
    /// Its place in the net.
    pub(super) index: u32,
    /// What its machine says it runs.
    pub(super) base: Base,
    /// Its machine was up at least once.
    pub(super) booted: bool,
    /// Its machine is lost for good.
    pub(super) killed: bool,
}

impl Saved {
    pub(super) fn new(model: Model) -> Self {
        Self {
            model,
            charms: BTreeMap::new(),
            uploads: 0,
            latest: BTreeMap::new(),
            first: None,
            units: BTreeMap::new(),
            machines: 0,
            net: None,
            cut: BTreeSet::new(),
            doomed: BTreeSet::new(),
        }
    }

    /// What the controller before has left; `None` for a new model.
    pub(super) fn load(path: &Path) -> Result<Option<Self>> {
        let text = match fs::read(path) {
            Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(None),
            other => other.doing(|| format!("read `{}`", path.display()))?,
        };
        let damaged = |error: serde_json::Error| Error::Damaged {
            path: path.to_owned(),
            why: error.to_string(),
        };
        serde_json::from_slice(&text).map(Some).map_err(damaged)
    }

    /// Replaces the file as a whole: a controller that is killed at any moment leaves a state of its own.
    ///
    /// It is not forced to the disk. A crash of the whole host takes from the machines' files what was not
    /// written yet; a state that is newer than those would be no better than one of the same age.
    pub(super) fn save(&self, path: &Path) -> Result<()> {
        let saving = || format!("save `{}`", path.display());
        let text =
            serde_json::to_vec(self).map_err(|error| Error::Controller(error.to_string()))?;
        let aside = path.with_extension("new");
        fs::write(&aside, text)
            .and_then(|()| fs::rename(&aside, path))
            .doing(saving)
    }
}
