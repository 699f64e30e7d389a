//! What somebody can read who looks for what should not be there.

use std::collections::BTreeSet;
use std::fmt::Write as _;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;

use super::Model;
use crate::world::{Commit, Content, SecretChanges, Status};

impl Model {
    /// Every value that stands in a secret: in any revision that is still there, buffered in a running hook, or under
    /// way. Values that are no UTF-8 are left out.
    #[must_use]
    pub fn secret_texts(&self) -> BTreeSet<String> {
        let stored = self.world.secrets.iter().flat_map(|(_, secret)| {
            let revisions = secret.revisions.values();
            revisions.map(|revision| &revision.content)
        });
        let running = self
            .agents
            .values()
            .filter_map(|agent| agent.running.as_ref());
        let running = running.flat_map(|run| contents(&run.secrets));
        let late = self.world.late.values();
        let late = late.flat_map(|commit: &Commit| contents(&commit.secrets));
        stored
            .chain(running)
            .chain(late)
            .flat_map(|content| content.values())
            .filter_map(|value| String::from_utf8(STANDARD.decode(value).ok()?).ok())
            .filter(|text| !text.is_empty())
            .collect()
    }

    /// Everything that can be read without leave to read a secret: options, leader settings, relation data, charms'
    /// state, statuses, versions, actions with their parameters and results, the log since it was last drained, and what
    /// is known about secrets, but nothing of what they hold. One line each, `WHAT: VALUE`.
    #[must_use]
    pub fn everything_readable(&self) -> String {
        let mut out = String::new();
        let mut tell = |what: &str, value: &dyn std::fmt::Display| {
            let _infallible = writeln!(out, "{what}: {value}");
        };
        let world = &self.world;
        for (name, application) in &world.applications {
            for (option, value) in application.config.iter() {
                if let Some(value) = value {
                    let value = serde_json::json!(value);
                    tell(&format!("{name} option {option}"), &value);
                }
            }
            for (key, value) in application.leader_settings.iter() {
                tell(&format!("{name} leader setting {key}"), value);
            }
            tell(&format!("{name} version"), &application.version);
            if let Some(status) = &application.status {
                tell(&format!("{name} status"), &shown(status));
            }
        }
        for (name, unit) in &world.units {
            for (key, value) in unit.state.iter() {
                tell(&format!("{name} state {key}"), value);
            }
            tell(&format!("{name} status"), &shown(&unit.workload));
            tell(&format!("{name} agent"), &shown(&unit.agent));
        }
        for (id, relation) in &world.relations {
            let units = relation.units.iter();
            let units = units.map(|(unit, member)| (unit.as_str(), &member.bag));
            let applications = relation.applications.iter();
            let bags = applications.map(|(name, bag)| (name.as_str(), bag));
            for (owner, bag) in bags.chain(units) {
                for (key, value) in bag.values.iter() {
                    tell(&format!("relation {id} {owner} {key}"), value);
                }
            }
        }
        for (id, action) in &world.actions {
            let of = |value: &serde_json::Map<String, serde_json::Value>| {
                serde_json::Value::Object(value.clone())
            };
            tell(&format!("action {id} {}", action.name), &of(&action.params));
            tell(&format!("action {id} results"), &of(&action.results));
            tell(&format!("action {id} message"), &action.message);
            for (_, message) in &action.log {
                tell(&format!("action {id} log"), message);
            }
        }
        for (id, secret) in world.secrets.iter() {
            tell(&format!("secret {id} label"), &secret.label);
            tell(&format!("secret {id} description"), &secret.description);
        }
        for record in self.log.records() {
            tell(&format!("log {}", record.logger), &record.message);
        }
        out
    }
}

fn contents(changes: &SecretChanges) -> impl Iterator<Item = &Content> {
    let created = changes.creates.values().map(|new| &new.content);
    let updates = changes.updates.values();
    created.chain(updates.filter_map(|update| update.content.as_ref()))
}

fn shown(status: &Status) -> String {
    let data = serde_json::Value::Object(status.data.clone());
    format!("{} {} {data}", status.status, status.message)
}
