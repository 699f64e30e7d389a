//! The `ensign` command.
//!
//! `commands/NAME.rs` turns arguments into options and makes one call into `ops/NAME.rs`, which works and returns
//! data; `show/` makes text of it; this file alone prints it and chooses the exit code: 0 done, 1 failed, 2 usage.

mod commands;
mod ops;
mod output;
mod progress;
mod report;
mod show;
mod style;
mod version;

use std::ffi::OsString;
use std::io::{self, Write};
use std::path::Path;
use std::process::ExitCode;

use clap::Parser;

use crate::commands::{Cli, juju};
use crate::output::Output;
use crate::report::Report;
use crate::style::Style;

fn main() -> ExitCode {
    let mut arguments = std::env::args_os();
    let program = arguments.next().unwrap_or_default();
    let rest: Vec<OsString> = arguments.collect();
    // The same executable is also the controller, the agents and the hook tools of local models.
    if let Some(code) = ensign_local::entry(&program, &rest) {
        return code;
    }
    let words = std::iter::once(program.clone()).chain(rest);
    let is_juju = Path::new(&program)
        .file_name()
        .is_some_and(|name| name == "juju");
    let parsed = if is_juju {
        juju::Juju::try_parse_from(words).map(juju::Juju::run)
    } else {
        Cli::try_parse_from(words).map(Cli::run)
    };
    match parsed {
        Err(error) => {
            // Help and the version are data, and go to stdout; where that is closed nobody wants them.
            let _ = error.print();
            ExitCode::from(u8::try_from(error.exit_code()).unwrap_or(2))
        }
        Ok(Ok(output)) => deliver(&output),
        Ok(Err(report)) => complain(&report),
    }
}

/// Data to stdout. A reader that has gone away has had enough.
fn deliver(output: &Output) -> ExitCode {
    // Without a stderr there is nobody to tell.
    let _ = io::stderr().lock().write_all(output.aside.as_bytes());
    let mut out = io::stdout().lock();
    match out
        .write_all(output.data.as_bytes())
        .and_then(|()| out.flush())
    {
        Err(error) if error.kind() != io::ErrorKind::BrokenPipe => {
            complain(&Report::new("cannot write to stdout").because(error))
        }
        _ => match &output.failed {
            Some(report) => complain(report),
            None => ExitCode::from(output.code),
        },
    }
}

fn complain(report: &Report) -> ExitCode {
    let text = report.render(Style::of_stderr());
    // Without a stderr there is nobody to tell.
    let _ = io::stderr().lock().write_all(text.as_bytes());
    ExitCode::from(report.code())
}
