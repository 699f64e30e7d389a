//! Other programs, as a port: what a charm does to its machine goes through here, so that a test can answer for a
//! program that is not installed, and kill the unit before and after each call.

use std::ffi::OsString;
use std::fmt;
use std::io::{self, Write};
use std::process::{Child, Output, Stdio};
use std::sync::mpsc;
use std::time::Duration;

/// A program and what it is started with. Its `Debug` shows the program alone: the rest may be secret.
#[derive(Clone, PartialEq, Eq)]
pub struct Program {
    /// Its name, found on the `PATH` of `environment`, or its path.
    pub name: OsString,
    /// Its arguments.
    pub arguments: Vec<OsString>,
    /// All that it sees of an environment.
    pub environment: Vec<(OsString, OsString)>,
    /// What it reads from its standard input.
    pub input: Vec<u8>,
}

impl fmt::Debug for Program {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Program")
            .field("name", &self.name)
            .finish_non_exhaustive()
    }
}

/// Starts programs.
pub trait Programs {
    /// Starts one.
    ///
    /// # Errors
    /// When it cannot be started; `NotFound` where there is no such program.
    fn start(&mut self, program: &Program) -> io::Result<Box<dyn Running>>;
}

/// A program that was started.
pub trait Running {
    /// How it ended, or `None` if it has not within `patience`.
    ///
    /// # Errors
    /// When it cannot be waited for.
    fn wait(&mut self, patience: Duration) -> io::Result<Option<Output>>;
}

/// A program that ended as it was started: what a test's programs are.
impl Running for Output {
    fn wait(&mut self, _patience: Duration) -> io::Result<Option<Output>> {
        Ok(Some(self.clone()))
    }
}

/// The machine's programs.
#[derive(Debug, Default)]
pub struct SystemPrograms;

impl Programs for SystemPrograms {
    fn start(&mut self, program: &Program) -> io::Result<Box<dyn Running>> {
        let mut process = std::process::Command::new(&program.name);
        process
            .args(&program.arguments)
            .env_clear()
            .envs(
                program
                    .environment
                    .iter()
                    .map(|(name, value)| (name, value)),
            )
            .stdin(if program.input.is_empty() {
                Stdio::null()
            } else {
                Stdio::piped()
            })
            .stdout(Stdio::piped())
            .stderr(Stdio::piped());
        let child = process.spawn()?;
        let input = program.input.clone();
        let (send, output) = mpsc::channel();
        // A thread waits for the child, so that the one that started it can look at the leadership meanwhile. It
        // ends with the child.
        std::thread::spawn(move || send.send(converse(child, &input)));
        Ok(Box::new(Process { output }))
    }
}

/// A process, and the thread that waits for it.
struct Process {
    output: mpsc::Receiver<io::Result<Output>>,
}

impl Running for Process {
    fn wait(&mut self, patience: Duration) -> io::Result<Option<Output>> {
        match self.output.recv_timeout(patience) {
            Ok(output) => output.map(Some),
            Err(mpsc::RecvTimeoutError::Timeout) => Ok(None),
            Err(mpsc::RecvTimeoutError::Disconnected) => {
                Err(io::Error::other("the wait for it broke off"))
            }
        }
    }
}

/// Gives the child its input while its output is taken: neither waits for the other.
fn converse(mut child: Child, input: &[u8]) -> io::Result<Output> {
    let Some(mut pipe) = child.stdin.take() else {
        return child.wait_with_output();
    };
    std::thread::scope(|scope| {
        scope.spawn(move || match pipe.write_all(input) {
            // A program need not read all of its input; how it ends tells what it made of it.
            Ok(()) | Err(_) => drop(pipe),
        });
        child.wait_with_output()
    })
}
