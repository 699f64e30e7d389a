//! What a hook prints, passed on as it comes.

use std::io::Read;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::mpsc::{Receiver, RecvTimeoutError, Sender, channel};
use std::time::{Duration, Instant};

use ensign_model::{ContextId, Stream};

use super::Out;
use super::protocol::FromAgent;

/// Juju reads lines with a buffer of this size.
const BUFFER: usize = 4096;
/// How long Juju waits for pipes that a background process still holds.
const PATIENCE: Duration = Duration::from_millis(100);

/// The pipes of one process.
#[derive(Debug)]
pub(super) struct Output {
    over: Arc<AtomicBool>,
    closed: Receiver<()>,
    closing: Sender<()>,
    pipes: usize,
}

impl Output {
    pub(super) fn new() -> Self {
        let (closing, closed) = channel();
        Self {
            over: Arc::default(),
            closed,
            closing,
            pipes: 0,
        }
    }

    /// Passes on what comes out of `pipe`.
    pub(super) fn follow(
        &mut self,
        mut pipe: impl Read + Send + 'static,
        stream: Stream,
        context: &ContextId,
        out: &Out,
    ) {
        let (over, closing, context, out) = (
            Arc::clone(&self.over),
            self.closing.clone(),
            context.clone(),
            out.clone(),
        );
        self.pipes += 1;
        std::thread::spawn(move || {
            let mut buffer = [0; BUFFER];
            while let Ok(count @ 1..) = pipe.read(&mut buffer) {
                if over.load(Ordering::Acquire) {
                    break;
                }
                out.send(&FromAgent::Output {
                    context: context.clone(),
                    stream,
                    bytes: buffer[..count].to_vec(),
                });
            }
            // Nobody may be waiting any more.
            let _ = closing.send(());
        });
    }

    /// Call it when the process has ended: waits a little for what is still in the pipes, then drops the rest.
    pub(super) fn finish(self) {
        let end = Instant::now() + PATIENCE;
        for _ in 0..self.pipes {
            match self
                .closed
                .recv_timeout(end.saturating_duration_since(Instant::now()))
            {
                Ok(()) => {}
                Err(RecvTimeoutError::Timeout | RecvTimeoutError::Disconnected) => break,
            }
        }
        self.over.store(true, Ordering::Release);
    }
}
