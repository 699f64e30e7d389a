//! Hook tools of a unit in this process: the model answers them, and opens files as the unit's agent does.

use std::cell::RefCell;
use std::io;
use std::path::Path;
use std::rc::Rc;

use ensign::host::Disk;
use ensign::tools::{ToolCall, ToolOutput, Transport, TransportError};
use ensign_model::{AgentFiles, Answer, Call, ContextId, Model};

use crate::memory::MemoryDisk;

/// Hook tools that the model answers directly.
#[derive(Debug)]
pub(crate) struct ModelTools {
    pub(crate) model: Rc<RefCell<Model>>,
    pub(crate) context: ContextId,
    pub(crate) files: UnitFiles,
    pub(crate) cwd: String,
}

/// The unit's files, as its agent opens them for `--file`.
#[derive(Debug, Clone)]
pub(crate) struct UnitFiles(pub(crate) MemoryDisk);

impl AgentFiles for UnitFiles {
    fn read(&mut self, path: &str) -> io::Result<Vec<u8>> {
        self.0
            .read(Path::new(path))?
            .ok_or_else(|| io::ErrorKind::NotFound.into())
    }

    fn write(&mut self, path: &str, content: &[u8]) -> io::Result<()> {
        self.0.replace(Path::new(path), content, 0o600.into())
    }
}

impl Transport for ModelTools {
    fn call(&mut self, call: &ToolCall<'_>) -> Result<ToolOutput, TransportError> {
        let argv: Vec<String> = std::iter::once(call.tool.to_owned())
            .chain(call.args.iter().cloned())
            .collect();
        let mut model = self.model.borrow_mut();
        let files = &mut self.files;
        let mut ask = |stdin: Option<&[u8]>| {
            let call = Call {
                argv: &argv,
                stdin,
                cwd: &self.cwd,
            };
            model.tool(&self.context, &call, files)
        };
        let answer = match ask(None) {
            Answer::NeedsStdin => ask(Some(call.stdin.unwrap_or_default().as_bytes())),
            answer => answer,
        };
        match answer {
            Answer::Done(result) => Ok(ToolOutput {
                code: result.code,
                stdout: result.stdout,
                stderr: result.stderr,
            }),
            // A tool that this Juju does not have is not on the unit's `PATH`.
            Answer::Refused(text) if text.starts_with("bad request: unknown command") => {
                Err(TransportError::Missing)
            }
            Answer::Refused(text) => Ok(ToolOutput {
                code: 1,
                stdout: Vec::new(),
                stderr: format!("ERROR {text}\n").into_bytes(),
            }),
            Answer::NeedsStdin => Err(TransportError::Lost {
                problem: "the tool asks for its input twice".to_owned(),
            }),
        }
    }
}
