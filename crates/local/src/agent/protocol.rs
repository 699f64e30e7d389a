//! What agents and the controller say to each other.
//!
//! An agent opens one connection for operations, one for tool calls, and one for each `juju-exec` that is
//! run on its machine; the first message of a connection is [`Hello`].

use std::io;
use std::path::PathBuf;

use ensign_model::{ContextId, Exit, Stream, UnitName};
use serde::{Deserialize, Serialize};

use crate::network::HostNames;
use crate::wire::bytes;

/// Whose connection it is, and what for.
#[derive(Debug, Serialize, Deserialize)]
pub(crate) enum Hello {
    /// [`ToAgent`] and [`FromAgent`] follow.
    Operations(UnitName),
    /// [`ToolUp`] and [`ToolDown`] follow.
    Tools(UnitName),
    /// A `juju-exec` on the machine; an [`Executed`] follows.
    Commands(UnitName, String),
}

/// Orders of the controller.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(crate) enum ToAgent {
    /// The first message.
    Welcome(Setting),
    /// Run this, then say [`FromAgent::Ended`].
    Run {
        context: ContextId,
        task: Task,
        env: Vec<(String, String)>,
    },
    /// These machines are there.
    Hosts(HostNames),
    /// Look at something and say [`FromAgent::Seen`], whatever else runs.
    Look { id: u64, query: Query },
}

/// Where an agent works.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Setting {
    /// `/var/lib/juju`, or its substitute.
    pub(crate) data: PathBuf,
    /// The folder with the executable and the charms.
    pub(crate) shared: PathBuf,
    /// The names of the hook tools.
    pub(crate) tools: Vec<String>,
    /// Replaces the hook tools' socket address: without machines all units share the host's.
    pub(crate) socket: Option<String>,
    /// There is no machine that ends what the agent leaves behind.
    pub(crate) bare: bool,
    /// The machines that are there, itself included.
    pub(crate) hosts: Option<HostNames>,
}

/// Something to run.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) enum Task {
    /// Put the files of the charm of this name in place.
    Deploy(String),
    /// Dispatch `hooks/NAME` or `actions/NAME`.
    Dispatch(String),
    /// Run these commands with bash.
    Commands(String),
}

/// What an agent reports.
#[derive(Debug, Serialize, Deserialize)]
pub(crate) enum FromAgent {
    Output {
        context: ContextId,
        stream: Stream,
        #[serde(with = "bytes")]
        bytes: Vec<u8>,
    },
    Ended {
        context: ContextId,
        end: End,
    },
    Seen {
        id: u64,
        sight: Sight,
    },
}

/// How a task ended, as far as an agent can tell.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) enum End {
    Code(i32),
    Signal(i32),
    Missing,
    NotExecutable(String),
}

impl From<End> for Exit {
    fn from(end: End) -> Self {
        match end {
            End::Code(code) => Self::Code(code),
            End::Signal(signal) => Self::Signal(signal),
            End::Missing => Self::Missing,
            End::NotExecutable(why) => Self::NotExecutable(why),
        }
    }
}

/// What the controller wants to see of a machine.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) enum Query {
    /// A keyed digest of a file.
    File { path: String, key: [u8; 16] },
    /// The flags of the unit's state document.
    Flags,
}

/// What was seen.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) enum Sight {
    /// The digest; nothing where there is no file.
    File(Option<String>),
    Flags(Vec<String>),
    Failed(String),
}

/// From the agent on its tool connection: a call, or the answer to what the call needs of the machine.
#[derive(Debug, Serialize, Deserialize)]
pub(crate) enum ToolUp {
    Call(ToolCall),
    Content(Result<Content, Failure>),
}

/// A hook tool called in `context`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct ToolCall {
    pub(crate) context: ContextId,
    pub(crate) argv: Vec<String>,
    pub(crate) cwd: String,
    pub(crate) stdin: Option<Content>,
}

/// To the agent on its tool connection.
#[derive(Debug, Serialize, Deserialize)]
pub(crate) enum ToolDown {
    /// Read this file and answer with its content.
    Read(String),
    /// Write this file and answer with nothing.
    Write(String, Content),
    Done {
        code: i32,
        stdout: Content,
        stderr: Content,
        kill: bool,
    },
    NeedsStdin,
    Refused(String),
    /// Kill the hook instead of an answer.
    Crash,
}

/// Bytes in a message.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(transparent)]
pub(crate) struct Content(#[serde(with = "bytes")] pub(crate) Vec<u8>);

/// An error of the system, as it crosses a connection.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Failure {
    number: Option<i32>,
    text: String,
}

impl From<io::Error> for Failure {
    fn from(error: io::Error) -> Self {
        Self {
            number: error.raw_os_error(),
            text: error.to_string(),
        }
    }
}

impl From<Failure> for io::Error {
    fn from(failure: Failure) -> Self {
        failure
            .number
            .map_or_else(|| Self::other(failure.text), Self::from_raw_os_error)
    }
}

/// What came of a `juju-exec`.
#[derive(Debug, Serialize, Deserialize)]
pub(crate) enum Executed {
    Done {
        code: i32,
        stdout: Content,
        stderr: Content,
    },
    Failed(String),
}
