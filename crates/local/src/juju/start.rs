//! How a model begins, and how it begins again.

use std::fs::OpenOptions;
use std::io::{BufRead, BufReader};
use std::path::PathBuf;
use std::process::{Child, Command, Stdio};
use std::time::Duration;

use ensign_model::Profile;

use super::connection::LocalModel;
use crate::error::{Doing, Error, Result};
use crate::folder::{ModelFolder, Settings};
use crate::home::Home;
use crate::machine::{Ids, Kind, Lack, Note, Skeleton, probe};
use crate::roles;

/// What a unit runs in.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Wanted {
    /// A machine of its own.
    #[default]
    Machines,
    /// Nothing: plain processes on this host (`--no-machines`).
    Processes,
}

/// How to start a model.
#[derive(Debug, Clone)]
pub struct Options {
    /// Where models live.
    pub home: Home,
    /// The model's name: lower-case letters, digits and `-`.
    pub name: String,
    /// The Juju version to behave as.
    pub profile: Profile,
    /// Decides what chance decides; `None` takes any.
    pub seed: Option<u64>,
    /// What units run in.
    pub wanted: Wanted,
    /// The program whose `main` calls [`crate::entry`]; `None` is this one.
    pub exe: Option<PathBuf>,
    /// Let the model go on when this command ends.
    pub keep: bool,
}

/// What the controller says on stdout once it runs.
pub(crate) const READY: &str = "ready";

impl LocalModel {
    /// Makes a model and starts its controller.
    ///
    /// # Errors
    /// [`Error::Refused`] with the sentence to show where no machine can be had, [`Error::Exists`] when the
    /// name is taken.
    pub fn start(options: Options) -> Result<Self> {
        let Options {
            home,
            name,
            profile,
            seed,
            wanted,
            exe,
            keep,
        } = options;
        let folder = home.model(&name)?;
        let exe = match exe {
            Some(exe) => exe,
            None => std::env::current_exe().doing(|| "find this program".into())?,
        };
        let _turn = home.take_turn()?;
        let (mut ids, mut lack) = match Ids::find() {
            Ok(ids) => (ids, None),
            Err(lack) => (Ids::One, Some(lack)),
        };
        let mut notes = Vec::new();
        let (mut machines, mut in_memory) = (None, false);
        match wanted {
            Wanted::Machines => {
                let abilities = match probe(home.path(), ids, &exe) {
                    Err(error @ Error::Io { .. }) if matches!(ids, Ids::Range { .. }) => {
                        (ids, lack) = (Ids::One, Some(Lack::Refused(error.to_string())));
                        probe(home.path(), ids, &exe)?
                    }
                    other => other?,
                };
                let lack = lack.map(Note::OneUser);
                notes.extend(abilities.notes.iter().chain(&lack).map(ToString::to_string));
                in_memory = abilities.in_memory;
                machines = Some(if abilities.root {
                    Kind::Root
                } else {
                    Kind::Rootless { skeleton: current_skeleton(&home)? }
                });
            }
            Wanted::Processes => notes.push(format!(
                "There are no machines: hooks run as plain processes of this user on this host, with its files and its \
                 network: every unit's address is 127.0.0.1, two cannot listen on one port, and a cut unit is cut off \
                 from the controller alone. The units' own files are in {}; whatever else a charm writes, installs or \
                 starts stays.",
                folder.data().display()
            )),
        }
        let seed = match seed {
            Some(seed) => seed,
            None => any_seed()?,
        };
        let settings = Settings {
            name,
            profile,
            seed,
            machines,
            ids,
            in_memory,
            keep,
        };
        folder.create(&settings, &exe)?;
        launch(folder.clone(), notes, keep).or_else(|error| {
            // Nothing has run in it.
            folder.remove(ids, in_memory)?;
            Err(error)
        })
    }

    /// Starts the controller of a model whose controller was killed: its machines boot as after a power cut.
    ///
    /// # Errors
    /// [`Error::NoModel`], [`Error::InUse`] when it runs, [`Error::DisksLost`] when its machines were in memory.
    pub fn resume(home: &Home, name: &str) -> Result<Self> {
        let folder = home.model(name)?;
        let _turn = home.take_turn()?;
        let keep = folder.settings()?.keep;
        if folder.is_locked()? {
            return Err(Error::InUse(name.to_owned()));
        }
        launch(folder, Vec::new(), keep)
    }
}

/// Starts the controller and waits until it runs.
fn launch(folder: ModelFolder, notes: Vec<String>, kept: bool) -> Result<LocalModel> {
    let path = folder.file("controller.log");
    let log = OpenOptions::new()
        .create(true)
        .append(true)
        .open(&path)
        .doing(|| format!("open `{}`", path.display()))?;
    let mut command = Command::new(folder.exe());
    command
        .arg(roles::CONTROLLER)
        .arg(folder.path())
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(log);
    let mut child = spawn(&mut command).doing(|| format!("start `{}`", folder.exe().display()))?;
    let mut line = String::new();
    if let Some(stdout) = child.stdout.take() {
        BufReader::new(stdout)
            .read_line(&mut line)
            .doing(|| "hear from the controller".into())?;
    }
    if line.trim_end() != READY {
        child.wait().doing(|| "wait for the controller".into())?;
        return Err(Error::Controller(match line.trim_end() {
            "" => format!("it ended at once; see `{}`", path.display()),
            text => text.to_owned(),
        }));
    }
    let stream = ModelFolder::connect(folder.path(), "controller.sock")
        .doing(|| "reach the controller".into())?;
    Ok(LocalModel {
        folder,
        stream,
        child: Some(child),
        notes,
        kept,
    })
}

/// Starts a program whose file was written a moment ago: another thread of this process may have been about
/// to start something else meanwhile, and what it starts holds the file open for the blink of an eye.
fn spawn(command: &mut Command) -> std::io::Result<Child> {
    for _ in 0..100 {
        match command.spawn() {
            Err(error) if error.kind() == std::io::ErrorKind::ExecutableFileBusy => {
                std::thread::sleep(Duration::from_millis(10));
            }
            other => return other,
        }
    }
    command.spawn()
}

/// The skeleton of the host as it is now. Layers of a host that has changed since are removed, unless a model
/// still stands on them.
fn current_skeleton(home: &Home) -> Result<Skeleton> {
    let current = Skeleton::current(&home.skeletons())?;
    let mut used = vec![current.clone()];
    let folder = home.path().join("models");
    let entries = match std::fs::read_dir(&folder) {
        Ok(entries) => entries,
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => return Ok(current),
        Err(error) => return Err(Error::io(format!("read `{}`", folder.display()), error)),
    };
    for entry in entries {
        let path = entry
            .doing(|| format!("read `{}`", folder.display()))?
            .path();
        match ModelFolder::new(path).settings() {
            Ok(Settings {
                machines: Some(Kind::Rootless { skeleton }),
                ..
            }) => used.push(skeleton),
            Ok(_) | Err(Error::NoModel(_)) => {}
            // What it stands on cannot be told: leave all of them.
            Err(_) => return Ok(current),
        }
    }
    Skeleton::sweep(&home.skeletons(), &used)?;
    Ok(current)
}

fn any_seed() -> Result<u64> {
    let mut bytes = [0; 8];
    let file = std::fs::File::open("/dev/urandom");
    file.and_then(|mut file| std::io::Read::read_exact(&mut file, &mut bytes))
        .doing(|| "read `/dev/urandom`".into())?;
    Ok(u64::from_ne_bytes(bytes))
}
