//! A running child, and its calls being served until it ends.

use std::io::{BufRead, BufReader, Read, Write};
use std::os::unix::net::{UnixListener, UnixStream};
use std::process::{Child, ExitStatus};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread;
use std::time::Duration;

use super::mailbox::Mailbox;
use super::pipe::{Keep, Pipe};
use super::socket::{self, Door};
use super::wire::{Answer, REQUEST_LIMIT};
use crate::context::{Context, LOOK_EVERY};
use crate::error::Result;

/// How long a caller may take to say what it wants, or to take the answer.
const PATIENCE: Duration = Duration::from_secs(10);

/// How much of a test's output is kept: more than a command line can carry.
const OUTPUT_LIMIT: usize = 1 << 20;

/// How a child ended.
#[derive(Debug)]
pub(super) struct Ended {
    pub(super) status: ExitStatus,
    /// What it printed, if that was to be read.
    pub(super) stdout: Vec<u8>,
    /// Its last words.
    pub(super) stderr: Vec<u8>,
}

enum Event {
    Call(Vec<u8>, UnixStream),
    Ended(std::io::Result<ExitStatus>),
}

/// Serves the child's calls, one at a time and in this thread, which alone may touch the context.
///
/// Threads do the waiting: for callers, for their words, and for the child. What still runs in the background when
/// the child has ended reaches nobody any more.
pub(super) fn serve(
    ctx: &mut Context,
    mut started: Child,
    door: &Door,
    mut answer: impl FnMut(&mut Context, &[u8]) -> Answer,
) -> Result<Ended> {
    let stdout = started
        .stdout
        .take()
        .map(|pipe| Pipe::read(pipe, Keep::First(OUTPUT_LIMIT)));
    let stderr = started
        .stderr
        .take()
        .map(|pipe| Pipe::read(pipe, Keep::Last(4096)));
    let events = Mailbox::new();
    let closing = Arc::new(AtomicBool::new(false));
    let listener = door.listener.try_clone()?;
    thread::spawn({
        let (events, closing) = (events.clone(), Arc::clone(&closing));
        move || accept(&listener, &events, &closing)
    });
    thread::spawn({
        let events = events.clone();
        move || events.send(Event::Ended(started.wait()))
    });
    let mut look = ctx.uptime() + LOOK_EVERY;
    let mut trouble = None;
    let status = loop {
        match events.receive(look.saturating_sub(ctx.uptime())) {
            Some(Event::Call(line, caller)) => reply(&caller, &answer(ctx, &line)),
            Some(Event::Ended(status)) => break status?,
            None => {
                // The child goes on whatever is found out, and must not be left alone while it does.
                if let Err(e) = ctx.look_while_waiting() {
                    trouble.get_or_insert(e);
                }
                look = ctx.uptime() + LOOK_EVERY;
            }
        }
    };
    closing.store(true, Ordering::Release);
    // Wakes the thread that accepts; if the socket's file is gone, nobody will ever come to it.
    let _woken_or_unreachable = socket::connect(door.path());
    if let Some(error) = trouble {
        return Err(error);
    }
    Ok(Ended {
        status,
        stdout: stdout.map(Pipe::finish).unwrap_or_default(),
        stderr: stderr.map(Pipe::finish).unwrap_or_default(),
    })
}

/// Lets callers in; each has a thread until it has said what it wants, so that a silent one keeps nobody waiting.
fn accept(listener: &UnixListener, events: &Mailbox<Event>, closing: &AtomicBool) {
    loop {
        let caller = listener.accept();
        if closing.load(Ordering::Acquire) {
            return;
        }
        match caller {
            Ok((caller, _)) => {
                let events = events.clone();
                thread::spawn(move || listen(caller, &events));
            }
            // Out of descriptors, perhaps; they come back.
            Err(_) => thread::sleep(Duration::from_millis(10)),
        }
    }
}

/// Reads one line. A caller that goes away before it has said anything is forgotten.
fn listen(caller: UnixStream, events: &Mailbox<Event>) {
    let mut line = Vec::new();
    let heard = caller.set_read_timeout(Some(PATIENCE)).and_then(|()| {
        BufReader::new((&caller).take(REQUEST_LIMIT + 1)).read_until(b'\n', &mut line)
    });
    if heard.is_ok_and(|n| n > 0) {
        // When the child has ended nobody takes it out any more.
        events.send(Event::Call(line, caller));
    }
}

fn reply(mut caller: &UnixStream, answer: &Answer) {
    let text = serde_json::to_string(answer).map(|text| text + "\n");
    // A caller that was killed meanwhile is owed nothing: what it asked for has been done.
    let _heard_or_gone = caller
        .set_write_timeout(Some(PATIENCE))
        .and_then(|()| caller.write_all(text?.as_bytes()));
}
