//! The charm's side: one hook, over a socket to the test, with ports that kill the process.

use std::io::{BufRead, BufReader, Write};
use std::os::unix::net::UnixStream;
use std::path::PathBuf;
use std::process::ExitCode;

use ensign::dispatch::Silent;
use ensign::handler::{CrateOrder, Registry};
use ensign::hook::HookEnv;
use ensign::host::{Host, SystemClock, SystemDisk, SystemEntropy, SystemPrograms};
use ensign::metadata::Metadata;
use ensign::tools::{ToolCall, ToolOutput, Transport, TransportError};
use ensign_testing::{Faults, MortalDisk, MortalTools, RootedDisk};
use password as _;
use serde_json::{Value, json};

pub const SOCKET: &str = "MORTAL_SOCKET";
pub const FOLDER: &str = "MORTAL_FOLDER";
pub const MOMENT: &str = "MORTAL_MOMENT";
pub const METADATA: &str = "MORTAL_METADATA";

/// What the test asks of this process.
pub struct Task {
    socket: PathBuf,
    folder: PathBuf,
    moment: Option<usize>,
    metadata: String,
}

impl Task {
    pub fn from_environment() -> Option<Self> {
        Some(Self {
            socket: std::env::var_os(SOCKET)?.into(),
            folder: std::env::var_os(FOLDER)?.into(),
            moment: std::env::var(MOMENT).ok().and_then(|m| m.parse().ok()),
            metadata: std::env::var(METADATA).ok()?,
        })
    }
}

fn die() {
    let _never_returns =
        rustix::process::kill_process(rustix::process::getpid(), rustix::process::Signal::KILL);
}

pub fn run(task: &Task) -> ExitCode {
    let faults = match task.moment {
        Some(moment) => Faults::at(moment).with_blow(die),
        None => Faults::none(),
    };
    let tools = SocketTools(BufReader::new(UnixStream::connect(&task.socket).unwrap()));
    let mut last_word = tools.0.get_ref().try_clone().unwrap();
    let disk = RootedDisk::new(SystemDisk, &task.folder);
    let host = Host {
        env: HookEnv::from_process().unwrap(),
        metadata: Metadata::parse(&task.metadata).unwrap(),
        transport: Box::new(MortalTools::new(tools, faults.clone())),
        disk: Box::new(MortalDisk::new(disk, faults.clone())),
        clock: Box::new(SystemClock),
        programs: Box::new(SystemPrograms),
        entropy: Box::new(SystemEntropy),
    };
    let registry = Registry::linked(CrateOrder::new(["password"]));
    let ended = ensign::run::hook(host, &registry, &mut Silent);
    writeln!(last_word, "{}", json!({"moments": faults.moments()})).unwrap();
    ExitCode::from(u8::from(!ended.succeeded()))
}

/// A line of JSON each way.
struct SocketTools(BufReader<UnixStream>);

impl Transport for SocketTools {
    fn call(&mut self, call: &ToolCall<'_>) -> Result<ToolOutput, TransportError> {
        let lost = |problem: String| TransportError::Lost { problem };
        let question = json!({"tool": call.tool, "args": call.args, "stdin": call.stdin});
        writeln!(self.0.get_mut(), "{question}").map_err(|e| lost(e.to_string()))?;
        let mut line = String::new();
        self.0
            .read_line(&mut line)
            .map_err(|e| lost(e.to_string()))?;
        let answer: Value = serde_json::from_str(&line).map_err(|e| lost(e.to_string()))?;
        let bytes = |name: &str| {
            answer[name]
                .as_str()
                .unwrap_or_default()
                .as_bytes()
                .to_vec()
        };
        match answer["code"].as_i64() {
            Some(code) => Ok(ToolOutput {
                code: i32::try_from(code).unwrap(),
                stdout: bytes("stdout"),
                stderr: bytes("stderr"),
            }),
            None => Err(TransportError::Missing),
        }
    }
}
