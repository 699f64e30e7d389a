//! A unit whose hooks are processes, as Juju starts them.

use std::fs;
use std::os::unix::fs::{PermissionsExt, symlink};
use std::os::unix::process::ExitStatusExt;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};
use std::sync::atomic::{AtomicUsize, Ordering};

use serde_json::{Value, json};

const TOOLS: [&str; 13] = [
    "is-leader",
    "config-get",
    "leader-get",
    "leader-set",
    "state-get",
    "state-set",
    "juju-log",
    "status-set",
    "relation-ids",
    "relation-list",
    "relation-get",
    "juju-exec",
    "relation-set",
];

/// What every script of these tests begins with.
pub(crate) const BASH: &str = "#!/bin/bash\nsource charms.reactive.sh\n";

/// A unit's agent folder. It goes with the unit, unless a test has failed.
#[derive(Debug)]
pub(crate) struct Unit {
    root: PathBuf,
    /// The charm's folder.
    pub(crate) charm: PathBuf,
    contexts: AtomicUsize,
    extra: Vec<(String, String)>,
}

/// How a process ended.
#[derive(Debug)]
pub(crate) struct Ran {
    pub(crate) code: i32,
    pub(crate) stdout: String,
    pub(crate) stderr: String,
}

impl Ran {
    fn of(output: &Output) -> Self {
        Self {
            code: output
                .status
                .code()
                .unwrap_or_else(|| 128 + output.status.signal().unwrap_or(0)),
            stdout: String::from_utf8_lossy(&output.stdout).into_owned(),
            stderr: String::from_utf8_lossy(&output.stderr).into_owned(),
        }
    }

    #[track_caller]
    pub(crate) fn ok(self) -> Self {
        assert_eq!(self.code, 0, "{}{}", self.stdout, self.stderr);
        self
    }

    #[track_caller]
    pub(crate) fn failed(self) -> Self {
        assert_eq!(self.code, 1, "{}{}", self.stdout, self.stderr);
        self
    }
}

impl Unit {
    pub(crate) fn new() -> Self {
        Self::below(&[])
    }

    /// A unit deep down in the file system.
    pub(crate) fn below(folders: &[&str]) -> Self {
        static UNITS: AtomicUsize = AtomicUsize::new(0);
        let number = UNITS.fetch_add(1, Ordering::Relaxed);
        let root = Path::new(env!("CARGO_TARGET_TMPDIR"))
            .join(format!("unit-{}-{number}", std::process::id()));
        let agent = folders
            .iter()
            .fold(root.clone(), |path, folder| path.join(folder))
            .join("unit-bash-charm-0");
        let charm = agent.join("charm");
        fs::create_dir_all(charm.join("bin")).unwrap();
        fs::create_dir_all(root.join("tools")).unwrap();
        fs::create_dir_all(root.join("juju")).unwrap();
        let binary = env!("CARGO_BIN_EXE_bash-charm");
        fs::hard_link(binary, charm.join("dispatch"))
            .or_else(|_| fs::copy(binary, charm.join("dispatch")).map(drop))
            .unwrap();
        symlink("../dispatch", charm.join("bin/charms.reactive")).unwrap();
        let library = Path::new(env!("CARGO_MANIFEST_DIR"))
            .join("../../crates/build/assets/charms.reactive.sh");
        symlink(
            library.canonicalize().unwrap(),
            charm.join("bin/charms.reactive.sh"),
        )
        .unwrap();
        for tool in TOOLS {
            symlink(
                env!("CARGO_BIN_EXE_fake-juju"),
                root.join("tools").join(tool),
            )
            .unwrap();
        }
        let unit = Self {
            root,
            charm,
            contexts: AtomicUsize::new(0),
            extra: Vec::new(),
        };
        unit.build("one");
        unit
    }

    /// Writes the charm's build data, as of that build.
    pub(crate) fn build(&self, build: &str) {
        let data = json!({
            "schema": 1, "name": "bash-charm", "build": build,
            "metadata": {"requires": {"test-rel": {"interface": "test"}, "db": {"interface": "sql"}}},
        });
        fs::write(self.charm.join("bin/ensign.json"), data.to_string()).unwrap();
    }

    /// Sets a variable for all processes that follow.
    pub(crate) fn env(&mut self, name: &str, value: impl AsRef<str>) {
        self.extra
            .push((name.to_owned(), value.as_ref().to_owned()));
    }

    /// Writes an executable file into the charm.
    pub(crate) fn file(&self, name: &str, text: &str) -> PathBuf {
        self.file_with_mode(name, text.as_bytes(), 0o755)
    }

    pub(crate) fn file_with_mode(&self, name: &str, bytes: &[u8], mode: u32) -> PathBuf {
        let path = self.charm.join(name);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        // Written aside: a script that is open for writing cannot be executed.
        let aside = self.root.join("aside");
        fs::write(&aside, bytes).unwrap();
        fs::set_permissions(&aside, fs::Permissions::from_mode(mode)).unwrap();
        fs::rename(&aside, &path).unwrap();
        path
    }

    /// Writes a handler in bash: its functions with their decorators.
    pub(crate) fn script(&self, name: &str, functions: &str) -> PathBuf {
        self.file(
            &format!("reactive/{name}"),
            &format!("{BASH}{functions}\nreactive_handler_main\n"),
        )
    }

    fn process(&self, program: &Path, context: bool) -> Command {
        let mut command = Command::new(program);
        let path = format!(
            "{}:/usr/local/bin:/usr/bin:/bin",
            self.root.join("tools").display()
        );
        command
            .env_clear()
            .current_dir(&self.charm)
            .env("PATH", path)
            .env("LANG", "C.UTF-8");
        command.env("FAKE_JUJU", self.root.join("juju"));
        if context {
            let number = self.contexts.fetch_add(1, Ordering::Relaxed);
            command
                .env("CHARM_DIR", &self.charm)
                .env("JUJU_CHARM_DIR", &self.charm)
                .env("JUJU_CONTEXT_ID", format!("bash-charm/0-{number}"))
                .env("JUJU_HOOK_NAME", "")
                .env("JUJU_UNIT_NAME", "bash-charm/0")
                .env("JUJU_MODEL_UUID", "deadbeef-0bad-400d-8000-4b1d0d06f00d")
                .env("JUJU_MODEL_NAME", "test")
                .env("JUJU_VERSION", "3.6.1");
        }
        for (name, value) in &self.extra {
            command.env(name, value);
        }
        command
    }

    /// The process of a hook or action, not yet started.
    pub(crate) fn dispatch(&self, path: &str) -> Command {
        let mut command = self.process(&self.charm.join("dispatch"), true);
        command.env("JUJU_DISPATCH_PATH", path);
        match path.strip_prefix("actions/") {
            Some(action) => command
                .env("JUJU_ACTION_NAME", action)
                .env("JUJU_ACTION_UUID", "2"),
            None => command.env("JUJU_HOOK_NAME", path.trim_start_matches("hooks/")),
        };
        command
    }

    /// Ends a context as Juju does: what was buffered counts or is dropped.
    pub(crate) fn flush(&self, success: bool) {
        let pending = self.juju("pending");
        if success && pending.is_object() {
            let mut state = self.juju("state");
            if state.is_null() {
                state = json!({});
            }
            for (key, value) in pending.as_object().unwrap() {
                state[key] = value.clone();
            }
            fs::write(self.root.join("juju/state.json"), state.to_string()).unwrap();
        }
        let _none_pending = fs::remove_file(self.root.join("juju/pending.json"));
    }

    fn run(&self, path: &str) -> Ran {
        let ran = Ran::of(&self.dispatch(path).output().unwrap());
        self.flush(ran.code == 0);
        ran
    }

    pub(crate) fn hook(&self, name: &str) -> Ran {
        self.run(&format!("hooks/{name}"))
    }

    pub(crate) fn action(&self, name: &str) -> Ran {
        self.run(&format!("actions/{name}"))
    }

    /// A command in a `juju exec`, whose context is flushed whatever the exit code.
    pub(crate) fn exec(&self, line: &str) -> Ran {
        let output = self
            .process(Path::new("/bin/bash"), true)
            .arg("-c")
            .arg(line)
            .output()
            .unwrap();
        self.flush(true);
        Ran::of(&output)
    }

    /// `charms.reactive` in a `juju exec`.
    pub(crate) fn command(&self, line: &str) -> Ran {
        self.exec(&format!("bin/charms.reactive {line}"))
    }

    /// A command outside any context of Juju's.
    pub(crate) fn outside(&self, line: &str) -> Ran {
        Ran::of(
            &self
                .process(Path::new("/bin/bash"), false)
                .arg("-c")
                .arg(line)
                .output()
                .unwrap(),
        )
    }

    /// The flags of the unit, less automatic ones.
    pub(crate) fn flags(&self) -> Vec<String> {
        let all = self.command("get_flags").ok().stdout;
        let ours = |flag: &&str| !flag.starts_with("leadership.") && !flag.starts_with("config.");
        all.lines().filter(ours).map(str::to_owned).collect()
    }

    /// Sets flags from a `juju exec`.
    pub(crate) fn set(&self, flags: &[&str]) {
        for flag in flags {
            self.command(&format!("set_flag {flag}")).ok();
        }
    }

    /// What one of the fake tools keeps.
    pub(crate) fn juju(&self, name: &str) -> Value {
        fs::read_to_string(self.root.join(format!("juju/{name}.json")))
            .map_or(Value::Null, |text| serde_json::from_str(&text).unwrap())
    }

    pub(crate) fn set_juju(&self, name: &str, value: &Value) {
        fs::write(
            self.root.join(format!("juju/{name}.json")),
            value.to_string(),
        )
        .unwrap();
    }

    /// The lines in `calls`, `log` or `exec`.
    pub(crate) fn lines(&self, name: &str) -> Vec<String> {
        let text = fs::read_to_string(self.root.join("juju").join(name)).unwrap_or_default();
        text.lines().map(str::to_owned).collect()
    }

    pub(crate) fn logged(&self, part: &str) -> bool {
        self.lines("log").iter().any(|line| line.contains(part))
    }

    /// A file of the test's own, in no charm.
    pub(crate) fn scratch(&self, name: &str) -> PathBuf {
        self.root.join(name)
    }

    /// What the scripts of a test wrote to a scratch file, by line.
    pub(crate) fn wrote(&self, name: &str) -> Vec<String> {
        let text = fs::read_to_string(self.scratch(name)).unwrap_or_default();
        text.lines().map(str::to_owned).collect()
    }

    /// The unit's document, as it will be once it is settled.
    pub(crate) fn document(&self) -> Value {
        let next = self.charm.join(".ensign/state.next");
        let text = fs::read_to_string(next)
            .or_else(|_| fs::read_to_string(self.charm.join(".ensign/state.json")));
        serde_json::from_str(&text.unwrap()).unwrap()
    }
}

impl Drop for Unit {
    fn drop(&mut self) {
        if !std::thread::panicking() {
            let _swept_with_the_target_folder = fs::remove_dir_all(&self.root);
        }
    }
}
