//! What a model is started with.

use std::collections::BTreeMap;
use std::time::Duration;

use serde::{Deserialize, Serialize};

use crate::Profile;

/// How a model behaves; fixed once it has begun, `migrate` apart.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct ModelConfig {
    /// The Juju version to behave as.
    pub profile: Profile,
    /// Decides everything that chance decides: who wins a claim, which unit is next, jitter, ids.
    pub seed: u64,
    /// The model's name.
    pub name: String,
    /// The model's UUID; derived from the seed if empty.
    pub uuid: String,
    /// `update-status-hook-interval`; Juju's default is five minutes. Zero: never.
    pub update_status_interval: Duration,
    /// `automatically-retry-hooks`.
    pub retry_hooks: bool,
    /// Where agents keep their files; Juju's is `/var/lib/juju`.
    pub data_dir: String,
    /// What `JUJU_API_ADDRESSES` says.
    pub api_addresses: Vec<String>,
    /// Seconds since 1970 at model time zero; for the time stamps people read.
    pub epoch: u64,
    /// Whether units get a machine and an agent as soon as they are added, and again after a reboot. If not, the driver
    /// reports both with [`Model::start_agent`](crate::Model::start_agent).
    pub automatic_machines: bool,
    /// The model's proxies by their names in `juju model-config`: `http-proxy`, `https-proxy`, `ftp-proxy`, `no-proxy`, and
    /// the same behind `juju-`.
    pub proxies: BTreeMap<String, String>,
    /// Whether subordinates live on the machine of the unit they go with, as in Juju; if not, on one of their own.
    pub shared_machines: bool,
    /// Whether storage is there to be used as soon as its unit's agent runs. If not, the driver reports it with
    /// [`Model::provision_storage`](crate::Model::provision_storage).
    pub automatic_storage: bool,
    /// Whether finished operations are kept for [`Model::history`](crate::Model::history).
    pub keep_history: bool,
    /// The least severe level that is kept; `None` keeps no log at all.
    pub log_level: Option<crate::Level>,
}

impl ModelConfig {
    /// Juju's defaults, with machines that appear by themselves.
    #[must_use]
    pub fn new(profile: Profile, seed: u64) -> Self {
        Self {
            profile,
            seed,
            name: "default".to_owned(),
            uuid: String::new(),
            update_status_interval: Duration::from_secs(300),
            retry_hooks: true,
            data_dir: "/var/lib/juju".to_owned(),
            api_addresses: vec!["10.0.0.1:17070".to_owned()],
            epoch: 1_767_225_600,
            automatic_machines: true,
            proxies: BTreeMap::new(),
            shared_machines: true,
            automatic_storage: true,
            keep_history: true,
            log_level: Some(crate::Level::Debug),
        }
    }
}
