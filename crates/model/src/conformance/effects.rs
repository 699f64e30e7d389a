//! What the calls of a case have changed, as recordings tell it.

use serde_json::{Map, Value, json};

use super::compare::shown;
use super::scene::Scene;
use super::scratch::Scratch;
use super::secrets::tell_secrets;
use crate::context::{Metric, Reboot, RunKind};
use crate::world::{PortRange, Status};
use crate::{Time, ToolResult};

impl Scene {
    /// Notes what cannot be seen afterwards.
    pub(super) fn note(&mut self, argv: &[String], result: &ToolResult) {
        if let (Some(tool), 0, false) = (
            argv.first(),
            result.code,
            result.stdout.starts_with(b"Usage:"),
        ) {
            self.worked.insert(tool.clone());
        }
    }

    /// The effects, once the hook has ended well.
    pub(super) fn effects(&mut self, files: &Scratch) -> Value {
        let mut effects = Map::new();
        let name = self.unit.application().to_owned();
        if let Some(application) = self.world.applications.get(&name) {
            if self.worked.contains("leader-set") {
                effects.insert(
                    "leader_settings".to_owned(),
                    json!(*application.leader_settings),
                );
            }
            if let Some(status) = application
                .status
                .as_ref()
                .filter(|status| status.since > Time::START)
            {
                effects.insert("app_status".to_owned(), recorded(status));
            }
            if self.worked.contains("application-version-set") {
                effects.insert("app_version".to_owned(), json!(application.version));
            }
        }
        if let Some(unit) = self
            .world
            .units
            .get(&self.unit)
            .filter(|unit| unit.workload.since > Time::START)
        {
            effects.insert("unit_status".to_owned(), recorded(&unit.workload));
        }
        let logs = self
            .log
            .drain()
            .into_iter()
            .map(|record| json!([record.level, record.logger, record.message]));
        insert_list(&mut effects, "logs", logs.collect());
        let messages = self.world.actions.values().flat_map(|action| &action.log);
        insert_list(
            &mut effects,
            "action_log",
            messages.map(|(_, message)| json!(message)).collect(),
        );
        let written = files
            .written
            .iter()
            .map(|(name, content)| (name.clone(), Value::String(shown(content))));
        insert_map(&mut effects, "files", written.collect());
        let metrics = self.run.recorder.iter().flat_map(|all| &all.recorded);
        insert_list(&mut effects, "metrics", metrics.map(metric).collect());
        match self.run.reboot {
            Reboot::No => {}
            Reboot::AfterHook => {
                effects.insert("reboot".to_owned(), json!("after-hook"));
            }
            Reboot::Now => {
                effects.insert("reboot".to_owned(), json!("now"));
                effects.insert("hook_killed".to_owned(), json!(true));
            }
        }
        insert_map(&mut effects, "secret_reads", self.secret_reads());
        if self.run.reboot != Reboot::Now && self.run.kind != RunKind::Restricted {
            let commit = self.commit();
            insert_map(&mut effects, "commit", commit);
        }
        if let Some(action) = &self.run.action {
            let results = if action.results.is_empty() {
                Value::Null
            } else {
                json!(action.results)
            };
            let status = if action.failed.is_some() {
                "failed"
            } else {
                "completed"
            };
            let message = action.failed.as_ref().filter(|message| !message.is_empty());
            let action = json!({"status": status, "results": results, "message": message});
            effects.insert("action".to_owned(), action);
        }
        Value::Object(effects)
    }

    fn commit(&mut self) -> Map<String, Value> {
        let commit = self.context().commit_request();
        let mut told = Map::new();
        if let Some(state) = commit.state {
            told.insert("state".to_owned(), json!(state));
        }
        let mut relations = Map::new();
        for (id, changes) in commit.relations {
            let mut bags = Map::new();
            for (side, values) in [("local", changes.unit), ("local_app", changes.application)] {
                let values = values
                    .into_iter()
                    .map(|(key, value)| (key, Value::String(value)));
                insert_map(&mut bags, side, values.collect());
            }
            relations.insert(self.context().relation_name(id), Value::Object(bags));
        }
        insert_map(&mut told, "relations", relations);
        let ports = |ports: Vec<(String, PortRange)>| {
            let mut ports = ports;
            ports.sort();
            ports
                .iter()
                .map(|(endpoint, range)| json!([endpoint, range.to_string()]))
                .collect::<Vec<_>>()
        };
        insert_list(&mut told, "open_ports", ports(commit.open_ports));
        insert_list(&mut told, "close_ports", ports(commit.close_ports));
        let mut storage = commit.add_storage;
        storage.sort();
        let storage = storage
            .iter()
            .map(|(name, count)| json!({"name": name, "count": count}));
        insert_list(&mut told, "add_storage", storage.collect());
        for (name, spec) in [
            ("pod_spec", commit.pod_spec),
            ("raw_k8s_spec", commit.raw_spec),
        ] {
            if let Some(spec) = spec {
                told.insert(name.to_owned(), json!(spec));
            }
        }
        tell_secrets(&mut told, &commit.secrets);
        told
    }
}

fn metric(metric: &Metric) -> Value {
    let mut told = json!({"Key": metric.key, "Value": metric.value});
    if !metric.labels.is_empty() {
        told["Labels"] = json!(metric.labels);
    }
    told
}

fn recorded(status: &Status) -> Value {
    json!({"status": status.status, "message": status.message, "data": status.data})
}

pub(super) fn insert_list(into: &mut Map<String, Value>, key: &str, list: Vec<Value>) {
    if !list.is_empty() {
        into.insert(key.to_owned(), Value::Array(list));
    }
}

fn insert_map(into: &mut Map<String, Value>, key: &str, map: Map<String, Value>) {
    if !map.is_empty() {
        into.insert(key.to_owned(), Value::Object(map));
    }
}
