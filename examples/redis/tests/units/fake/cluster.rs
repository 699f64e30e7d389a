//! Redis Cluster: what each node knows, and what `redis-cli --cluster` does.

use std::process::Output;

use ensign_testing::{UnitName, exited};

use super::Inner;
use super::commands::Reply;

/// A node of a cluster.
#[derive(Debug, Clone, Default)]
pub(crate) struct Node {}

impl Node {
    pub(crate) fn recall(&mut self, _: &mut std::str::Lines<'_>) {}

    pub(crate) fn remember(&self) -> String {
        String::new()
    }
}

impl Inner {
    pub(super) fn cluster_command(&mut self, _: &UnitName, _: &str) -> Option<Reply> {
        None
    }

    pub(super) fn gossip(&mut self) {}

    pub(super) fn manage(&mut self, _: &UnitName, _: &str, _: &[&str], _: &str) -> Output {
        exited(1, "", "")
    }
}
