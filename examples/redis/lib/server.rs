//! Talking to a Redis server: through `redis-cli`, with the password in its environment and every command on its
//! standard input, so that neither is ever on a command line.

use ensign::prelude::*;
use interface_redis::Address;

use super::conf;
use super::replies::{Replies, Silence};
use super::source::Source;

/// How many seconds a server has to answer: longer than it ever takes, shorter than anybody waits.
const PATIENCE: &str = "5";

/// Asks a server; commands that answer in lines come last.
///
/// # Errors
/// When `redis-cli` cannot be started, or the server refuses a command.
pub fn ask(
    ctx: &mut Context,
    at: &Address,
    password: &Secret,
    commands: &str,
) -> Result<std::result::Result<Replies, Silence>> {
    let cli = Source::of(ctx)?.cli;
    let output = ctx
        .command("timeout")
        .args([PATIENCE, cli, "-2", "--json", "-h", &at.host, "-p"])
        .arg(at.port.to_string())
        .env("REDISCLI_AUTH", password.expose())
        .input(commands)
        .wait()?;
    let replies = Replies::read(&String::from_utf8_lossy(&output.stdout))?;
    Ok(replies.and_then(|all| match all.answer(commands) {
        true => Ok(all),
        // It was lost in the middle: what was said last was not done.
        false => Err(Silence::Unreachable),
    }))
}

/// Where the server of this unit listens and what it takes, as its file says.
///
/// # Errors
/// When the file cannot be read.
pub fn own(ctx: &mut Context) -> Result<(Address, Secret)> {
    let ours = Source::of(ctx)?.ours;
    let bytes = ctx.read_file(ours)?.unwrap_or_default();
    let (port, password) = conf::written(&String::from_utf8_lossy(&bytes));
    Ok((Address::new("127.0.0.1", port), password))
}

/// Asks the server of this unit, as its file describes it.
///
/// # Errors
/// As [`ask`].
pub fn ask_own(ctx: &mut Context, commands: &str) -> Result<std::result::Result<Replies, Silence>> {
    let (at, password) = own(ctx)?;
    ask(ctx, &at, &password, commands)
}
