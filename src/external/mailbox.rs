//! Messages from the threads that wait to the one that works.

use std::collections::VecDeque;
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

/// A queue between threads. Clones are the same queue. (The channels of the standard library do more, and take
/// ten kilobytes of every charm.)
#[derive(Debug)]
pub(super) struct Mailbox<T>(Arc<(Mutex<VecDeque<T>>, Condvar)>);

impl<T> Mailbox<T> {
    pub(super) fn new() -> Self {
        Self(Arc::new((Mutex::new(VecDeque::new()), Condvar::new())))
    }

    /// Puts a message in.
    pub(super) fn send(&self, message: T) {
        self.queue().push_back(message);
        self.0.1.notify_one();
    }

    /// Takes the oldest message out, waiting for one at most that long.
    pub(super) fn receive(&self, wait: Duration) -> Option<T> {
        let queue = self.queue();
        let (mut queue, _) = self
            .0
            .1
            .wait_timeout_while(queue, wait, |queue| queue.is_empty())
            .unwrap_or_else(PoisonError::into_inner);
        queue.pop_front()
    }

    fn queue(&self) -> MutexGuard<'_, VecDeque<T>> {
        self.0.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl<T> Clone for Mailbox<T> {
    fn clone(&self) -> Self {
        Self(Arc::clone(&self.0))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn messages_come_in_order_and_waiting_has_an_end() {
        let mailbox = Mailbox::new();
        assert_eq!(mailbox.receive(Duration::from_millis(1)), None::<u8>);
        let sender = mailbox.clone();
        let thread = std::thread::spawn(move || [1, 2].map(|n| sender.send(n)));
        assert_eq!(mailbox.receive(Duration::from_secs(10)), Some(1));
        thread.join().unwrap();
        assert_eq!(mailbox.receive(Duration::ZERO), Some(2));
    }
}
