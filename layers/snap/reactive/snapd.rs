//! snapd: whether it runs, and what it is told to do.

use std::process::Output;

use ensign::prelude::*;

use crate::program::{Attempt, Failed, run};
use crate::words;

/// Seconds that one command may take: a slow network and a large snap take long.
const PATIENCE: u64 = 1800;
/// Seconds between two looks whether another change has finished.
const PAUSE: u64 = 5;

/// Whether this machine can run snapd at all: without systemd every command waits minutes for nothing.
pub(crate) fn is_possible(ctx: &mut Context) -> Result<bool> {
    // The sign of a machine that systemd has started. What a `systemctl` says is none: there are others of that name.
    let booted = ["-d", "/run/systemd/system"];
    Ok(ctx.command("test").args(booted).wait()?.status.success())
}

/// Has snapd there, and ready to be asked.
pub(crate) fn prepare(ctx: &mut Context) -> Result<Attempt> {
    if !is_possible(ctx)? {
        let why = "snapd cannot run on this machine: it needs systemd, which does not run here";
        return Ok(Err(Failed::Because(why.to_owned())));
    }
    let seconds = wait(ctx);
    let seeded = ["wait", "system", "seed.loaded"];
    let output = match run(ctx, seconds, "snap", &seeded, "", "snapd")? {
        Ok(output) => output,
        Err(failed) => return Ok(Err(failed)),
    };
    Ok(if output.status.success() {
        Ok(())
    } else {
        let why = format!("snapd is not ready: {}", words::cause(&output));
        Err(Failed::Because(why))
    })
}

/// How long to wait for snapd, in seconds.
fn wait(ctx: &Context) -> u64 {
    let wait = ctx.metadata().option("snap", "wait");
    wait.and_then(|wait| wait.as_u64()).unwrap_or(120)
}

/// A command of `snap` that changes something; snapd is let finish what it is at.
pub(crate) fn snap(ctx: &mut Context, arguments: &[&str], input: &str) -> Result<Attempt> {
    let mut looks = wait(ctx) / PAUSE;
    loop {
        let output = match run(ctx, PATIENCE, "snap", arguments, input, "snapd")? {
            Ok(output) => output,
            Err(failed) => return Ok(Err(failed)),
        };
        if output.status.success() {
            ctx.note_immediate(format!("`snap {}`", arguments.join(" ")));
            return Ok(Ok(()));
        }
        if looks == 0 || !words::is_busy(&output) {
            return Ok(Err(Failed::Because(words::cause(&output))));
        }
        looks -= 1;
        ctx.log(Level::Info, "snapd is let finish another change");
        ctx.command("sleep").arg(PAUSE.to_string()).run()?;
    }
}

/// The version of a snap, if it is installed.
pub(crate) fn version(ctx: &mut Context, name: &str) -> Result<Option<String>> {
    let seconds = wait(ctx).to_string();
    let output = ctx
        .command("timeout")
        .args([&seconds, "snap", "list", name])
        .wait()?;
    Ok(read_version(&output))
}

/// A table of `Name Version Rev …`, below its head.
fn read_version(output: &Output) -> Option<String> {
    if !output.status.success() {
        return None;
    }
    let text = String::from_utf8_lossy(&output.stdout);
    let version = text.lines().nth(1)?.split_whitespace().nth(1)?;
    Some(version.to_owned())
}
