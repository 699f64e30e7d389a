//! Killing a unit between any two things it does.
//!
//! A killed process does nothing more: no tool call, no write. So from the fatal moment on every port refuses
//! everything, and what the code still does in its last breath leaves no trace.

use std::cell::RefCell;
use std::io;
use std::path::Path;
use std::rc::Rc;

use ensign::host::{Access, Disk, FileStat, Program, Programs, Running};
use ensign::tools::{ToolCall, ToolOutput, Transport, TransportError};

/// Where the unit dies, and what it did before. Clones share it.
#[derive(Debug, Clone, Default)]
pub struct Faults {
    inner: Rc<RefCell<Inner>>,
}

#[derive(Debug, Default)]
struct Inner {
    /// Moments that passed: each tool call, write and program has one before it and one after it.
    passed: usize,
    fatal: Option<usize>,
    fatal_step: Option<String>,
    dead: bool,
    /// What happens at the fatal moment, if not just that nothing more does.
    blow: Option<fn()>,
    steps: Vec<String>,
}

impl Faults {
    /// No fault: only counts.
    #[must_use]
    pub fn none() -> Self {
        Self::default()
    }

    /// Dies at the moment of this number, counted from 0: even ones lie before a step, odd ones after it.
    #[must_use]
    pub fn at(moment: usize) -> Self {
        let faults = Self::default();
        faults.inner.borrow_mut().fatal = Some(moment);
        faults
    }

    /// The same, with something that really ends the process.
    #[must_use]
    pub fn with_blow(self, blow: fn()) -> Self {
        self.inner.borrow_mut().blow = Some(blow);
        self
    }

    /// Dies before the first step of this name; see [`steps`](Self::steps).
    #[must_use]
    pub fn before(step: &str) -> Self {
        let faults = Self::default();
        faults.inner.borrow_mut().fatal_step = Some(step.to_owned());
        faults
    }

    /// How many moments there were.
    #[must_use]
    pub fn moments(&self) -> usize {
        self.inner.borrow().passed
    }

    /// Whether the unit was killed.
    #[must_use]
    pub fn struck(&self) -> bool {
        self.inner.borrow().dead
    }

    /// What was done, in order: `tool leader-set`, `replace state.next`, `program apt-get`.
    #[must_use]
    pub fn steps(&self) -> Vec<String> {
        self.inner.borrow().steps.clone()
    }

    /// Passes a moment; `false` once the unit is dead.
    fn moment(&self) -> bool {
        let mut inner = self.inner.borrow_mut();
        if inner.dead {
            return false;
        }
        if inner.fatal == Some(inner.passed) {
            inner.dead = true;
            if let Some(blow) = inner.blow {
                blow();
            }
            return false;
        }
        inner.passed += 1;
        true
    }

    /// Whether the unit lives on into the step of this name.
    fn survives(&self, step: &str) -> bool {
        let mut inner = self.inner.borrow_mut();
        inner.dead |= inner.fatal_step.as_deref() == Some(step);
        !inner.dead
    }

    fn step<T, E>(
        &self,
        name: impl FnOnce() -> String,
        killed: impl Fn() -> E,
        work: impl FnOnce() -> Result<T, E>,
    ) -> Result<T, E> {
        let name = name();
        if !self.moment() || !self.survives(&name) {
            return Err(killed());
        }
        self.inner.borrow_mut().steps.push(name);
        let result = work();
        if !self.moment() {
            return Err(killed());
        }
        result
    }
}

/// Hook tools of a unit that may be killed.
#[derive(Debug)]
pub struct MortalTools<T> {
    tools: T,
    faults: Faults,
}

impl<T> MortalTools<T> {
    /// `tools`, until `faults` strike.
    pub fn new(tools: T, faults: Faults) -> Self {
        Self { tools, faults }
    }
}

impl<T: Transport> Transport for MortalTools<T> {
    fn call(&mut self, call: &ToolCall<'_>) -> Result<ToolOutput, TransportError> {
        let killed = || TransportError::Lost {
            problem: "the unit was killed".to_owned(),
        };
        let (faults, tools) = (self.faults.clone(), &mut self.tools);
        let answer = faults.step(
            || format!("tool {}", call.tool),
            killed,
            || tools.call(call),
        );
        if answer.is_err() && call.tool == "juju-log" && faults.struck() {
            // The dead say nothing, and nobody needs to hear that they could not.
            return Ok(ToolOutput::default());
        }
        answer
    }

    fn shows_arguments(&mut self) -> bool {
        self.tools.shows_arguments()
    }
}

/// Files of a unit that may be killed.
#[derive(Debug)]
pub struct MortalDisk<D> {
    disk: D,
    faults: Faults,
}

impl<D> MortalDisk<D> {
    /// `disk`, until `faults` strike.
    pub fn new(disk: D, faults: Faults) -> Self {
        Self { disk, faults }
    }
}

impl<D: Disk> MortalDisk<D> {
    fn write<T>(
        &mut self,
        what: &str,
        path: &Path,
        work: impl FnOnce(&mut D) -> io::Result<T>,
    ) -> io::Result<T> {
        let name = || {
            format!(
                "{what} {}",
                path.file_name().unwrap_or_default().to_string_lossy()
            )
        };
        let killed = || io::Error::other("the unit was killed");
        let (faults, disk) = (self.faults.clone(), &mut self.disk);
        faults.step(name, killed, || work(disk))
    }
}

impl<D: Disk> Disk for MortalDisk<D> {
    fn read(&self, path: &Path) -> io::Result<Option<Vec<u8>>> {
        self.disk.read(path)
    }

    fn stat(&self, path: &Path) -> io::Result<Option<FileStat>> {
        self.disk.stat(path)
    }

    fn replace(&mut self, path: &Path, bytes: &[u8], access: Access) -> io::Result<()> {
        self.write("replace", path, |disk| disk.replace(path, bytes, access))
    }

    fn rename(&mut self, from: &Path, to: &Path) -> io::Result<()> {
        self.write("rename to", to, |disk| disk.rename(from, to))
    }

    fn remove(&mut self, path: &Path) -> io::Result<()> {
        self.write("remove", path, |disk| disk.remove(path))
    }

    fn make_folder(&mut self, path: &Path, mode: u32) -> io::Result<()> {
        self.write("make folder", path, |disk| disk.make_folder(path, mode))
    }

    fn lock(&mut self, path: &Path) -> io::Result<Box<dyn std::fmt::Debug>> {
        self.disk.lock(path)
    }
}

/// Programs of a unit that may be killed.
#[derive(Debug)]
pub struct MortalPrograms<P> {
    programs: P,
    faults: Faults,
}

impl<P> MortalPrograms<P> {
    /// `programs`, until `faults` strike.
    pub fn new(programs: P, faults: Faults) -> Self {
        Self { programs, faults }
    }
}

impl<P: Programs> Programs for MortalPrograms<P> {
    fn start(&mut self, program: &Program) -> io::Result<Box<dyn Running>> {
        let name = || format!("program {}", program.name.display());
        let killed = || io::Error::other("the unit was killed");
        let (faults, programs) = (self.faults.clone(), &mut self.programs);
        faults.step(name, killed, || programs.start(program))
    }
}
