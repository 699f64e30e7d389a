//! Starting and ending what a unit file or an init script describes.

use std::collections::BTreeMap;
use std::fs;
use std::os::unix::fs::{PermissionsExt, chown};
use std::os::unix::net::UnixDatagram;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use rustix::fs::Mode;
use rustix::process::{Resource, Rlimit, getrlimit, setrlimit};

use super::account::{User, account};
use super::exec_line::{ExecLine, Names, split};
use super::record::{self, Process, Record};
use super::script::{failed, log, signal};
use super::unit_file::UnitFile;
use crate::error::{Doing, Error, Result};
use crate::juju::read_duration;

pub(super) const PATH: &str = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin";
/// As systemd has it for starting and for stopping.
const PATIENCE: Duration = Duration::from_secs(90);
/// How often a wait looks again.
const GLANCE: Duration = Duration::from_millis(10);

/// A service that runs by its unit file.
#[derive(Debug)]
pub(super) struct Daemon<'a> {
    names: Names,
    file: &'a UnitFile,
}

impl<'a> Daemon<'a> {
    pub(super) const fn new(names: Names, file: &'a UnitFile) -> Self {
        Self { names, file }
    }

    /// Starts it, and waits until it is up where it can say so.
    pub(super) fn start(&self) -> Result<()> {
        self.make_folders()?;
        let env = self.environment()?;
        self.run_all("ExecStartPre", &env)?;
        let lines = self.lines("ExecStart", &env);
        let kind = self.file.setting("Type").unwrap_or("simple");
        let record = match kind {
            "oneshot" => {
                for line in &lines {
                    self.run(line, &env)?;
                }
                self.file
                    .is("RemainAfterExit")
                    .then_some(Record { process: None })
            }
            "forking" => {
                for line in &lines {
                    self.run(line, &env)?;
                }
                Some(Record {
                    process: Some(self.wait_for_process()?),
                })
            }
            _ => {
                let line = lines
                    .first()
                    .ok_or_else(|| self.failed("it has no ExecStart= setting"))?;
                Some(Record {
                    process: Some(self.launch(line, &env, kind == "notify")?),
                })
            }
        };
        match record {
            Some(record) => record.keep(&self.names.unit)?,
            None => Record::forget(&self.names.unit)?,
        }
        self.run_all("ExecStartPost", &env)
    }

    /// Ends it with everything it has started.
    pub(super) fn stop(&self) -> Result<()> {
        let Some(record) = Record::of(&self.names.unit) else {
            return Ok(());
        };
        let mut env = self.environment()?;
        if let Some(process) = record.process {
            env.insert("MAINPID".into(), process.pid.to_string());
            if process.lives() {
                self.run_all("ExecStop", &env)?;
            }
            self.end(process)?;
        } else {
            self.run_all("ExecStop", &env)?;
        }
        Record::forget(&self.names.unit)?;
        self.run_all("ExecStopPost", &env)
    }

    /// Has it read its configuration again.
    pub(super) fn reload(&self) -> Result<()> {
        let process = Record::of(&self.names.unit).and_then(|record| record.process);
        let mut env = self.environment()?;
        if let Some(process) = process {
            env.insert("MAINPID".into(), process.pid.to_string());
        }
        if self.file.service("ExecReload").is_empty() {
            return Err(Error::Model(format!(
                "Failed to reload {0}: Job type reload is not applicable for unit {0}.",
                self.names.unit
            )));
        }
        self.run_all("ExecReload", &env)
    }

    /// The process that `PIDFile=` names.
    pub(super) fn named_process(&self) -> Option<Process> {
        let path = self.names.fill_in(self.file.setting("PIDFile")?);
        let path = Path::new("/run").join(path);
        Process::now(fs::read_to_string(path).ok()?.trim().parse().ok()?)
    }

    fn end(&self, process: Process) -> Result<()> {
        let kind = self.file.setting("KillSignal").unwrap_or("SIGTERM");
        let all = || match self.file.setting("KillMode") {
            Some("process" | "mixed" | "none") => {
                process.lives().then_some(process.pid).into_iter().collect()
            }
            _ => process.session(),
        };
        if self.file.setting("KillMode") == Some("none") {
            return Ok(());
        }
        signal(&all(), kind)?;
        let patience = self.patience("TimeoutStopSec");
        let deadline = Instant::now() + patience;
        while !all().is_empty() {
            if Instant::now() >= deadline {
                signal(&process.session(), "SIGKILL")?;
            }
            std::thread::sleep(GLANCE);
        }
        // What a process mode spares dies here, as the rest of its control group would.
        signal(&process.session(), "SIGKILL")
    }

    fn patience(&self, key: &str) -> Duration {
        match self.file.setting(key).map(|text| text.replace(' ', "")) {
            Some(text) if text == "0" || text == "infinity" => Duration::from_secs(86_400),
            Some(text) => {
                read_duration(&text.replace("min", "m").replace("sec", "s")).unwrap_or(PATIENCE)
            }
            None => PATIENCE,
        }
    }

    /// Starts the service's own process.
    fn launch(
        &self,
        line: &ExecLine,
        env: &BTreeMap<String, String>,
        notify: bool,
    ) -> Result<Process> {
        let mut env = env.clone();
        let socket = match notify {
            true => {
                record::make_folder()?;
                let path = record::path(&self.names.unit, "notify");
                // The one of an earlier start.
                let _ = fs::remove_file(&path);
                let socket = UnixDatagram::bind(&path)
                    .and_then(|socket| {
                        fs::set_permissions(&path, fs::Permissions::from_mode(0o777))?;
                        socket.set_read_timeout(Some(GLANCE))?;
                        Ok(socket)
                    })
                    .doing(|| format!("listen on `{}`", path.display()))?;
                env.insert("NOTIFY_SOCKET".into(), path.display().to_string());
                Some(socket)
            }
            false => None,
        };
        let mut child = self.spawn(line, &env, true)?;
        let process = Process::now(child.id());
        if let Some(socket) = socket {
            self.wait_for_word(&socket, &mut child)?;
        }
        process.ok_or_else(|| self.failed("its process ended at once"))
    }

    /// Waits until the service says that it is ready.
    fn wait_for_word(&self, socket: &UnixDatagram, child: &mut Child) -> Result<()> {
        let deadline = Instant::now() + self.patience("TimeoutStartSec");
        let mut buffer = [0; 4096];
        loop {
            if let Ok(length) = socket.recv(&mut buffer) {
                let text = String::from_utf8_lossy(&buffer[..length]);
                if text.lines().any(|line| line == "READY=1") {
                    return Ok(());
                }
            }
            if let Some(status) = child.try_wait().doing(|| "watch the service".into())? {
                return Err(self.failed(&format!("its process ended: {status}")));
            }
            if Instant::now() >= deadline {
                // It is of no use to anybody.
                let _ = child.kill();
                return Err(self.failed("it did not say in time that it is ready"));
            }
        }
    }

    /// A daemon that puts itself into the background has written its number by the time its first process ends, or a little
    /// later.
    fn wait_for_process(&self) -> Result<Process> {
        let deadline =
            Instant::now() + self.patience("TimeoutStartSec").min(Duration::from_secs(5));
        loop {
            if let Some(process) = self.named_process().filter(|process| process.lives()) {
                return Ok(process);
            }
            if self.file.setting("PIDFile").is_none() || Instant::now() >= deadline {
                return Err(self
                    .failed("its `PIDFile=` names no process, and without one it cannot be told"));
            }
            std::thread::sleep(GLANCE);
        }
    }

    fn run_all(&self, key: &str, env: &BTreeMap<String, String>) -> Result<()> {
        self.lines(key, env)
            .iter()
            .try_for_each(|line| self.run(line, env))
    }

    fn lines(&self, key: &str, env: &BTreeMap<String, String>) -> Vec<ExecLine> {
        let texts = self.file.service(key).iter();
        texts
            .filter_map(|text| ExecLine::read(text, &self.names, env))
            .collect()
    }

    /// Runs a command to its end.
    fn run(&self, line: &ExecLine, env: &BTreeMap<String, String>) -> Result<()> {
        let ended = self
            .spawn(line, env, false)
            .and_then(|mut child| child.wait().doing(|| "wait for a command".into()));
        match ended {
            Ok(status) if status.success() || line.may_fail => Ok(()),
            Err(_) if line.may_fail => Ok(()),
            Ok(status) => Err(self.failed(&format!("`{}` ended: {status}", line.words.join(" ")))),
            Err(error) => Err(error),
        }
    }

    /// Starts a command as the service's user, in a session of its own where it is to stay.
    fn spawn(&self, line: &ExecLine, env: &BTreeMap<String, String>, stays: bool) -> Result<Child> {
        let program = find(&line.words[0])
            .ok_or_else(|| self.failed(&format!("there is no program `{}`", line.words[0])))?;
        let mut words: Vec<String> = Vec::new();
        if stays {
            words.push("setsid".into());
        }
        if let Some(user) = self.user().filter(|_| !line.as_root) {
            words.extend(["setpriv", "--init-groups"].map(str::to_owned));
            words.push(format!("--reuid={}", user.name));
            words.push(format!("--regid={}", user.group));
            words.push("--".into());
        }
        words.push(program.display().to_string());
        words.extend_from_slice(&line.words[1..]);
        let log = log(&self.names.unit)?;
        let errors = log.try_clone().doing(|| "copy the log".into())?;
        let folder = self.file.setting("WorkingDirectory").unwrap_or("/");
        let folder = self.names.fill_in(folder.trim_start_matches('-'));
        let folder = if folder == "~" {
            env.get("HOME").cloned().unwrap_or_default()
        } else {
            folder
        };
        // Both are inherited, and this process starts nothing else meanwhile.
        let mask = self
            .file
            .setting("UMask")
            .and_then(|text| u32::from_str_radix(text, 8).ok());
        let before = rustix::process::umask(Mode::from_raw_mode(mask.unwrap_or(0o022)));
        let limit = self.raise_limit();
        let spawned = Command::new(&words[0])
            .args(&words[1..])
            .env_clear()
            .envs(env)
            .current_dir(&folder)
            .stdin(Stdio::null())
            .stdout(log)
            .stderr(errors)
            .spawn();
        rustix::process::umask(before);
        if let Some(limit) = limit {
            // The limit was this process's own a moment ago.
            let _ = setrlimit(Resource::Nofile, limit);
        }
        spawned.doing(|| format!("start `{}`", program.display()))
    }

    /// `LimitNOFILE=`, as far as this machine may. Gives back what to set again.
    fn raise_limit(&self) -> Option<Rlimit> {
        let text = self.file.setting("LimitNOFILE")?;
        let wanted = text.split(':').next()?.parse::<u64>().ok()?;
        let before = getrlimit(Resource::Nofile);
        let most = before.maximum.unwrap_or(u64::MAX);
        let limit = Rlimit {
            current: Some(wanted.min(most)),
            maximum: before.maximum,
        };
        setrlimit(Resource::Nofile, limit).is_ok().then_some(before)
    }

    fn user(&self) -> Option<User> {
        let name = self.names.fill_in(self.file.setting("User")?);
        let group = self
            .file
            .setting("Group")
            .map(|group| self.names.fill_in(group));
        let found = account(&name);
        let group = group.or_else(|| found.as_ref().map(|(group, _)| group.clone()));
        Some(User {
            group: group.unwrap_or_else(|| name.clone()),
            home: found.map_or_else(|| "/".to_owned(), |(_, home)| home),
            name,
        })
        .filter(|user| user.name != "root" && user.name != "0")
    }

    fn environment(&self) -> Result<BTreeMap<String, String>> {
        let mut env = BTreeMap::from([("PATH".to_owned(), PATH.to_owned())]);
        if let Ok(language) = std::env::var("LANG") {
            env.insert("LANG".into(), language);
        }
        if let Some(user) = self.user() {
            env.extend([
                ("HOME".to_owned(), user.home),
                ("USER".to_owned(), user.name.clone()),
                ("LOGNAME".to_owned(), user.name),
                ("SHELL".to_owned(), "/bin/sh".to_owned()),
            ]);
        }
        let folders = [
            ("RuntimeDirectory", "RUNTIME_DIRECTORY", "/run"),
            ("StateDirectory", "STATE_DIRECTORY", "/var/lib"),
            ("CacheDirectory", "CACHE_DIRECTORY", "/var/cache"),
            ("LogsDirectory", "LOGS_DIRECTORY", "/var/log"),
        ];
        for (key, variable, base) in folders {
            let names: Vec<String> = self
                .file
                .service(key)
                .iter()
                .flat_map(|text| split(text))
                .map(|(name, _)| format!("{base}/{}", self.names.fill_in(&name)))
                .collect();
            if !names.is_empty() {
                env.insert(variable.into(), names.join(":"));
            }
        }
        for text in self.file.service("Environment") {
            env.extend(
                split(text)
                    .into_iter()
                    .filter_map(|(word, _)| self.assignment(&word)),
            );
        }
        for name in self.file.service("EnvironmentFile") {
            let path = self.names.fill_in(name.trim_start_matches('-'));
            match fs::read_to_string(&path) {
                Ok(text) => env.extend(text.lines().filter_map(|line| {
                    let line = line.trim();
                    let (key, value) = line
                        .split_once('=')
                        .filter(|_| !line.starts_with(['#', ';']))?;
                    let words: Vec<String> =
                        split(value).into_iter().map(|(word, _)| word).collect();
                    Some((key.trim().to_owned(), words.join(" ")))
                })),
                Err(_) if name.starts_with('-') => {}
                Err(error) => return Err(Error::io(format!("read `{path}`"), error)),
            }
        }
        Ok(env)
    }

    fn assignment(&self, word: &str) -> Option<(String, String)> {
        let (key, value) = word.split_once('=')?;
        Some((key.to_owned(), self.names.fill_in(value)))
    }

    fn make_folders(&self) -> Result<()> {
        for (key, base) in [
            ("RuntimeDirectory", "/run"),
            ("StateDirectory", "/var/lib"),
            ("CacheDirectory", "/var/cache"),
            ("LogsDirectory", "/var/log"),
            ("ConfigurationDirectory", "/etc"),
        ] {
            let mode = self.file.setting(&format!("{key}Mode"));
            let mode = mode
                .and_then(|text| u32::from_str_radix(text, 8).ok())
                .unwrap_or(0o755);
            let names = self.file.service(key).iter().flat_map(|text| split(text));
            for (name, _) in names {
                let path = Path::new(base).join(self.names.fill_in(&name));
                let making = || format!("make the folder `{}`", path.display());
                fs::create_dir_all(&path).doing(making)?;
                if let Some(user) = self.user().filter(|_| base != "/etc") {
                    let (uid, gid) = user.numbers();
                    chown(&path, uid, gid).doing(making)?;
                }
                fs::set_permissions(&path, fs::Permissions::from_mode(mode)).doing(making)?;
            }
        }
        Ok(())
    }

    fn failed(&self, why: &str) -> Error {
        failed(&self.names.unit, why)
    }
}

/// A program by its path, or by its name on the path of services.
fn find(program: &str) -> Option<PathBuf> {
    let usable = |path: &PathBuf| {
        path.metadata()
            .is_ok_and(|found| found.is_file() && found.permissions().mode() & 0o111 != 0)
    };
    match program.contains('/') {
        true => Some(PathBuf::from(program)).filter(usable),
        false => std::env::split_paths(PATH)
            .map(|folder| folder.join(program))
            .find(usable),
    }
}
