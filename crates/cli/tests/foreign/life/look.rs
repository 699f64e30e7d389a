//! What a chapter asks of the model, and what it looks at.

use std::fs;

use ensign_local::{Charm, Event, LocalModel, Report, Step, UnitReport, read_steps};
use ensign_model::{ActionRecord, Outcome, Profile, UnitName};

use super::{Hooks, LONG, Life};

impl Life {
    pub(super) fn model(&mut self) -> &mut LocalModel {
        self.model.as_mut().unwrap()
    }

    pub(super) fn has_leader_settings(&self) -> bool {
        self.profile == Profile::V3_6
    }

    pub(super) fn report(&mut self) -> Report {
        self.model().report(&[]).unwrap()
    }

    pub(super) fn leader(&mut self) -> String {
        self.report().leaders[&self.name].to_string()
    }

    /// Settles; the hooks that every unit ran meanwhile, all of which worked.
    pub(super) fn settle(&mut self) -> Hooks {
        let mut hooks = Hooks::new();
        let mut bad = Vec::new();
        let settling = self.model().settle(LONG, &mut |event| {
            if let Event::Ended {
                unit,
                what,
                outcome,
                ..
            } = event
            {
                if !matches!(outcome, Outcome::Done | Outcome::Skipped) {
                    bad.push(format!("{unit} {what} {outcome:?}"));
                }
                if !["deploy", "run-commands"].contains(&what.as_str()) {
                    hooks.entry(unit.to_string()).or_default().push(what);
                }
            }
        });
        let unsettled = settling.unwrap().unsettled;
        assert!(
            unsettled.is_empty() && bad.is_empty(),
            "{unsettled:?} {bad:?}\n{}",
            self.log()
        );
        hooks
    }

    pub(super) fn steps(&mut self, steps: &str) -> Hooks {
        for step in read_steps(steps).unwrap() {
            self.model().step(&step, &mut |_| {}).unwrap();
        }
        self.settle()
    }

    pub(super) fn upgrade(&mut self, charm: Charm) -> Hooks {
        let step = Step::Upgrade(None, None).with_charm(charm);
        self.model().step(&step, &mut |_| {}).unwrap();
        self.settle()
    }

    pub(super) fn action(&mut self, unit: &str, name: &str) -> ActionRecord {
        let unit: UnitName = unit.parse().unwrap();
        let ran = self.model().run(&unit, name, serde_json::Map::new(), LONG);
        ran.unwrap()
    }

    pub(super) fn exec(&mut self, number: &str, commands: &str) -> String {
        let unit: UnitName = format!("{}/{number}", self.name).parse().unwrap();
        let record = self.model().exec(&unit, commands, LONG).unwrap();
        assert_eq!(record.results["return-code"], 0, "{record:?}");
        let out = record.results.get("stdout").and_then(|out| out.as_str());
        out.unwrap_or_default().to_owned()
    }

    /// A file that is the same on all live units.
    pub(super) fn file(&mut self, path: &str) -> String {
        let compared = self.model().compare_file(path).unwrap();
        assert!(compared.is_same(), "{compared:?}");
        let number = self.alive()[0].unit.number().to_string();
        self.exec(&number, &format!("cat {path}"))
    }

    pub(super) fn alive(&mut self) -> Vec<UnitReport> {
        let mut units = self.report().units;
        units.retain(|unit| unit.alive);
        units
    }

    /// What the charm has written down about what it met.
    pub(super) fn written(&mut self, unit: &str) -> String {
        let number = unit.rsplit('/').next().unwrap().to_owned();
        self.exec(&number, "cat /var/log/foreign")
    }

    pub(super) fn wrote(&mut self, unit: &str, word: &str) {
        let written = self.written(unit);
        assert!(written.contains(word), "{unit} has no `{word}`:\n{written}");
    }

    /// How many hooks the first live unit has counted, in the store of its framework.
    pub(super) fn counted(&mut self) -> usize {
        let unit = self.alive()[0].unit.to_string();
        let written = self.written(&unit);
        let mut counts = written
            .lines()
            .filter_map(|line| line.rsplit_once("s=")?.1.parse().ok());
        // The bash charm stores nothing; its lines are its count.
        counts.next_back().unwrap_or(written.lines().count())
    }

    pub(super) fn messages(&mut self) -> Vec<String> {
        let units = self.alive();
        for unit in &units {
            assert_eq!(unit.workload.status, "active", "{}", unit.unit);
        }
        units
            .into_iter()
            .map(|unit| unit.workload.message)
            .collect()
    }

    pub(super) fn has_version(&mut self, version: &str) {
        let status = self.model().status().unwrap();
        assert_eq!(status.applications[&self.name].version, version);
    }

    /// The end of the model's log, for a test that fails.
    pub(super) fn log(&mut self) -> String {
        let log = fs::read_to_string(self.model().path().join("model.log")).unwrap();
        let lines: Vec<&str> = log.lines().collect();
        lines[lines.len().saturating_sub(80)..].join("\n")
    }
}
