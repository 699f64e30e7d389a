//! A model in a folder of its own, and the small charm that tests deploy.

use std::ffi::OsString;
use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};
use std::process::{Command, ExitCode};
use std::sync::atomic::{AtomicU32, Ordering};
use std::time::Duration;

use ensign_local::{
    Charm, Event, Home, LocalModel, Options, Report, Settling, Step, Wanted, read_steps,
};
use ensign_model::{CharmInfo, ConfigValue, OptionKind, Outcome, Profile, UnitName};

/// Longer than any test needs, in model time.
pub(crate) const LONG: Duration = Duration::from_secs(600);

/// A running model that is destroyed in the end, and its folder.
pub(crate) struct Trial {
    pub(crate) model: Option<LocalModel>,
    pub(crate) home: Home,
    folder: Folder,
}

/// A folder that goes away with the test.
pub(crate) struct Folder(pub(crate) PathBuf);

impl Folder {
    pub(crate) fn new() -> Self {
        static LAST: AtomicU32 = AtomicU32::new(0);
        let number = LAST.fetch_add(1, Ordering::Relaxed);
        let path =
            std::env::temp_dir().join(format!("ensign-local-{}-{number}", std::process::id()));
        fs::create_dir_all(&path).unwrap();
        Self(path)
    }
}

impl Drop for Folder {
    fn drop(&mut self) {
        fs::remove_dir_all(&self.0).unwrap();
    }
}

impl Trial {
    pub(crate) fn start(profile: Profile) -> Self {
        Self::with(Folder::new(), profile, Wanted::Machines)
    }

    pub(crate) fn with(folder: Folder, profile: Profile, wanted: Wanted) -> Self {
        let home = home(&folder);
        let options = options(&home, profile, wanted);
        let model = LocalModel::start(options).unwrap();
        Self {
            model: Some(model),
            home,
            folder,
        }
    }

    /// Deploys the charm with this `dispatch`, and settles.
    pub(crate) fn deploy(profile: Profile, dispatch: &str, units: u32) -> Self {
        let mut trial = Self::start(profile);
        let charm = trial.charm(dispatch);
        trial.model().deploy("foo", &charm, units).unwrap();
        trial.settle();
        trial
    }

    pub(crate) fn model(&mut self) -> &mut LocalModel {
        self.model.as_mut().unwrap()
    }

    /// Writes a charm directory: `dispatch` as given (none if empty), a peer endpoint, an option, two actions.
    pub(crate) fn charm(&self, dispatch: &str) -> Charm {
        charm(&self.folder.0.join("charm"), dispatch)
    }

    pub(crate) fn settle(&mut self) -> Settling {
        let settling = self.model().settle(LONG, &mut |_| {}).unwrap();
        assert_eq!(settling.unsettled, Vec::<String>::new(), "{}", self.log());
        settling
    }

    pub(crate) fn steps(&mut self, steps: &str) {
        for step in read_steps(steps).unwrap() {
            self.model().step(&step, &mut |_| {}).unwrap();
        }
        self.settle();
    }

    pub(crate) fn step(&mut self, step: &Step) {
        self.model().step(step, &mut |_| {}).unwrap();
        self.settle();
    }

    /// Settles and gives back what happened meanwhile.
    pub(crate) fn events(&mut self) -> Vec<Event> {
        let mut events = Vec::new();
        let settling = self
            .model()
            .settle(LONG, &mut |event| events.push(event))
            .unwrap();
        assert_eq!(settling.unsettled, Vec::<String>::new(), "{}", self.log());
        events
    }

    pub(crate) fn report(&mut self) -> Report {
        self.model().report(&[]).unwrap()
    }

    /// The model's log, for a test that fails.
    pub(crate) fn log(&mut self) -> String {
        fs::read_to_string(self.model().path().join("model.log")).unwrap()
    }

    /// Names of what a unit has run, less the deployment of its charm.
    pub(crate) fn hooks(&mut self, unit: &str) -> Vec<String> {
        let report = self.report();
        let unit = report
            .units
            .into_iter()
            .find(|found| found.unit.as_str() == unit)
            .unwrap();
        unit.hooks
            .into_iter()
            .map(|hook| hook.hook)
            .filter(|name| name != "deploy")
            .collect()
    }

    /// Output of commands run with `juju exec`; they have to end with 0.
    pub(crate) fn exec(&mut self, unit: &str, commands: &str) -> String {
        let record = self
            .model()
            .exec(&self::unit(unit), commands, LONG)
            .unwrap();
        let text = |key: &str| {
            record
                .results
                .get(key)
                .and_then(|value| value.as_str())
                .unwrap_or_default()
                .to_owned()
        };
        assert_eq!(record.results["return-code"], 0, "{}", text("stderr"));
        text("stdout")
    }

    /// A path of the test's own folder.
    pub(crate) fn path(&self, name: &str) -> PathBuf {
        self.folder.0.join(name)
    }
}

impl Drop for Trial {
    fn drop(&mut self) {
        if let Some(model) = self.model.take() {
            // A test that fails shows its own reason, not this one.
            if let (Err(error), false) = (model.destroy(), std::thread::panicking()) {
                panic!("{error}");
            }
        }
    }
}

pub(crate) fn options(home: &Home, profile: Profile, wanted: Wanted) -> Options {
    Options {
        home: home.clone(),
        name: "trial".into(),
        profile,
        seed: Some(7),
        wanted,
        exe: None,
        keep: false,
    }
}

pub(crate) fn unit(name: &str) -> UnitName {
    name.parse().unwrap()
}

pub(crate) fn charm(dir: &Path, dispatch: &str) -> Charm {
    if dir.exists() {
        fs::remove_dir_all(dir).unwrap();
    }
    fs::create_dir_all(dir).unwrap();
    fs::write(
        dir.join("metadata.yaml"),
        "name: foo\npeers: {cluster: {interface: foo-peer}}\n",
    )
    .unwrap();
    if !dispatch.is_empty() {
        script(&dir.join("dispatch"), dispatch);
    }
    let info = CharmInfo::named("foo")
        .with_peer("cluster", "foo-peer")
        .with_option("port", OptionKind::Int, Some(ConfigValue::Int(80)))
        .with_action("greet")
        .with_action("lend");
    Charm {
        info,
        dir: dir.to_owned(),
    }
}

/// Writes an executable bash script.
pub(crate) fn script(path: &Path, text: &str) {
    fs::create_dir_all(path.parent().unwrap()).unwrap();
    fs::write(path, format!("#!/bin/bash\n{text}\n")).unwrap();
    fs::set_permissions(path, fs::Permissions::from_mode(0o755)).unwrap();
}

/// Waits for something that other processes do.
pub(crate) fn wait_until(what: &str, mut done: impl FnMut() -> bool) {
    let deadline = std::time::Instant::now() + Duration::from_secs(20);
    while !done() {
        assert!(
            std::time::Instant::now() < deadline,
            "{what} did not happen within 20 s"
        );
        std::thread::sleep(Duration::from_millis(10));
    }
}

/// Processes whose command line contains `text`, zombies apart.
pub(crate) fn processes(text: &str) -> Vec<String> {
    let entries = fs::read_dir("/proc").unwrap().map_while(Result::ok);
    let pids = entries.filter(|entry| entry.file_name().to_string_lossy().parse::<u32>().is_ok());
    pids.filter_map(|entry| {
        let line = fs::read(entry.path().join("cmdline")).ok()?;
        let line = String::from_utf8_lossy(&line).replace('\0', " ");
        line.contains(text)
            .then(|| format!("{} {line}", entry.file_name().to_string_lossy()))
    })
    .collect()
}

/// `kill -9` of the only model's controller.
pub(crate) fn kill_controller(home: &Home) {
    let needle = format!(
        "__controller {}",
        home.path().join("models/trial").display()
    );
    let found = processes(&needle);
    let [one] = &found[..] else {
        panic!("not one controller: {found:?}")
    };
    let pid: i32 = one.split(' ').next().unwrap().parse().unwrap();
    rustix::process::kill_process(
        rustix::process::Pid::from_raw(pid).unwrap(),
        rustix::process::Signal::KILL,
    )
    .unwrap();
}

/// Outcomes of a unit's operations of this name.
pub(crate) fn outcomes(events: &[Event], name: &str) -> Vec<Outcome> {
    let ended = events.iter().filter_map(|event| match event {
        Event::Ended { what, outcome, .. } if what == name => Some(*outcome),
        _ => None,
    });
    ended.collect()
}

/// Whether machines can be had here at all; tests that need root say so by name where there is none.
pub(crate) fn is_root() -> bool {
    rustix::process::geteuid().is_root()
}

/// A home for models in the folder. Without root its skeleton, which takes long to make, is that of all tests.
pub(crate) fn home(folder: &Folder) -> Home {
    let home = Home::at(folder.0.join("home"));
    if !is_root() {
        fs::create_dir_all(home.path()).unwrap();
        fs::create_dir_all(skeletons()).unwrap();
        std::os::unix::fs::symlink(skeletons(), home.path().join("skeletons")).unwrap();
    }
    home
}

/// The folder of the shared skeleton; `main` removes it.
pub(crate) fn skeletons() -> PathBuf {
    std::env::temp_dir().join(format!("ensign-local-{}-skeletons", std::process::id()))
}

/// Why no machine can be had here, if so.
pub(crate) fn refused() -> Option<String> {
    let folder = Folder::new();
    match LocalModel::start(options(&home(&folder), Profile::V3_6, Wanted::Machines)) {
        Err(ensign_local::Error::Refused(refusal)) => Some(refusal.to_string()),
        started => {
            started.unwrap().destroy().unwrap();
            None
        }
    }
}

/// The parts this program plays in its own tests.
const TRY: &str = "__try";

/// `__try FOLDER`: what an ordinary user does, in a process of its own.
pub(crate) fn part(args: &[OsString]) -> Option<ExitCode> {
    let [verb, folder] = args else { return None };
    if verb != TRY {
        return None;
    }
    let folder = PathBuf::from(folder);
    let home = Home::at(folder.join("home"));
    let mut model = match LocalModel::start(options(&home, Profile::V3_6, Wanted::Machines)) {
        Ok(model) => model,
        Err(error) => {
            println!("{error}");
            return Some(ExitCode::from(3));
        }
    };
    for note in model.notes() {
        println!("note: {note}");
    }
    model
        .deploy(
            "foo",
            &charm(&folder.join("charm"), crate::leadership::PASSWORD),
            2,
        )
        .unwrap();
    if std::env::var_os("ENSIGN_TRY_SLOWLY").is_some() {
        std::thread::sleep(LONG);
    }
    let settling = model.settle(LONG, &mut |_| {}).unwrap();
    println!("settled: {}", settling.is_settled());
    println!(
        "same: {}",
        model.compare_file("/etc/foopass").unwrap().is_same()
    );
    let ids = model
        .exec(
            &unit("foo/0"),
            "id -u; stat -c %u /etc /var/lib/juju /etc/foopass",
            LONG,
        )
        .unwrap();
    println!(
        "ids: {}",
        ids.results["stdout"]
            .as_str()
            .unwrap_or_default()
            .replace('\n', " ")
    );
    let locks = "for lock in /var/lib/apt/lists/lock /var/cache/apt/archives/lock /var/lib/dpkg/lock; do \
                 [ ! -e $lock ] || : >> $lock || exit 1; done";
    let locks = model.exec(&unit("foo/0"), locks, LONG).unwrap();
    println!("locks: {}", locks.results["return-code"]);
    println!("peer: {}", crate::network::reach_a_peer(&mut model));
    kill_controller(&home);
    drop(model);
    let mut model = LocalModel::resume(&home, "trial").unwrap();
    println!(
        "again: {}",
        model.settle(LONG, &mut |_| {}).unwrap().is_settled()
    );
    println!(
        "same: {}",
        model.compare_file("/etc/foopass").unwrap().is_same()
    );
    model.destroy().unwrap();
    println!(
        "left: {}",
        fs::read_dir(home.path().join("models")).unwrap().count()
    );
    Some(ExitCode::SUCCESS)
}

/// This program as [`part`]; as a copy, for another user may not reach the folder it was built in.
pub(crate) fn try_elsewhere(folder: &Path) -> Command {
    let exe = folder.join("ensign");
    // By another process: one that this process starts meanwhile must not hold the file open for writing.
    let copied = Command::new("cp")
        .arg(std::env::current_exe().unwrap())
        .arg(&exe)
        .status()
        .unwrap();
    assert!(copied.success());
    let mut command = Command::new(exe);
    command.arg(TRY).arg(folder);
    command
}
