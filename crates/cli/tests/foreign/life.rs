//! One application's life, a chapter a method.

mod look;

use std::collections::BTreeMap;
use std::fs;
use std::time::Duration;

use ensign_local::{Home, LocalModel, Options, Wanted};
use ensign_model::{ActionStatus, Profile};
use serde_json::json;
use tempfile::TempDir;

use crate::charm::assemble;

/// Longer than anything takes here, in model time.
const LONG: Duration = Duration::from_secs(600);

/// What each unit ran, in order.
type Hooks = BTreeMap<String, Vec<String>>;

pub(crate) struct Life {
    name: String,
    profile: Profile,
    model: Option<LocalModel>,
    folder: TempDir,
}

impl Life {
    /// Starts a model and deploys two units.
    pub(crate) fn begin(name: &str, profile: Profile) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let charm = assemble(name, "1", folder.path());
        let started = LocalModel::start(Options {
            home: Home::at(folder.path().join("home")),
            name: "foreign".into(),
            profile,
            seed: Some(7),
            wanted: Wanted::Machines,
            exe: Some(env!("CARGO_BIN_EXE_ensign").into()),
            keep: false,
        });
        let mut model = started.unwrap_or_else(|error| panic!("{error}"));
        model.deploy(name, &charm, 2).unwrap();
        Self {
            name: name.to_owned(),
            profile,
            model: Some(model),
            folder,
        }
    }

    pub(crate) fn is_installed(&mut self) {
        let hooks = self.settle();
        let leader = self.leader();
        for unit in ["0", "1"].map(|number| format!("{}/{number}", self.name)) {
            let mut expected = vec!["install", "cluster-relation-created"];
            if unit == leader {
                expected.push("leader-elected");
            } else if self.has_leader_settings() {
                expected.push("leader-settings-changed");
            }
            expected.extend(["config-changed", "start"]);
            assert_eq!(hooks[&unit][..expected.len()], expected, "{unit}");
            for hook in ["cluster-relation-joined", "cluster-relation-changed"] {
                assert!(hooks[&unit].iter().any(|h| h == hook), "{unit}: {hooks:?}");
            }
            self.wrote(&unit, "install");
            self.wrote(&unit, "start");
        }
        assert_eq!(
            self.messages(),
            ["port 80, motto -, others 1", "port 80, motto -, others 0"]
        );
        assert_eq!(self.file("/etc/foreign-token"), format!("made by {leader}"));
        if self.name != "reactive-charm" {
            let status = self.model().status().unwrap();
            let application = &status.applications[&self.name];
            assert_eq!(application.status.message, format!("led by {leader}"));
        }
        self.has_version("1");
        assert_eq!(
            self.exec("0", ". /etc/os-release; echo $NAME $VERSION_ID"),
            "Ubuntu 22.04\n"
        );
    }

    pub(crate) fn follows_its_configuration(&mut self) {
        let hooks = self.steps("config port=81 motto=ever-onward");
        for hooks in hooks.values() {
            assert_eq!(hooks[0], "config-changed", "{hooks:?}");
        }
        let message = |other: u32| format!("port 81, motto ever-onward, others {other}");
        assert_eq!(self.messages(), [message(1), message(0)]);
        if self.name == "reactive-charm" {
            self.wrote(&format!("{}/0", self.name), "port 81 80");
        }
    }

    pub(crate) fn runs_actions(&mut self) {
        let unit = format!("{}/1", self.name);
        let record = self.action(&unit, "greet");
        assert_eq!(record.status, ActionStatus::Completed, "{record:?}");
        assert_eq!(record.results["greeting"], "hello world");
        assert_eq!(record.results["of"], json!({"unit": unit}));
        if self.name != "reactive-charm" {
            assert_eq!(record.log[0].1, "about to greet");
        }
        let record = self.action(&unit, "refuse");
        assert_eq!(
            (record.status, record.message.as_str()),
            (ActionStatus::Failed, "not today")
        );
        self.settle();
    }

    /// charmhelpers has no functions for secrets.
    pub(crate) fn has_secrets(&self) -> bool {
        self.name != "reactive-charm"
    }

    /// The leader has made one, its follower has read it; another content reaches both.
    pub(crate) fn shares_a_secret(&mut self) {
        assert_eq!(self.file("/etc/foreign-secret"), "first");
        let leader = self.leader();
        let record = self.action(&leader, "rotate");
        assert_eq!(record.status, ActionStatus::Completed, "{record:?}");
        let hooks = self.settle();
        for (unit, hooks) in &hooks {
            let expected = if *unit == leader {
                "secret-remove"
            } else {
                "secret-changed"
            };
            assert!(
                hooks.iter().any(|hook| hook == expected),
                "{unit}: {hooks:?}"
            );
        }
        // The owner's own copy is brought up to date with its next hook.
        self.steps("config port=82");
        assert_eq!(self.file("/etc/foreign-secret"), "second");
    }

    pub(crate) fn grows(&mut self) {
        let hooks = self.steps("add-unit");
        let new = format!("{}/2", self.name);
        assert_eq!(hooks[&new][0], "install");
        for (unit, hooks) in &hooks {
            assert!(
                hooks.iter().any(|hook| hook == "cluster-relation-joined"),
                "{unit}: {hooks:?}"
            );
        }
        let others: Vec<String> = self
            .messages()
            .iter()
            .map(|message| message.rsplit("others ").next().unwrap().to_owned())
            .collect();
        assert_eq!(others, ["1 2", "0 2", "0 1"]);
        self.file("/etc/foreign-token");
    }

    pub(crate) fn gets_another_leader(&mut self) {
        let (old, token) = (self.leader(), self.file("/etc/foreign-token"));
        let hooks = self.steps("kill-leader");
        let new = self.leader();
        assert_ne!(old, new);
        assert!(
            hooks[&new].iter().any(|hook| hook == "leader-elected"),
            "{hooks:?}"
        );
        self.wrote(&new, "leads");
        assert_eq!(
            self.file("/etc/foreign-token"),
            token,
            "the new leader keeps what the old one made"
        );
    }

    pub(crate) fn is_upgraded(&mut self) {
        let before = self.counted();
        let charm = assemble(&self.name.clone(), "2", self.folder.path());
        let hooks = self.upgrade(charm);
        for (unit, hooks) in &hooks {
            assert_eq!(hooks[..2], ["upgrade-charm", "config-changed"], "{unit}");
        }
        assert!(self.counted() > before, "what the charm had stored is gone");
        // The leader says it in its next hook, if not in this one.
        self.has_version("2");
    }

    pub(crate) fn shrinks(&mut self) {
        let leader = self.leader();
        let units = self.report().units;
        let leaves = units
            .iter()
            .find(|unit| unit.alive && unit.unit.as_str() != leader);
        let leaves = leaves.unwrap().unit.to_string();
        let hooks = self.steps(&format!("remove-unit {leaves}"));
        let last = &hooks[&leaves];
        assert_eq!(last[last.len() - 2..], ["stop", "remove"], "{hooks:?}");
        assert!(
            last.iter().any(|hook| hook == "cluster-relation-departed"),
            "{hooks:?}"
        );
        // On Juju 4 a unit that left stays in the peer relation, and nobody is told.
        if self.has_leader_settings() {
            assert!(
                hooks[&leader]
                    .iter()
                    .any(|hook| hook == "cluster-relation-departed"),
                "{hooks:?}"
            );
        }
        assert!(
            self.report()
                .units
                .iter()
                .all(|unit| unit.unit.as_str() != leaves)
        );
    }

    /// Nothing has gone wrong that nobody has noticed.
    pub(crate) fn end(mut self) {
        let log = fs::read_to_string(self.model().path().join("model.log")).unwrap();
        let bad: Vec<&str> = log
            .lines()
            .filter(|line| line.contains(" ERROR ") || line.contains("Traceback"))
            .collect();
        assert_eq!(bad, Vec::<&str>::new());
        let hooks = log.lines().filter(|line| line.contains(" ran \"")).count();
        println!(
            "{} on Juju {}: {hooks} hooks and actions",
            self.name, self.profile
        );
        self.model.take().unwrap().destroy().unwrap();
    }
}

impl Drop for Life {
    fn drop(&mut self) {
        if let Some(model) = self.model.take() {
            // A test that fails shows its own reason, not this one.
            if let (Err(error), false) = (model.destroy(), std::thread::panicking()) {
                panic!("{error}");
            }
        }
    }
}
