//! The table of what takes effect when, cell by cell: each is an experiment.

use std::collections::BTreeSet;

use ensign::handler::Registry;
use ensign::prelude::{Leadership, Status};
use ensign::{Bag, Context, ErrorKind, Result, Secret};
use ensign_testing::{Charm, Documents, Profile, Sim, UnitName};
use serde_json::{Value, json};

/// The pages' text.
const PAGE: &str = include_str!("../../docs/versions.md");
const PROFILES: [Profile; 3] = [Profile::V3_6, Profile::V4_0Early, Profile::V4_0];

/// What is written, and looked for afterwards.
const MARK: &str = "the-mark-of-this-experiment";
const FILE: &str = "/etc/mark";
const TOLD: &str = "/etc/told";

fn write(ctx: &mut Context, what: &str) -> Result {
    match what {
        "plain" => ctx.leader_set([("key", MARK)]),
        "secret" => ctx.leader_set([("key", Secret::new(MARK))]),
        "relation" => {
            let pair = ("key".to_owned(), Some(MARK.to_owned()));
            ctx.publish("cluster:0", Bag::Unit, [pair]);
            Ok(())
        }
        "flag" => ctx.set_flag(MARK),
        "port" => ctx.open_port("4321/tcp"),
        "status" => ctx.status_set(Status::Active(MARK.into())),
        "version" => ctx.version_set(MARK),
        "file" => ctx.write_file(FILE, MARK),
        "fails" => Err(ensign::Error::new(ErrorKind::Other, "as it was told")),
        _ => Ok(()),
    }
}

fn charm() -> Charm {
    let handlers = [
        handler!("install", [hook!("install")], |ctx| {
            let what = ctx.config()?.string("in-install")?.unwrap_or_default();
            if ctx.is_leader()? {
                for what in what.split(' ') {
                    write(ctx, what)?;
                }
            }
            Ok(())
        }),
        handler!("write", [action!("write")], |ctx| {
            let what: String = ctx.action()?.parameter("what")?.unwrap_or_default();
            for what in what.split(' ') {
                write(ctx, what)?;
            }
            Ok(())
        }),
        handler!("told", [changed!("leader" = "key")], |ctx| {
            if let Some(value) = ctx.leader_get("key")? {
                ctx.write_file(FILE, &value)?;
                let hook = ctx.hook().name().to_owned();
                ctx.write_file(TOLD, hook)?;
            }
            Ok(())
        }),
    ];
    let text = json!({"type": "string", "default": ""});
    let documents = Documents {
        metadata: json!({
            "name": "table", "summary": "a test", "description": "a test",
            "peers": {"cluster": {"interface": "table-peers"}},
        }),
        config: json!({"options": {"in-install": text}}),
        actions: json!({"write": {"params": {"what": text}}}),
    };
    Charm::of(Registry::new(handlers, []), &documents, &Value::Null).unwrap()
}

/// A model with a leader and two followers, at rest.
struct Trial {
    sim: Sim,
    leader: UnitName,
    follower: UnitName,
}

impl Trial {
    /// Not yet run; `install` is to write this.
    fn deployed(profile: Profile, in_install: &str) -> Self {
        let mut sim = Sim::new(profile, 7);
        let units = sim.deploy("table", &charm(), 3).unwrap();
        let option = ("in-install".to_owned(), in_install.to_owned());
        sim.model().set_config("table", &[option].into()).unwrap();
        let [leader, follower] = [units[0].clone(), units[1].clone()];
        Self {
            sim,
            leader,
            follower,
        }
    }

    fn new(profile: Profile) -> Self {
        let Self {
            mut sim,
            leader,
            follower,
        } = Self::deployed(profile, "");
        let units = [leader, follower];
        sim.settle().unwrap();
        let leader = sim.model().status().applications["table"]
            .leader
            .clone()
            .unwrap();
        let follower = units.into_iter().find(|unit| *unit != leader).unwrap();
        Self {
            sim,
            leader,
            follower,
        }
    }

    /// Lets a unit write, in an action; whether it succeeded.
    fn write(&mut self, unit: &UnitName, what: &str) -> bool {
        let params = json!({"what": what});
        let params = params.as_object().unwrap().clone();
        let id = self.sim.model().run_action(unit, "write", params).unwrap();
        self.sim.settle().unwrap();
        self.sim.model().action(id).unwrap().status
            == ensign_testing::model::ActionStatus::Completed
    }

    /// Where the mark can be found.
    fn places(&self) -> BTreeSet<&'static str> {
        let model = self.sim.model();
        let mut places = BTreeSet::new();
        for line in model
            .everything_readable()
            .lines()
            .filter(|line| line.contains(MARK))
        {
            let place = match line {
                _ if line.starts_with("relation ") => "relation data",
                _ if line.contains(" leader setting ") => "leader settings",
                _ if line.contains(" status: ") => "status",
                _ if line.contains(" version: ") => "version",
                _ => continue,
            };
            places.insert(place);
        }
        if model.secret_texts().iter().any(|text| text.contains(MARK)) {
            places.insert("the secret");
        }
        let status = model.status();
        if status.applications["table"]
            .units
            .iter()
            .any(|u| u.ports.contains(&"4321/tcp".into()))
        {
            places.insert("ports");
        }
        drop(model);
        let disk = self.sim.disk(&self.leader);
        if disk.text(FILE).is_some() {
            places.insert("files");
        }
        let folder = format!(
            "/var/lib/juju/agents/unit-{}/charm/.ensign",
            self.leader.as_str().replace('/', "-")
        );
        let document = disk
            .text(format!("{folder}/state.json"))
            .unwrap_or_default();
        if document.contains(MARK) {
            places.insert("flags");
        }
        places
    }
}

/// Writes in an action that fails, and in one that succeeds.
fn takes_effect(profile: Profile, what: &str) -> String {
    let mut failing = Trial::new(profile);
    let leader = failing.leader.clone();
    assert!(!failing.write(&leader, &format!("{what} fails")));
    let kept = !failing.places().is_empty();
    let mut trial = Trial::new(profile);
    assert!(trial.write(&leader, what));
    trial.sim.advance(std::time::Duration::from_secs(400));
    trial.sim.settle().unwrap();
    assert!(!trial.places().is_empty(), "{profile}: {what} is nowhere");
    if kept { "at once" } else { "with the hook" }.to_owned()
}

/// Writes in an `install` that fails, and in one that succeeds: in which hook it can be read by all.
fn in_install(profile: Profile, what: &str) -> String {
    let first = |what: String| {
        let mut trial = Trial::deployed(profile, &what);
        for _ in 0..200 {
            let Some(operation) = trial.sim.poll() else {
                trial.sim.wait_for_timer();
                continue;
            };
            trial.sim.run(&operation, &ensign_testing::Faults::none());
            let shared = ["leader settings", "relation data", "the secret"];
            if !trial.places().is_disjoint(&BTreeSet::from(shared)) {
                return Some(operation.name());
            }
        }
        None
    };
    if first(format!("{what} fails")).is_some() {
        return "at once".to_owned();
    }
    match first(what.to_owned()).as_deref() {
        Some("install") => "with the hook".to_owned(),
        Some("cluster-relation-created") => "once the peer relation is there".to_owned(),
        other => format!("in {other:?}"),
    }
}

fn told_in(profile: Profile, what: &str) -> String {
    let mut trial = Trial::new(profile);
    let leader = trial.leader.clone();
    assert!(trial.write(&leader, what));
    let hook = trial.sim.disk(&trial.follower).text(TOLD).unwrap();
    format!("`{hook}`")
}

fn stands_in(profile: Profile, what: &str) -> String {
    let mut trial = Trial::new(profile);
    let leader = trial.leader.clone();
    assert!(trial.write(&leader, what));
    let mut places = trial.places();
    places.remove("files");
    places.into_iter().collect::<Vec<_>>().join(", ")
}

fn by_a_follower(profile: Profile) -> String {
    for what in ["plain", "secret"] {
        let mut trial = Trial::new(profile);
        let follower = trial.follower.clone();
        assert!(!trial.write(&follower, what), "{profile}: not refused");
        assert!(trial.places().is_empty(), "{profile}: something changed");
    }
    "refused, nothing changed".to_owned()
}

/// Commits that break after each of their parts: what they left.
fn left_behind(profile: Profile) -> Vec<(usize, BTreeSet<&'static str>)> {
    let mut all = Vec::new();
    for parts in 1..=ensign_testing::model::flush_parts(profile).len() {
        let mut trial = Trial::new(profile);
        let leader = trial.leader.clone();
        let before = commit_id(&trial);
        trial
            .sim
            .model()
            .fail_next_flush_after(&leader, parts, "broken")
            .unwrap();
        let params = json!({"what": "secret relation"})
            .as_object()
            .unwrap()
            .clone();
        trial
            .sim
            .model()
            .run_action(&leader, "write", params)
            .unwrap();
        let operation = trial.sim.poll().unwrap();
        trial.sim.run(&operation, &ensign_testing::Faults::none());
        let mut places = trial.places();
        places.remove("files");
        if commit_id(&trial) != before {
            places.insert("state");
        }
        if parts < ensign_testing::model::flush_parts(profile).len() {
            all.push((parts, places));
        }
    }
    all
}

fn commit_id(trial: &Trial) -> Option<String> {
    let readable = trial.sim.model().everything_readable();
    let key = format!("{} state ensign-commit", trial.leader);
    readable
        .lines()
        .find(|line| line.starts_with(&key))
        .map(str::to_owned)
}

fn broken_commit(profile: Profile) -> String {
    let left: Vec<String> = left_behind(profile)
        .into_iter()
        .map(|(_, places)| {
            let order = ["state", "the secret", "relation data"];
            let names = order.iter().filter(|place| places.contains(*place));
            names
                .map(|name| {
                    if *name == "the secret" {
                        "secrets"
                    } else {
                        name
                    }
                })
                .collect::<Vec<_>>()
                .join(", ")
        })
        .collect();
    if left.is_empty() {
        "nothing".to_owned()
    } else {
        left.join("; ")
    }
}

fn without_bell(profile: Profile) -> String {
    let alone = left_behind(profile)
        .into_iter()
        .find(|(_, places)| places.contains("the secret") && !places.contains("relation data"));
    let Some((parts, _)) = alone else {
        return "cannot be".to_owned();
    };
    let mut trial = Trial::new(profile);
    let leader = trial.leader.clone();
    trial
        .sim
        .model()
        .fail_next_flush_after(&leader, parts, "broken")
        .unwrap();
    assert!(!trial.write(&leader, "secret"));
    let reached = |trial: &Trial| trial.sim.disk(&trial.follower).text(FILE).is_some();
    assert!(!reached(&trial), "{profile}: told already");
    trial.sim.advance(std::time::Duration::from_secs(400));
    trial.sim.settle().unwrap();
    assert!(reached(&trial), "{profile}: the bell was never rung");
    "rung by the leader's next hook".to_owned()
}

/// The experiment behind a row.
fn experiment(what: &str, asked: &str) -> Option<fn(Profile) -> String> {
    Some(match (what, asked) {
        ("plain leader value", "takes effect") => |p| takes_effect(p, "plain"),
        ("plain leader value", "written in `install`") => |p| in_install(p, "plain"),
        ("plain leader value", "other units are told in") => |p| told_in(p, "plain"),
        ("plain leader value", "stands in") => |p| stands_in(p, "plain"),
        ("secret leader value", "takes effect") => |p| takes_effect(p, "secret"),
        ("secret leader value", "written in `install`") => |p| in_install(p, "secret"),
        ("secret leader value", "other units are told in") => |p| told_in(p, "secret"),
        ("secret leader value", "stands in") => |p| stands_in(p, "secret"),
        ("secret leader value", "stored without its bell") => without_bell,
        ("leader value of either kind", "written by a follower") => by_a_follower,
        ("relation data", "takes effect") => |p| takes_effect(p, "relation"),
        ("flags and the unit's own values", "take effect") => |p| takes_effect(p, "flag"),
        ("ports", "take effect") => |p| takes_effect(p, "port"),
        ("status", "takes effect") => |p| takes_effect(p, "status"),
        ("workload version", "takes effect") => |p| takes_effect(p, "version"),
        ("files", "take effect") => |p| takes_effect(p, "file"),
        ("commit that breaks", "may leave behind") => broken_commit,
        _ => return None,
    })
}

#[test]
fn every_cell_of_the_table_is_what_happens() {
    let rows = PAGE.lines().filter(|line| line.starts_with("| ")).skip(1);
    let mut wrong = Vec::new();
    let mut count = 0;
    for row in rows {
        let cells: Vec<&str> = row.trim_matches('|').split('|').map(str::trim).collect();
        let [what, asked, said @ ..] = cells.as_slice() else {
            panic!("no row: {row}");
        };
        let Some(experiment) = experiment(what, asked) else {
            panic!("no experiment for `{what}`, `{asked}`");
        };
        assert_eq!(said.len(), PROFILES.len(), "{row}");
        for (profile, said) in PROFILES.into_iter().zip(said) {
            let seen = experiment(profile);
            if seen != *said {
                wrong.push(format!(
                    "{what}, {asked}, {profile}: the page says `{said}`, it is `{seen}`"
                ));
            }
        }
        count += 1;
    }
    assert_eq!(count, 17, "a row is missing");
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}
