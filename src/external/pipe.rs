//! A child's output: read as it comes, and not waited for when something in the background holds it open.

use std::fs::File;
use std::io::{self, Read, Write};
use std::os::fd::OwnedFd;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use super::mailbox::Mailbox;

/// What Juju allows hooks, too: a daemon that a handler started may keep the pipe for ever.
const GRACE: Duration = Duration::from_millis(100);

/// How much is kept.
#[derive(Debug, Clone, Copy)]
pub(super) enum Keep {
    /// The first bytes.
    First(usize),
    /// The last bytes; all of it goes to our own standard error as well.
    Last(usize),
}

/// A pipe that is being read.
#[derive(Debug)]
pub(super) struct Pipe {
    kept: Arc<Mutex<Vec<u8>>>,
    closed: Mailbox<()>,
}

impl Pipe {
    /// Starts reading.
    pub(super) fn read(source: impl Into<OwnedFd>, keep: Keep) -> Self {
        let pipe = Self {
            kept: Arc::default(),
            closed: Mailbox::new(),
        };
        let (source, kept, closed) = (
            File::from(source.into()),
            Arc::clone(&pipe.kept),
            pipe.closed.clone(),
        );
        std::thread::spawn(move || {
            drain(source, keep, &kept);
            closed.send(());
        });
        pipe
    }

    /// What was kept, once the pipe is closed or the child's end is a moment ago.
    pub(super) fn finish(self) -> Vec<u8> {
        // Both outcomes are fine: closed, or still held by something in the background.
        let _closed_or_held = self.closed.receive(GRACE);
        std::mem::take(&mut *self.kept.lock().unwrap_or_else(PoisonError::into_inner))
    }
}

/// Reads to the end, or until it breaks off.
fn drain(mut source: File, keep: Keep, kept: &Mutex<Vec<u8>>) {
    let mut chunk = [0; 4096];
    loop {
        let n = match source.read(&mut chunk) {
            Ok(0) => return,
            Ok(n) => n,
            Err(e) if e.kind() == io::ErrorKind::Interrupted => continue,
            Err(_) => return,
        };
        let mut kept = kept.lock().unwrap_or_else(PoisonError::into_inner);
        match keep {
            Keep::First(limit) => {
                let room = limit.saturating_sub(kept.len()).min(n);
                kept.extend_from_slice(&chunk[..room]);
            }
            Keep::Last(limit) => {
                let _nobody_to_tell_if_ours_is_closed = io::stderr().write_all(&chunk[..n]);
                kept.extend_from_slice(&chunk[..n]);
                let surplus = kept.len().saturating_sub(limit);
                kept.drain(..surplus);
            }
        }
    }
}

/// The last line that says something.
pub(super) fn last_line(bytes: &[u8]) -> Option<String> {
    let text = String::from_utf8_lossy(bytes);
    let line = text.lines().rfind(|line| !line.trim().is_empty())?;
    Some(line.trim().to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_first_or_the_last_bytes_are_kept() {
        let source = || {
            let (read, mut write) = io::pipe().unwrap();
            write.write_all(b"one\ntwo\n").unwrap();
            read
        };
        assert_eq!(Pipe::read(source(), Keep::First(4)).finish(), b"one\n");
        assert_eq!(Pipe::read(source(), Keep::Last(4)).finish(), b"two\n");
    }

    #[test]
    fn blank_lines_say_nothing() {
        assert_eq!(last_line(b"first\n  boom \n\n \n").as_deref(), Some("boom"));
        assert_eq!(last_line(b"\n"), None);
    }

    #[test]
    fn a_pipe_that_stays_open_is_not_waited_for() {
        let (held, mut child) = std::io::pipe().unwrap();
        child.write_all(b"words\n").unwrap();
        let pipe = Pipe::read(held, Keep::First(100));
        assert_eq!(pipe.finish(), b"words\n");
        drop(child);
    }
}
