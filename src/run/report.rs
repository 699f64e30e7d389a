//! What a failed hook says: one sentence in Juju's log, since a hook's own output is hidden by default.

use super::Ended;
use crate::context::Context;
use crate::error::Error;
use crate::handler::RUNNING;
use crate::host::Host;
use crate::tools::{self, Level, Tools, Transport};

/// Reports a failure and hands it back.
pub(super) fn failure(ctx: &mut Context, error: Error) -> Error {
    let mut sentence = error.line();
    let flags = ctx.changes.total;
    let bags = ctx.publication.len();
    let mut undone = Vec::new();
    if flags > 0 {
        undone.push(format!("{flags} flag change{}", plural(flags)));
    }
    if bags > 0 {
        undone.push(format!("{bags} relation write{}", plural(bags)));
    }
    if !undone.is_empty() {
        sentence.push_str(&format!("; rolled back: {}", undone.join(" and ")));
    }
    if !ctx.immediate.is_empty() {
        let mut done = std::mem::take(&mut ctx.immediate);
        done.dedup();
        sentence.push_str(&format!("; already done: {}", done.join(", ")));
    }
    if let Some(advice) = error.advice() {
        sentence.push_str(&format!("; hint: {advice}"));
    }
    say(&mut ctx.tools, &sentence);
    error
}

/// Reports a failure that came before there was a context.
pub(crate) fn before_start(host: Host, error: Error) -> Ended {
    let mut tools = Tools::new(host.transport);
    let mut sentence = error.line();
    if let Some(advice) = error.advice() {
        sentence.push_str(&format!("; hint: {advice}"));
    }
    say(&mut tools, &sentence);
    Ended {
        error: Some(error),
        calls: tools.called().len(),
    }
}

/// Says it in Juju's log, or on standard error where that cannot be reached.
fn say(tools: &mut Tools, sentence: &str) {
    if tools::juju_log(tools, Level::Error, sentence).is_err() {
        complain(sentence);
    }
}

/// Standard error, for what cannot be said otherwise. A closed one is no reason to fail twice.
pub(crate) fn complain(sentence: &str) {
    use std::io::Write;
    let _closed_stderr = writeln!(std::io::stderr(), "{sentence}");
}

/// Makes a panic look like any other failure: handler and line in Juju's log, exit 1. Nothing relies on
/// unwinding, since release builds abort; nothing was written, so everything is rolled back.
pub(crate) fn install_panic_hook(transport: fn() -> Box<dyn Transport>) {
    std::panic::set_hook(Box::new(move |info| {
        let place = info
            .location()
            .map_or_else(String::new, |l| format!(" at {}:{}", l.file(), l.line()));
        let why = info.payload_as_str().unwrap_or("without a message");
        let who = RUNNING.try_with(std::cell::Cell::get).ok().flatten();
        let sentence = match who {
            Some(h) => format!(
                "handler `{}` ({}:{}) panicked{place}: {why}",
                h.id, h.file, h.line
            ),
            None => format!("panicked{place}: {why}"),
        };
        say(
            &mut Tools::new(transport()),
            &format!("{sentence}; everything is rolled back"),
        );
        #[expect(
            clippy::exit,
            reason = "the hook has failed; an abort would be a signal, and Juju treats those otherwise"
        )]
        std::process::exit(1);
    }));
}

fn plural(n: usize) -> &'static str {
    if n == 1 { "" } else { "s" }
}
