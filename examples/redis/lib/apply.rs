//! This unit's server becomes what it is to be: by its file, and by what a running server takes without a restart.

use ensign::prelude::*;
use interface_redis::Address;
use layer_service::Services;

use super::changes::{changes, question};
use super::conf::{self, Conf, FIXED};
use super::replies::{Replies, Silence};
use super::server;
use super::source::Source;

/// How long a hook waits for a replica to become one.
const SECONDS: usize = 15;
/// For the server alone: the password stands in its file.
const MODE: u32 = 0o640;

/// Writes the file and has the server do as it says; `false` while the server still starts.
///
/// # Errors
/// When a file cannot be written, or the server refuses something.
pub fn apply(ctx: &mut Context, conf: &Conf) -> Result<bool> {
    // Until it is changed it listens, and takes, what its file said before.
    let (at, password) = server::own(ctx)?;
    let before = server::ask(ctx, &at, &password, &question(conf))?;
    if matches!(before, Err(Silence::Loading)) {
        return Ok(false);
    }
    // It may still have that of a replacement which came to nothing.
    let accepted = match &conf.also {
        Some(also) => server::ask(ctx, &at, also, "PING\n")?.is_ok(),
        None => true,
    };
    write(ctx, conf)?;
    if let Ok(now) = before
        && needs_no_start(conf, &now)
    {
        let commands = changes(conf, &now, accepted);
        if commands.is_empty() {
            return Ok(true);
        } else if server::ask(ctx, &at, &password, &commands)?.is_ok() {
            if let Some((host, port)) = conf.get("replicaof").split_once(' ') {
                follow(ctx, &Address::new(host, port.parse()?))?;
            }
            return Ok(true);
        }
    }
    restart(ctx)?;
    Ok(false)
}

fn needs_no_start(conf: &Conf, now: &Replies) -> bool {
    let mut fixed = conf
        .settings
        .iter()
        .filter(|(name, _)| FIXED.contains(name));
    fixed.all(|(name, value)| now.setting(name) == Some(value.expose()))
}

/// Writes the file, and has the package's include it.
fn write(ctx: &mut Context, conf: &Conf) -> Result {
    let Source {
        ours,
        packaged,
        owner,
        ..
    } = *Source::of(ctx)?;
    ctx.write_file_with_owner(ours, conf.text(), MODE, owner)?;
    let text = conf::including(&read(ctx, packaged)?, ours);
    ctx.write_file_with_owner(packaged, text, MODE, owner)
}

fn read(ctx: &mut Context, path: &str) -> Result<String> {
    let bytes = ctx.read_file(path)?.unwrap_or_default();
    Ok(String::from_utf8_lossy(&bytes).into_owned())
}

/// Whether our file has been written, and the package's does not include it.
///
/// # Errors
/// When a file cannot be read.
pub fn is_left_out(ctx: &mut Context) -> Result<bool> {
    let Source { ours, packaged, .. } = *Source::of(ctx)?;
    let is_included = conf::includes(&read(ctx, packaged)?, ours);
    Ok(!is_included && ctx.read_file(ours)?.is_some())
}

/// Lets a replica get the primary's data, which takes a second or two; a large one takes longer than a hook should, and
/// is there later. Who is no primary yet may be made one by what this very hook tells, so nobody waits for that.
///
/// # Errors
/// When `redis-cli` cannot be started.
pub fn follow(ctx: &mut Context, primary: &Address) -> Result {
    let (_, password) = server::own(ctx)?;
    let leads = server::ask(ctx, primary, &password, "INFO replication\n")?;
    if !leads.is_ok_and(|now| now.field("role") == "master") {
        return Ok(());
    }
    for _ in 0..SECONDS {
        let now = server::ask_own(ctx, "INFO replication\n")?;
        if now.is_ok_and(|now| {
            now.field("role") == "master" || now.field("master_link_status") == "up"
        }) {
            break;
        }
        ctx.command("sleep").arg("1").run()?;
    }
    Ok(())
}

/// Has the server started anew, after the handlers that run now; once in a hook.
pub fn restart(ctx: &mut Context) -> Result {
    let source = Source::of(ctx)?;
    let hook = ctx.env().context_id.clone();
    if ctx.kv().get("redis.restarted-in")?.as_ref() == Some(&hook) {
        let error = "the server was restarted, and does not answer";
        return Err(Error::new(ErrorKind::Other, error).hint(source.log));
    }
    ctx.kv().set("redis.restarted-in", &hook)?;
    ctx.service(source.service).restart()
}

/// Has the server start with the data of that file.
///
/// # Errors
/// When it cannot be stopped or started, or the file not be copied.
pub fn replace_data(ctx: &mut Context, file: &str) -> Result {
    // Without save points, or what is in memory would be saved over it.
    let stop = "CONFIG SET save \"\"\n";
    let _it_stops_next = server::ask_own(ctx, stop)?;
    let Source {
        service,
        dump,
        owner,
        ..
    } = Source::of(ctx)?;
    ctx.command("systemctl").args(["stop", service]).run()?;
    ctx.command("cp").args(["--", file, dump]).run()?;
    ctx.command("chown").args([owner, dump]).run()?;
    ctx.command("systemctl").args(["start", service]).run()
}
