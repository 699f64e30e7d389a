//! A model with servers and a client, run as an operator runs it.

use std::net::SocketAddr;
use std::path::Path;
use std::process::{Command, Output};
use std::time::{Duration, Instant};

use ensign_local::{Event, Home, LocalModel, read_steps};
use ensign_model::{ApplicationStatus, Outcome, Profile, UnitStatus};
use tempfile::TempDir;

use crate::left::{self, Traces};
use crate::resp::Reply;
use crate::watch::{Seen, Watch};
use crate::writer::{Client, Journal, PasswordFile, Writer};

/// Longer than anything takes here, in model time.
const LONG: Duration = Duration::from_secs(1200);

/// Which hooks are told of by name.
const NOTABLE: Duration = Duration::from_secs(5);

pub(crate) struct Town {
    folder: TempDir,
    name: String,
    model: Option<LocalModel>,
    watch: Option<Watch>,
    writer: Option<Writer>,
}

impl Town {
    /// `ensign run --keep` with so many servers, looked at from its first moment.
    pub(crate) fn run(profile: Profile, units: u32, options: &[&str]) -> Self {
        let began = Instant::now();
        let folder = tempfile::tempdir().unwrap();
        let name = format!("redis-{}", profile.to_string().replace('.', "-"));
        let home = home(folder.path());
        let watch = Watch::begin(&home, &name);
        let mut town = Self {
            folder,
            name,
            model: None,
            watch: Some(watch),
            writer: None,
        };
        let ran = town
            .run_again(profile, units, options)
            .arg("--keep")
            .output()
            .unwrap();
        good(&ran);
        println!(
            "{units} servers and a client on Juju {profile}: {:.1} s",
            began.elapsed().as_secs_f32()
        );
        town.model = Some(LocalModel::connect(&home, &town.name).unwrap());
        town
    }

    /// The command that made it.
    pub(crate) fn run_again(&self, profile: Profile, units: u32, options: &[&str]) -> Command {
        let mut command = Command::new(env!("CARGO_BIN_EXE_ensign"));
        let examples = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../examples");
        command
            .arg("run")
            .args(["redis", "redis-client"].map(|name| examples.join(name)))
            .args(["--units", &units.to_string()])
            .args(["--juju", &profile.to_string()])
            .args(["--do", "integrate redis redis-client"])
            .args(options)
            .env("ENSIGN_HOME", home(self.folder.path()).path());
        command
    }

    pub(crate) fn model(&mut self) -> &mut LocalModel {
        self.model.as_mut().unwrap()
    }

    pub(crate) fn redis(&mut self) -> ApplicationStatus {
        self.model().status().unwrap().applications["redis"].clone()
    }

    pub(crate) fn leader(&mut self) -> String {
        self.redis().leader.unwrap().to_string()
    }

    /// Every unit is active, has its port open and says which Redis it runs; the client counts.
    pub(crate) fn is_well(&mut self, units: usize, ports: &[&str]) {
        let status = self.model().status().unwrap();
        for (name, app) in &status.applications {
            for unit in app.units.iter().filter(|unit| unit.alive) {
                let text = &unit.workload;
                assert_eq!(text.status, "active", "{}: {}", unit.unit, text.message);
                if name == "redis" {
                    assert_eq!(unit.ports, ports, "{}", unit.unit);
                }
            }
        }
        let redis = &status.applications["redis"];
        let alive = redis.units.iter().filter(|unit| unit.alive).count();
        assert_eq!(alive, units);
        assert!(
            redis.version.starts_with(|c: char| c.is_ascii_digit()),
            "{redis:?}"
        );
        let said = &status.applications["redis-client"].units[0]
            .workload
            .message;
        assert!(said.starts_with("counter "), "{said}");
    }

    pub(crate) fn unit_that_says(&mut self, message: &str) -> String {
        let units = self.redis().units;
        let found = units
            .iter()
            .find(|unit| unit.alive && unit.workload.message == message);
        found
            .unwrap_or_else(|| panic!("nobody says {message}: {units:?}"))
            .unit
            .to_string()
    }

    pub(crate) fn messages(&mut self) -> Vec<String> {
        let units = self.redis().units.into_iter().filter(|unit| unit.alive);
        units.map(|unit| unit.workload.message).collect()
    }

    fn password(&self) -> PasswordFile {
        PasswordFile {
            home: home(self.folder.path()).path().to_owned(),
            model: self.name.clone(),
        }
    }

    pub(crate) fn client(&self) -> Client {
        Client::new(self.password())
    }

    /// Each of so many servers says that all slots are there and served, and what is written through any one of them
    /// is read through any other.
    pub(crate) fn is_one_cluster(&mut self, units: usize) {
        let servers = self.listening();
        assert_eq!(servers.len(), units, "{servers:?}");
        let mut client = self.client();
        for at in &servers {
            let said = client.ask_through(*at, &["CLUSTER", "INFO"]).unwrap();
            let Reply::Text(info) = said else {
                panic!("{at}: {said:?}")
            };
            for line in [
                "cluster_state:ok",
                "cluster_slots_assigned:16384",
                "cluster_slots_ok:16384",
            ] {
                assert!(info.lines().any(|l| l == line), "{at}, {line}: {info}");
            }
        }
        for (number, through) in servers.iter().enumerate() {
            let (key, value) = (format!("pair-{number}"), through.to_string());
            let put = client.ask_through(*through, &["SET", &key, &value]);
            assert_eq!(put, Ok(Reply::Text("OK".to_owned())), "{key} {through}");
            for other in servers.iter().filter(|other| *other != through) {
                let got = client.ask_through(*other, &["GET", &key]);
                assert_eq!(got, Ok(Reply::Text(value.clone())), "{key} {other}");
            }
        }
    }

    /// Where the servers of all units are, as their open ports say.
    fn listening(&mut self) -> Vec<SocketAddr> {
        let units = self.redis().units.into_iter().filter(|unit| unit.alive);
        let at = |unit: UnitStatus| {
            let port = unit.ports[0].trim_end_matches("/tcp").to_owned();
            format!("{}:{port}", unit.address.unwrap()).parse().unwrap()
        };
        units.map(at).collect()
    }

    /// A client writes from now on.
    pub(crate) fn write(&mut self) {
        let servers = self.watch.as_ref().unwrap().shared();
        self.writer = Some(Writer::begin(servers, self.password()));
    }

    pub(crate) fn servers(&self) -> Vec<SocketAddr> {
        self.watch.as_ref().unwrap().shared().servers()
    }

    /// Servers may listen there, too, from now on.
    pub(crate) fn add_port(&self, port: u16) {
        self.watch.as_ref().unwrap().shared().add_port(port);
    }

    /// Plays steps, called `what`, and settles.
    pub(crate) fn during(&mut self, what: &str, steps: &str) {
        if let Some(writer) = &self.writer {
            writer.during(what);
        }
        let began = Instant::now();
        let mut bad = Vec::new();
        let mut long = Vec::new();
        for step in read_steps(steps).unwrap() {
            self.model().step(&step, &mut |_| {}).unwrap();
        }
        let settling = self.model().settle(LONG, &mut |event| match event {
            Event::Ended {
                unit,
                what,
                outcome: outcome @ (Outcome::Failed | Outcome::FlushFailed),
                ..
            } => bad.push(format!("{unit} {what}: {outcome:?}")),
            Event::Ended {
                unit, what, took, ..
            } if took > NOTABLE => {
                long.push(format!(", {unit} {what} {:.0} s", took.as_secs_f32()));
            }
            _ => {}
        });
        let unsettled = settling.unwrap().unsettled;
        println!(
            "  {what}: settled in {:.1} s{}",
            began.elapsed().as_secs_f32(),
            long.concat()
        );
        assert!(
            unsettled.is_empty() && bad.is_empty(),
            "{what}: {unsettled:?} {bad:?}\n{}",
            self.log()
        );
    }

    /// The client stops; nothing that was acknowledged is missing.
    pub(crate) fn keeps_what_it_acknowledged(&mut self) -> Journal {
        let journal = self.writer.take().unwrap().end();
        let mut client = self.client();
        let mut missing = Vec::new();
        let mut there: std::collections::BTreeMap<usize, std::collections::BTreeSet<usize>> =
            std::collections::BTreeMap::new();
        for (key, n) in &journal.acknowledged {
            let fields = there.entry(*key).or_insert_with(|| {
                let name = format!("b{key}");
                let servers = self.servers();
                let (_, said) = client.ask(&servers, &name, &["HKEYS", &name]).unwrap();
                let texts = said.texts().into_iter();
                texts.filter_map(|text| text.parse().ok()).collect()
            });
            if !fields.contains(n) {
                missing.push((*key, *n));
            }
        }
        println!(
            "  {} writes acknowledged by a replica, {} of them lost; {} that no replica had in time; refused: {:?}",
            journal.acknowledged.len(),
            missing.len(),
            journal.alone,
            journal.refusals
        );
        for (what, gap) in &journal.gaps {
            println!(
                "  {what}: no longer than {:.1} s without a write",
                gap.as_secs_f32()
            );
        }
        assert_eq!(missing, [], "{}", self.log());
        assert!(
            journal.acknowledged.len() > 1000,
            "{}",
            journal.acknowledged.len()
        );
        journal
    }

    /// Nobody without a password ever heard anything.
    pub(crate) fn spoke_to_no_stranger(&mut self) {
        let Seen { answers, alarms } = self.watch.take().unwrap().end();
        println!("  strangers heard: {answers:?}");
        assert_eq!(alarms, std::collections::BTreeSet::new());
        assert!(
            answers.get("NOAUTH").is_some_and(|count| *count > 100),
            "{answers:?}"
        );
    }

    pub(crate) fn traces(&mut self) -> Traces {
        let folder = self.model().path().to_owned();
        let units = self.redis().units;
        let address = units.iter().find_map(|unit| unit.address.clone()).unwrap();
        Traces::of(folder, address.parse().unwrap())
    }

    /// `kill -9`.
    pub(crate) fn kill_controller(&mut self) {
        let name = format!("__controller {}", self.model().path().display());
        drop(self.model.take());
        drop(self.watch.take());
        let found = left::processes();
        let found = found.iter().find(|(_, line)| line.contains(&name));
        let (pid, _) = found.expect("the model has a controller");
        let killed = Command::new("kill").args(["-9", &pid.to_string()]).status();
        assert!(killed.unwrap().success());
    }

    /// The kernel ends what the controller held, a moment later.
    pub(crate) fn wait_until_nothing_is_left(&self, traces: &Traces) {
        let began = Instant::now();
        while !traces.found().is_empty() {
            assert!(
                began.elapsed() < Duration::from_secs(20),
                "{:?}",
                traces.found()
            );
            std::thread::sleep(Duration::from_millis(20));
        }
        println!(
            "  nothing is left after {:.1} s",
            began.elapsed().as_secs_f32()
        );
    }

    /// `ensign juju destroy-model`, and nothing is left.
    pub(crate) fn end(mut self) {
        let traces = self.traces();
        let servers = traces.servers();
        assert!(servers > 2, "{traces:?}");
        drop(self.model.take());
        good(&self.destroy());
        assert_eq!(traces.found(), Vec::<String>::new());
        println!("  nothing is left of {servers} servers");
    }

    pub(crate) fn destroy(&self) -> Output {
        let mut command = Command::new(env!("CARGO_BIN_EXE_ensign"));
        command
            .args(["juju", "destroy-model", &self.name])
            .env("ENSIGN_HOME", home(self.folder.path()).path());
        command.output().unwrap()
    }

    /// The end of the model's log, for a test that fails.
    fn log(&mut self) -> String {
        let log = std::fs::read_to_string(self.model().path().join("model.log")).unwrap();
        let lines: Vec<&str> = log.lines().collect();
        lines[lines.len().saturating_sub(80)..].join("\n")
    }
}

impl Drop for Town {
    fn drop(&mut self) {
        // After a test that has failed; else there is none any more.
        drop(self.model.take());
        let _destroyed = self.destroy();
    }
}

fn home(folder: &Path) -> Home {
    Home::at(folder.join("home"))
}

pub(crate) fn good(ran: &Output) {
    let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
    assert!(
        ran.status.success(),
        "{}\n{}",
        text(&ran.stderr),
        text(&ran.stdout)
    );
}
