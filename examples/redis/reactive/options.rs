//! The charm's options, checked: with a wrong one the server goes on as it was.

use ensign::prelude::*;
use layer_options::{Check, Options};
use serde::{Deserialize, Serialize};

use crate::lib::source::Source;

const LEVELS: [&str; 4] = ["debug", "verbose", "notice", "warning"];
const MOST: i64 = i32::MAX as i64;

/// Options that become settings of the server, and those that cannot be changed after deployment.
#[derive(Debug, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub struct Wanted {
    cluster_enabled: bool,
    databases: i64,
    install_source: String,
    log_level: String,
    port: i64,
    tcp_keepalive: i64,
    timeout: i64,
}

impl Options for Wanted {
    fn check(&self, ctx: &mut Context) -> Result<Check> {
        let cluster = ctx.leader_get("cluster-enabled")?;
        let source = ctx.leader_get("install-source")?;
        let bus = ctx.leader_get("cluster-port")?;
        let is_bus = bus.is_some_and(|bus| *bus == *self.port.to_string());
        let is_source = source.is_some() || Source::named(&self.install_source).is_some();
        let highest = if self.cluster_enabled { 55_535 } else { 65_535 };
        let enabled = self.cluster_enabled.to_string();
        Ok(Check::default()
            .fixed("cluster-enabled", &enabled, cluster.as_deref())
            .within("databases", self.databases, 1..=MOST)
            .within("port", self.port, 1..=highest)
            .that(
                "port",
                !(self.cluster_enabled && is_bus),
                "must not be that of the cluster's bus",
            )
            .within("tcp-keepalive", self.tcp_keepalive, 0..=MOST)
            .within("timeout", self.timeout, 0..=MOST)
            .one_of("log-level", &self.log_level, &LEVELS)
            .fixed("install-source", &self.install_source, source.as_deref())
            .that("install-source", is_source, "must be apt or snap"))
    }
}

impl Wanted {
    pub fn port(&self) -> u16 {
        u16::try_from(self.port).unwrap_or(6379)
    }

    /// Those that become settings as they are.
    pub fn settings(&self) -> Vec<(&'static str, String)> {
        vec![
            ("databases", self.databases.to_string()),
            ("loglevel", self.log_level.clone()),
            ("tcp-keepalive", self.tcp_keepalive.to_string()),
            ("timeout", self.timeout.to_string()),
        ]
    }
}
