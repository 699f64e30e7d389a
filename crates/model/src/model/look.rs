//! What can be seen from outside.

use std::collections::BTreeMap;

use super::Model;
use crate::agent::Link;
use crate::world::{Owner, Secret, Status};
use crate::{
    ApplicationStatus, HookRecord, LogRecord, ModelStatus, RelationStatus, RevisionStatus,
    SecretStatus, StatusText, UnitName, UnitStatus,
};

impl Model {
    /// What `juju status` shows. As there, a unit whose hook failed has an idle agent and a workload in error.
    #[must_use]
    pub fn status(&self) -> ModelStatus {
        let applications = self.world.applications.iter().map(|(name, application)| {
            let leader = self.world.leases.holder(name).cloned();
            let mut units: Vec<UnitStatus> = application
                .units
                .iter()
                .filter_map(|unit| self.unit_status(unit))
                .collect();
            units.sort_by_key(|status| status.unit.number());
            let status = ApplicationStatus {
                charm: application.charm.name.clone(),
                revision: application.charm.revision,
                base: application.charm.base.clone(),
                version: application.version.clone(),
                status: text(&self.world.application_status(name)),
                life: application.life,
                leader,
                units,
            };
            (name.clone(), status)
        });
        let relations = self.world.relations.iter().map(|(id, relation)| {
            let endpoints = relation
                .sides
                .iter()
                .map(|side| format!("{}:{}", side.application, side.endpoint));
            let status = RelationStatus {
                endpoints: endpoints.collect(),
                interface: relation.interface.clone(),
                life: relation.life,
            };
            (*id, status)
        });
        ModelStatus {
            name: self.world.name.clone(),
            uuid: self.world.uuid.clone(),
            profile: self.world.profile,
            now: self.now,
            epoch: self.world.epoch,
            applications: applications.collect(),
            relations: relations.collect(),
        }
    }

    fn unit_status(&self, unit: &UnitName) -> Option<UnitStatus> {
        let document = self.world.units.get(unit)?;
        let link = self.agents.get(unit)?.link;
        let (mut agent, mut workload) = (text(&document.agent), text(&document.workload));
        if agent.status == "error" {
            workload = StatusText {
                status: "error".to_owned(),
                message: agent.message,
                since: agent.since,
            };
            agent = StatusText {
                status: "idle".to_owned(),
                message: String::new(),
                since: workload.since,
            };
        }
        if matches!(link, Link::Lost | Link::Cut | Link::Stopped) && agent.status != "rebooting" {
            agent.status = "lost".to_owned();
            agent.message = "agent is not communicating with the server".to_owned();
            workload.status = "unknown".to_owned();
            workload.message = format!("agent lost, see 'juju show-status-log {unit}'");
        }
        Some(UnitStatus {
            unit: unit.clone(),
            life: document.life,
            leader: self.world.leases.is_held_by(unit),
            alive: link == Link::Up,
            agent,
            workload,
            machine: document.machine.clone(),
            address: Some(document.public_address.clone()).filter(|address| !address.is_empty()),
            ports: document
                .ports
                .ranges()
                .iter()
                .map(ToString::to_string)
                .collect(),
        })
    }

    /// What `juju secrets` and `juju show-secret` tell: every secret by its id, and nothing of what it holds.
    #[must_use]
    pub fn secrets(&self) -> BTreeMap<String, SecretStatus> {
        let secrets = self.world.secrets.iter();
        secrets
            .map(|(id, secret)| (id.clone(), secret_status(secret)))
            .collect()
    }

    /// Who holds an application's lease.
    #[must_use]
    pub fn leader(&self, application: &str) -> Option<&UnitName> {
        self.world.leases.holder(application)
    }

    /// The log since the last call.
    pub fn drain_log(&mut self) -> Vec<LogRecord> {
        self.log.drain()
    }

    /// What a unit has run so far; units that are gone included.
    #[must_use]
    pub fn history(&self, unit: &UnitName) -> &[HookRecord] {
        self.histories.get(unit).map_or(&[], Vec::as_slice)
    }

    /// Every unit there is or was, with what it has run.
    pub fn histories(&self) -> impl Iterator<Item = (&UnitName, &[HookRecord])> {
        self.histories
            .iter()
            .map(|(unit, records)| (unit, records.as_slice()))
    }
}

fn secret_status(secret: &Secret) -> SecretStatus {
    let revisions = secret.revisions.iter().map(|(number, revision)| {
        let status = RevisionStatus {
            expires: revision.expires,
            obsolete: revision.obsolete,
        };
        (*number, status)
    });
    let readers = secret.consumers.iter();
    SecretStatus {
        owner: match &secret.owner {
            Owner::Application(name) => name.clone(),
            Owner::Unit(unit) => unit.to_string(),
            Owner::Model => "model".to_owned(),
        },
        label: secret.label.clone(),
        description: secret.description.clone(),
        rotation: secret.rotate.name().to_owned(),
        rotates: secret.next_rotate,
        latest: secret.latest,
        revisions: revisions.collect(),
        granted: secret
            .grants
            .iter()
            .map(|grant| grant.target.clone())
            .collect(),
        readers: readers
            .map(|(unit, consumer)| (unit.clone(), consumer.tracked))
            .collect(),
    }
}

fn text(status: &Status) -> StatusText {
    StatusText {
        status: status.status.clone(),
        message: status.message.clone(),
        since: status.since,
    }
}
