//! The test's side: the model, and a process for each of its hooks.

use std::collections::BTreeMap;
use std::io::{BufRead, BufReader, Write};
use std::os::unix::net::{UnixListener, UnixStream};
use std::os::unix::process::ExitStatusExt;
use std::path::PathBuf;
use std::process::{Command, Stdio};

use ensign_model::{
    AgentFiles, Answer, Call, CharmInfo, Exit, Model, ModelConfig, Operation, OperationKind,
    Profile,
};
use serde_json::{Value, json};

use crate::charm;

const APP: &str = "password";

pub struct Units {
    model: Model,
    folder: tempfile::TempDir,
    metadata: Value,
    killed: bool,
}

impl Units {
    /// Two units that have not begun.
    pub fn new(profile: Profile) -> Self {
        let mut model = Model::new(ModelConfig::new(profile, 7));
        let charm = CharmInfo::named(APP).with_peer("cluster", "password-peers");
        model.deploy(APP, charm, 2).unwrap();
        let metadata = json!({
            "schema": 1, "name": APP, "build": "1", "layers": ["password"],
            "metadata": {"name": APP, "summary": "", "description": "",
                         "peers": {"cluster": {"interface": "password-peers"}}},
        });
        Self {
            model,
            folder: tempfile::tempdir().unwrap(),
            metadata,
            killed: false,
        }
    }

    pub fn killed(&self) -> bool {
        self.killed
    }

    /// A file of each unit.
    pub fn files(&self, path: &str) -> BTreeMap<String, Option<String>> {
        let status = self.model.status();
        let units = &status.applications[APP].units;
        let text = |unit: &str| std::fs::read_to_string(self.root(unit).join(path)).ok();
        units
            .iter()
            .map(|u| (u.unit.to_string(), text(u.unit.as_str())))
            .collect()
    }

    fn root(&self, unit: &str) -> PathBuf {
        self.folder.path().join(unit.replace('/', "-"))
    }

    /// Runs until all is settled, with one kill at that moment; returns how many moments passed.
    pub fn settle(&mut self, fatal: Option<usize>) -> Result<usize, String> {
        let mut passed = 0;
        for _ in 0..2_000 {
            if let Some(operation) = self.model.poll() {
                let left = fatal.filter(|_| !self.killed).map(|moment| moment - passed);
                let (exit, moments) = self.run(&operation, left);
                passed += moments;
                let _outcome = self
                    .model
                    .finish(&operation.context, exit)
                    .map_err(|e| e.to_string())?;
            } else if self.model.settled().is_settled() {
                return Ok(passed);
            } else if let Some(time) = self.model.next_timer() {
                self.model.advance(time);
            } else {
                break;
            }
        }
        Err(format!("not settled: {:?}", self.model.settled()))
    }

    fn run(&mut self, operation: &Operation, left: Option<usize>) -> (Exit, usize) {
        let root = self.root(operation.unit.as_str());
        if matches!(operation.kind, OperationKind::Deploy { .. }) {
            std::fs::create_dir_all(root.join("charm")).unwrap();
            return (Exit::Code(0), 0);
        }
        let socket = root.join("socket");
        let _not_there_yet = std::fs::remove_file(&socket);
        let listener = UnixListener::bind(&socket).unwrap();
        let mut command = Command::new(std::env::current_exe().unwrap());
        command
            .env_clear()
            .envs(operation.env.iter().map(|(k, v)| (k, v)))
            .env("JUJU_CHARM_DIR", root.join("charm"))
            .env(charm::SOCKET, &socket)
            .env(charm::FOLDER, &root)
            .env(charm::METADATA, self.metadata.to_string())
            .stdin(Stdio::null());
        if let Some(moment) = left {
            command.env(charm::MOMENT, moment.to_string());
        }
        let mut child = command.spawn().unwrap();
        let (stream, _) = listener.accept().unwrap();
        let moments = self.serve(operation, &stream);
        let status = child.wait().unwrap();
        let exit = match (status.code(), status.signal()) {
            (Some(code), _) => Exit::Code(code),
            (None, signal) => Exit::Signal(signal.unwrap_or(0)),
        };
        self.killed |= exit == Exit::Signal(9);
        (exit, moments)
    }

    /// Answers until the other side is gone; returns how many moments it told of.
    fn serve(&mut self, operation: &Operation, stream: &UnixStream) -> usize {
        let mut writer = stream.try_clone().unwrap();
        for line in BufReader::new(stream).lines() {
            let Ok(line) = line else { break };
            let question: Value = serde_json::from_str(&line).unwrap();
            if let Some(moments) = question["moments"].as_u64() {
                return usize::try_from(moments).unwrap();
            }
            let mut argv = vec![question["tool"].as_str().unwrap().to_owned()];
            let args = question["args"].as_array().unwrap();
            argv.extend(args.iter().map(|a| a.as_str().unwrap().to_owned()));
            let answer = match self.ask(operation, &argv, None) {
                Answer::NeedsStdin => {
                    let stdin = question["stdin"].as_str().unwrap_or_default();
                    self.ask(operation, &argv, Some(stdin.as_bytes()))
                }
                answer => answer,
            };
            let answer = match answer {
                Answer::Done(result) => json!({
                    "code": result.code,
                    "stdout": String::from_utf8_lossy(&result.stdout),
                    "stderr": String::from_utf8_lossy(&result.stderr),
                }),
                _ => json!({}),
            };
            // The other side may have been killed with the answer on its way.
            if writeln!(writer, "{answer}").is_err() {
                break;
            }
        }
        0
    }

    fn ask(&mut self, operation: &Operation, argv: &[String], stdin: Option<&[u8]>) -> Answer {
        let call = Call {
            argv,
            stdin,
            cwd: "/",
        };
        self.model.tool(&operation.context, &call, &mut RealFiles)
    }
}

/// The unit's agent opens files as they are: the charm's folder is a real one.
struct RealFiles;

impl AgentFiles for RealFiles {
    fn read(&mut self, path: &str) -> std::io::Result<Vec<u8>> {
        std::fs::read(path)
    }

    fn write(&mut self, path: &str, content: &[u8]) -> std::io::Result<()> {
        std::fs::write(path, content)
    }
}
