//! What can go wrong while a model runs, in sentences for the person who typed the command.

use std::fmt;
use std::io;
use std::path::PathBuf;

use crate::machine::Refusal;

/// Short for results of this crate.
pub type Result<T, E = Error> = std::result::Result<T, E>;

/// Why a local model could not do what was asked.
#[derive(Debug)]
#[non_exhaustive]
pub enum Error {
    /// The system refused something; `doing` completes "could not …".
    Io {
        /// What was being done, with the path.
        doing: String,
        /// The system's answer.
        source: io::Error,
    },
    /// No machine can be had here.
    Refused(Refusal),
    /// Neither `ENSIGN_HOME`, `XDG_STATE_HOME` nor `HOME` says where models may live.
    NoHome,
    /// A model's name must become a folder and a host name.
    BadName(String),
    /// There is no model of this name.
    NoModel(String),
    /// A model of this name exists already.
    Exists(String),
    /// Another process holds the model.
    InUse(String),
    /// The model is not running: its controller was killed.
    NotRunning(String),
    /// The model's machines were on a tmpfs and went away with the controller.
    DisksLost(String),
    /// A file of the model folder does not say what it should.
    Damaged {
        /// The file.
        path: PathBuf,
        /// What is wrong with it.
        why: String,
    },
    /// The charm directory cannot be deployed.
    BadCharm {
        /// The directory.
        path: PathBuf,
        /// What is missing or wrong.
        why: String,
    },
    /// The model refuses the command, in Juju's words where Juju has some.
    Model(String),
    /// The machines' way to the rest of the world could not be opened.
    NoWayOut(String),
    /// The controller went away or spoke nonsense.
    Controller(String),
    /// Something did not happen in time.
    TimedOut {
        /// What was waited for.
        what: String,
        /// How long, in seconds.
        seconds: u64,
    },
}

impl Error {
    /// An [`Error::Io`] while `doing`.
    pub(crate) fn io(doing: impl Into<String>, source: impl Into<io::Error>) -> Self {
        Self::Io {
            doing: doing.into(),
            source: source.into(),
        }
    }
}

impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Io { doing, source } => {
                write!(f, "could not {doing}: {source}")?;
                match source.kind() {
                    io::ErrorKind::StorageFull
                    | io::ErrorKind::QuotaExceeded
                    | io::ErrorKind::FileTooLarge => f.write_str(
                        "; make room there, or choose another folder for models with ENSIGN_HOME",
                    ),
                    _ => Ok(()),
                }
            }
            Self::Refused(refusal) => refusal.fmt(f),
            Self::NoHome => {
                f.write_str("no place for models: set `ENSIGN_HOME`, `XDG_STATE_HOME` or `HOME`")
            }
            Self::BadName(name) => write!(
                f,
                "`{name}` cannot name a model: use up to 40 lower-case letters, digits and `-`, a letter first"
            ),
            Self::NoModel(name) => write!(
                f,
                "there is no model `{name}`; `ensign juju models` lists them"
            ),
            Self::Exists(name) => write!(
                f,
                "a model `{name}` exists already; `ensign juju destroy-model {name}` removes it"
            ),
            Self::InUse(name) => write!(
                f,
                "the model `{name}` is in use by another `ensign` command"
            ),
            Self::NotRunning(name) => write!(
                f,
                "the model `{name}` does not run, its command was killed; `ensign juju destroy-model {name}` removes it"
            ),
            Self::DisksLost(name) => write!(
                f,
                "the machines of `{name}` were kept in memory and are gone with their controller; \
                 `ensign juju destroy-model {name}` removes the rest"
            ),
            Self::Damaged { path, why } => write!(f, "`{}` is damaged: {why}", path.display()),
            Self::BadCharm { path, why } => write!(f, "`{}` is not a charm: {why}", path.display()),
            Self::Model(text) => f.write_str(text),
            Self::NoWayOut(why) => write!(
                f,
                "Machines reach each other, but have no way out to the network: {why}. Charms that download (apt-get) \
                 will fail."
            ),
            Self::Controller(text) => write!(f, "the model's controller failed: {text}"),
            Self::TimedOut { what, seconds } => write!(f, "{what} took longer than {seconds} s"),
        }
    }
}

impl std::error::Error for Error {
    fn source(&self) -> Option<&(dyn std::error::Error + 'static)> {
        match self {
            Self::Io { source, .. } => Some(source),
            Self::Refused(refusal) => Some(refusal),
            _ => None,
        }
    }
}

impl From<Refusal> for Error {
    fn from(refusal: Refusal) -> Self {
        Self::Refused(refusal)
    }
}

/// Says what was being done when the system refused.
pub(crate) trait Doing<T> {
    /// Turns the error into "could not `what`: …".
    fn doing(self, what: impl FnOnce() -> String) -> Result<T>;
}

impl<T, E: Into<io::Error>> Doing<T> for std::result::Result<T, E> {
    fn doing(self, what: impl FnOnce() -> String) -> Result<T> {
        self.map_err(|error| Error::io(what(), error))
    }
}
