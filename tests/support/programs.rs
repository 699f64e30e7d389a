//! Programs that take time, on the tests' clock.

use std::io;
use std::os::unix::process::ExitStatusExt;
use std::process::{ExitStatus, Output};
use std::time::Duration;

use ensign::host::{Program, Programs, Running};
use ensign_testing::TestClock;

/// `sleep SECONDS`, and nothing else.
pub(crate) struct Sleeping {
    pub(crate) clock: TestClock,
}

impl Programs for Sleeping {
    fn start(&mut self, program: &Program) -> io::Result<Box<dyn Running>> {
        let seconds = program
            .arguments
            .first()
            .and_then(|s| s.to_str()?.parse().ok());
        let seconds = seconds.filter(|_| program.name == "sleep");
        Ok(Box::new(Asleep {
            clock: self.clock.clone(),
            left: Duration::from_secs(seconds.ok_or(io::ErrorKind::NotFound)?),
        }))
    }
}

struct Asleep {
    clock: TestClock,
    left: Duration,
}

impl Running for Asleep {
    fn wait(&mut self, patience: Duration) -> io::Result<Option<Output>> {
        let passes = self.left.min(patience);
        self.clock.advance(passes);
        self.left -= passes;
        Ok(self.left.is_zero().then(|| Output {
            status: ExitStatus::from_raw(0),
            stdout: Vec::new(),
            stderr: Vec::new(),
        }))
    }
}
