//! What is around the unit: addresses, the goal state, storage, resources, secrets.

use std::collections::BTreeMap;
use std::path::PathBuf;

use super::{Context, Secret};
use crate::error::Result;
use crate::tools::{self, GoalState, NetworkInfo, SecretRead, SecretRef, StorageInfo, UnitAddress};

impl Context {
    /// The unit's address inside the model; `None` if it is not known yet.
    ///
    /// # Errors
    /// When `unit-get` fails.
    pub fn unit_address(&mut self) -> Result<Option<String>> {
        Ok(tools::unit_get(&mut self.tools, UnitAddress::Private)?)
    }

    /// Where to listen, and what address to give to others, on a binding: an endpoint or an extra binding.
    ///
    /// # Errors
    /// When the charm has no such binding.
    pub fn network(&mut self, binding: &str) -> Result<NetworkInfo> {
        Ok(tools::network_get(&mut self.tools, binding, None)?)
    }

    /// Which units and relations there are going to be.
    ///
    /// # Errors
    /// When `goal-state` fails.
    pub fn goal_state(&mut self) -> Result<GoalState> {
        Ok(tools::goal_state(&mut self.tools)?)
    }

    /// The unit's storage instances, such as `data/0`, with kind and place.
    ///
    /// # Errors
    /// When a storage tool fails.
    pub fn storage(&mut self) -> Result<BTreeMap<String, StorageInfo>> {
        let ids = tools::storage_list(&mut self.tools, None)?;
        let mut all = BTreeMap::new();
        for id in ids {
            let info = tools::storage_get(&mut self.tools, &id)?;
            all.insert(id, info);
        }
        Ok(all)
    }

    /// The path of a resource, fetched if need be.
    ///
    /// # Errors
    /// When it cannot be had.
    pub fn resource(&mut self, name: &str) -> Result<PathBuf> {
        Ok(tools::resource_get(&mut self.tools, name)?)
    }

    /// The newest content of a secret that this unit may read, by id; `None` if it does not exist. This unit
    /// follows that revision from now on.
    ///
    /// # Errors
    /// When it may not be read.
    pub fn secret_get(&mut self, id: &str) -> Result<Option<BTreeMap<String, Secret>>> {
        let content = tools::secret_get(&mut self.tools, SecretRef::Id(id), SecretRead::Refresh)?;
        Ok(content.map(|c| {
            c.into_iter()
                .map(|(key, value)| (key, Secret::new(value)))
                .collect()
        }))
    }
}
