//! A child's output: read as it comes, and not waited for when something in the background holds it open.

use std::io::{Read, Write};
use std::sync::mpsc::{Receiver, channel};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

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
    closed: Receiver<()>,
}

impl Pipe {
    /// Starts reading.
    pub(super) fn read(mut source: impl Read + Send + 'static, keep: Keep) -> Self {
        let kept = Arc::new(Mutex::new(Vec::new()));
        let (close, closed) = channel::<()>();
        let ours = Arc::clone(&kept);
        std::thread::spawn(move || {
            let _closes_when_it_ends = close;
            let mut chunk = [0; 4096];
            loop {
                let n = match source.read(&mut chunk) {
                    Ok(0) => return,
                    Ok(n) => n,
                    Err(e) if e.kind() == std::io::ErrorKind::Interrupted => continue,
                    Err(_) => return,
                };
                let mut kept = ours.lock().unwrap_or_else(PoisonError::into_inner);
                match keep {
                    Keep::First(limit) => {
                        let room = limit.saturating_sub(kept.len()).min(n);
                        kept.extend_from_slice(&chunk[..room]);
                    }
                    Keep::Last(limit) => {
                        let _nobody_to_tell_if_ours_is_closed =
                            std::io::stderr().write_all(&chunk[..n]);
                        kept.extend_from_slice(&chunk[..n]);
                        let surplus = kept.len().saturating_sub(limit);
                        kept.drain(..surplus);
                    }
                }
            }
        });
        Self { kept, closed }
    }

    /// What was kept, once the pipe is closed or the child's end is a moment ago.
    pub(super) fn finish(self) -> Vec<u8> {
        // Both outcomes are fine: closed, or still held by something in the background.
        let _closed_or_held = self.closed.recv_timeout(GRACE);
        std::mem::take(&mut *self.kept.lock().unwrap_or_else(PoisonError::into_inner))
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
        let source = || std::io::Cursor::new(b"one\ntwo\n".to_vec());
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
