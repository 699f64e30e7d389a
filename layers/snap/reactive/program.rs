//! Running programs, in a limited time.

use std::process::Output;

use ensign::prelude::*;
use layer_apt::Apt;

use crate::look_again;

/// How `timeout` ends when the time was up.
const TIMED_OUT: i32 = 124;
/// How it ends when there is no such program.
const NOT_FOUND: i32 = 127;

/// Why something is not done. An [`Error`] is a failure of the hook; this is one of the machine, for its operator.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Failed {
    /// A package is missing, which apt has been asked for.
    Missing,
    /// In a line.
    Because(String),
}

/// What became of it.
pub(crate) type Attempt<T = ()> = std::result::Result<T, Failed>;

/// How a program ended that was given so many seconds; it comes with a package, which apt is asked for.
pub(crate) fn run(
    ctx: &mut Context,
    seconds: u64,
    program: &str,
    arguments: &[&str],
    input: &str,
    package: &str,
) -> Result<Attempt<Output>> {
    let output = ctx
        .command("timeout")
        .arg(seconds.to_string())
        .arg(program)
        .args(arguments)
        .input(input)
        .wait()?;
    Ok(match output.status.code() {
        Some(NOT_FOUND) if ctx.is_flag_set(format!("apt.installed.{package}"))? => {
            let why = format!("there is no `{program}`, although {package} was installed");
            Err(Failed::Because(why))
        }
        Some(NOT_FOUND) => {
            ctx.apt_install([package])?;
            let flag = format!("apt.installed.{package}");
            ctx.register_trigger(Trigger::when(flag).callback(look_again))?;
            Err(Failed::Missing)
        }
        Some(TIMED_OUT) => {
            let what = arguments.first().copied().unwrap_or_default();
            let why = format!("`{program} {what}` did not come to an end in {seconds} s");
            Err(Failed::Because(why))
        }
        _ => Ok(output),
    })
}
