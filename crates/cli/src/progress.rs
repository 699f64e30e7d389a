//! How far the work is, on stderr: a line that renews itself on a terminal, elsewhere a line now and then, so that a
//! long wait is never silent.

use std::collections::BTreeSet;
use std::io::{IsTerminal, Write, stderr};
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};
use std::thread::JoinHandle;
use std::time::{Duration, Instant};

use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle};

use crate::style::Style;

/// What takes less is not worth a word.
const PATIENCE: Duration = Duration::from_secs(1);
/// The longest silence where there is no terminal.
const SILENCE: Duration = Duration::from_secs(30);
/// How often the terminal's line is renewed.
const FRAME: Duration = Duration::from_millis(100);

/// Says how far the work is. Dropped, it leaves nothing on the screen.
#[derive(Debug)]
pub(crate) struct Progress {
    verbose: bool,
    style: Style,
    noted: BTreeSet<String>,
    shared: Arc<Shared>,
    thread: Option<JoinHandle<()>>,
}

#[derive(Debug)]
struct Shared {
    state: Mutex<State>,
    ended: Condvar,
}

#[derive(Debug)]
struct State {
    /// What is being done; empty for nothing.
    activity: String,
    since: Instant,
    /// When there was last something to read.
    spoke: Instant,
    /// Somebody else writes to the terminal.
    paused: bool,
    ended: bool,
    bar: Option<ProgressBar>,
}

impl Shared {
    fn lock(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Progress {
    pub(crate) fn start(verbose: bool) -> Self {
        let terminal = stderr().is_terminal();
        let now = Instant::now();
        let bar = terminal.then(|| {
            let bar = ProgressBar::with_draw_target(None, ProgressDrawTarget::hidden());
            ProgressStyle::with_template("{spinner} {elapsed:>3} {wide_msg}")
                .map(|style| bar.clone().with_style(style))
                .unwrap_or(bar)
        });
        let state = State {
            activity: String::new(),
            since: now,
            spoke: now,
            paused: false,
            ended: false,
            bar,
        };
        let shared = Arc::new(Shared {
            state: Mutex::new(state),
            ended: Condvar::new(),
        });
        let other = Arc::clone(&shared);
        let thread = std::thread::spawn(move || watch(&other, terminal));
        Self {
            verbose,
            style: Style::of_stderr(),
            noted: BTreeSet::new(),
            shared,
            thread: Some(thread),
        }
    }

    /// What is being done from now on.
    pub(crate) fn activity(&mut self, text: &str) {
        let mut state = self.shared.lock();
        if state.activity.is_empty() {
            state.since = Instant::now();
        }
        text.clone_into(&mut state.activity);
        state.paused = false;
    }

    /// Somebody else tells about `text`, such as Cargo.
    pub(crate) fn pause(&mut self, text: &str) {
        self.activity(text);
        let mut state = self.shared.lock();
        state.paused = true;
        if let Some(bar) = &state.bar {
            bar.finish_and_clear();
        }
    }

    /// After [`Self::pause`].
    pub(crate) fn resume(&mut self, text: &str) {
        let mut state = self.shared.lock();
        state.spoke = Instant::now();
        state.since = state.spoke;
        drop(state);
        self.activity(text);
    }

    /// Nothing is being done that takes time.
    pub(crate) fn clear(&mut self) {
        let mut state = self.shared.lock();
        state.activity.clear();
        if let Some(bar) = &state.bar {
            bar.finish_and_clear();
            bar.set_draw_target(ProgressDrawTarget::hidden());
        }
    }

    /// A line that everybody should read.
    pub(crate) fn say(&mut self, text: &str) {
        let mut state = self.shared.lock();
        state.spoke = Instant::now();
        // Without a stderr there is nobody to tell.
        let write = || drop(writeln!(stderr().lock(), "{}", text.trim_end()));
        match &state.bar {
            Some(bar) => bar.suspend(write),
            None => write(),
        }
    }

    /// A line for whoever asked for more.
    pub(crate) fn detail(&mut self, text: &str) {
        if self.verbose {
            self.say(text);
        }
    }

    /// A line that begins with `warning:`.
    pub(crate) fn warn(&mut self, text: &str) {
        self.say(&format!("{} {text}", self.style.warning("warning:")));
    }

    /// A note that is true of the whole system, so that once is enough.
    pub(crate) fn note_once(&mut self, text: &str) {
        if self.noted.insert(text.to_owned()) {
            self.note(text);
        }
    }

    /// A line that begins with `note:`.
    pub(crate) fn note(&mut self, text: &str) {
        self.say(&format!("{} {text}", self.style.hint("note:")));
    }
}

impl Drop for Progress {
    fn drop(&mut self) {
        self.clear();
        self.shared.lock().ended = true;
        self.shared.ended.notify_all();
        if let Some(thread) = self.thread.take() {
            // A panic there has been reported already.
            drop(thread.join());
        }
    }
}

fn watch(shared: &Shared, terminal: bool) {
    let mut state = shared.lock();
    while !state.ended {
        if !state.activity.is_empty() && !state.paused && state.since.elapsed() > PATIENCE {
            if terminal {
                draw(&state);
            } else if state.spoke.elapsed() > SILENCE {
                state.spoke = Instant::now();
                let seconds = state.since.elapsed().as_secs();
                // Without a stderr there is nobody to tell.
                drop(writeln!(
                    stderr().lock(),
                    "after {seconds} s: {}",
                    state.activity
                ));
            }
        }
        let waited = shared.ended.wait_timeout(state, FRAME);
        state = waited.unwrap_or_else(PoisonError::into_inner).0;
    }
}

fn draw(state: &State) {
    let Some(bar) = &state.bar else { return };
    if bar.is_finished() {
        bar.reset();
    }
    if bar.is_hidden() {
        bar.set_draw_target(ProgressDrawTarget::stderr());
        bar.set_elapsed(state.since.elapsed());
    }
    bar.set_message(state.activity.clone());
    bar.tick();
}
