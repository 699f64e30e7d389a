//! Hook tools, files and programs of a process in a campaign: every step is a moment at which anything may happen.

use std::io;
use std::path::Path;
use std::rc::Rc;

use ensign::host::{Access, Disk, FileStat, Program, Programs, Running};
use ensign::tools::{ToolCall, ToolOutput, Transport, TransportError};

use super::frame::StepKind;
use super::stage::Stage;
use crate::MemoryDisk;

const KILLED: &str = "the process was killed";

/// Hook tools.
pub(super) struct StagedTools {
    pub(super) stage: Rc<Stage>,
    pub(super) tools: Box<dyn Transport>,
}

/// Tools that change something for others; what `juju-log` or `status-set` says is for people.
const WRITERS: [&str; 12] = [
    "close-port",
    "leader-set",
    "open-port",
    "relation-set",
    "secret-add",
    "secret-grant",
    "secret-remove",
    "secret-revoke",
    "secret-set",
    "state-delete",
    "state-set",
    "storage-add",
];

impl Transport for StagedTools {
    fn call(&mut self, call: &ToolCall<'_>) -> Result<ToolOutput, TransportError> {
        let writes = WRITERS.contains(&call.tool);
        let kind = if writes {
            StepKind::Tool
        } else {
            StepKind::Read
        };
        if !self.stage.moment(kind, call.tool) {
            if call.tool == "juju-log" {
                // The dead say nothing, and nobody needs to hear that they could not.
                return Ok(ToolOutput::default());
            }
            return Err(TransportError::Lost {
                problem: KILLED.to_owned(),
            });
        }
        self.stage.called(call, writes);
        let answer = self.tools.call(call)?;
        self.stage.answered(call, &answer);
        Ok(answer)
    }
}

/// Files.
pub(super) struct StagedDisk {
    pub(super) stage: Rc<Stage>,
    pub(super) disk: MemoryDisk,
}

impl StagedDisk {
    fn step<T>(
        &mut self,
        what: &str,
        path: &Path,
        work: impl FnOnce(&mut MemoryDisk) -> io::Result<T>,
    ) -> io::Result<T> {
        let name = path.file_name().unwrap_or_default().to_string_lossy();
        let ours = path
            .parent()
            .is_some_and(|folder| folder.ends_with(".ensign"));
        let step = if ours {
            format!("{what} {name}")
        } else {
            format!("{what} a file")
        };
        if !self.stage.moment(StepKind::Write, &step) {
            return Err(io::Error::other(KILLED));
        }
        self.stage.wrote(&step, path, &self.disk);
        work(&mut self.disk)
    }
}

impl Disk for StagedDisk {
    fn read(&self, path: &Path) -> io::Result<Option<Vec<u8>>> {
        self.disk.read(path)
    }

    fn stat(&self, path: &Path) -> io::Result<Option<FileStat>> {
        self.disk.stat(path)
    }

    fn replace(&mut self, path: &Path, bytes: &[u8], access: Access) -> io::Result<()> {
        self.step("replace", path, |disk| disk.replace(path, bytes, access))
    }

    fn rename(&mut self, from: &Path, to: &Path) -> io::Result<()> {
        self.step("rename to", to, |disk| disk.rename(from, to))
    }

    fn remove(&mut self, path: &Path) -> io::Result<()> {
        if self.disk.stat(path)?.is_none() {
            return Ok(());
        }
        self.step("remove", path, |disk| disk.remove(path))
    }

    fn make_folder(&mut self, path: &Path, mode: u32) -> io::Result<()> {
        self.disk.make_folder(path, mode)
    }

    fn lock(&mut self, path: &Path) -> io::Result<Box<dyn std::fmt::Debug>> {
        self.disk.lock(path)
    }
}

/// Other programs.
pub(super) struct StagedPrograms {
    pub(super) stage: Rc<Stage>,
    pub(super) programs: Box<dyn Programs>,
}

impl Programs for StagedPrograms {
    fn start(&mut self, program: &Program) -> io::Result<Box<dyn Running>> {
        let step = format!("program {}", program.name.display());
        if !self.stage.moment(StepKind::Tool, &step) {
            return Err(io::Error::other(KILLED));
        }
        self.programs.start(program)
    }
}
