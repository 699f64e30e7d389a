//! The cloud a model runs on, as `credential-get` tells of it.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

/// A cloud.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, rename_all = "kebab-case")]
pub(crate) struct Cloud {
    #[serde(rename = "type")]
    pub(crate) kind: String,
    pub(crate) name: String,
    pub(crate) region: String,
    pub(crate) endpoint: String,
    pub(crate) identity_endpoint: String,
    pub(crate) storage_endpoint: String,
    pub(crate) credential: Option<CloudCredential>,
    #[serde(rename = "cacertificates")]
    pub(crate) ca_certificates: Vec<String>,
    pub(crate) skip_tls_verify: bool,
    pub(crate) is_controller_cloud: bool,
}

/// How to get into it.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, rename_all = "kebab-case")]
pub(crate) struct CloudCredential {
    pub(crate) auth_type: String,
    #[serde(rename = "attrs")]
    pub(crate) attributes: BTreeMap<String, String>,
    pub(crate) redacted: Vec<String>,
}

impl Cloud {
    /// The cloud of a model that runs on the author's own machine: nothing to get into it with.
    pub(crate) fn local() -> Self {
        Self {
            kind: "manual".to_owned(),
            name: "local".to_owned(),
            region: "default".to_owned(),
            credential: Some(CloudCredential {
                auth_type: "empty".to_owned(),
                ..CloudCredential::default()
            }),
            ..Self::default()
        }
    }
}
