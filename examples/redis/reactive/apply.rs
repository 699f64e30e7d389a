//! A server becomes what it is to be: by its file, and by what a running server takes without a restart.

use ensign::prelude::*;
use interface_redis::Address;
use layer_service::Services;

use crate::conf::{Conf, FIXED};
use crate::server::{self, Replies, Silence, quoted};
use crate::source::Source;

/// How long a hook waits for a replica to become one.
const SECONDS: usize = 15;

/// Writes the file and has the server do as it says; `false` while the server still starts.
///
/// # Errors
/// When a file cannot be written, or the server refuses something.
pub fn apply(ctx: &mut Context, conf: &Conf) -> Result<bool> {
    let names = conf.settings.iter().map(|(name, _)| *name);
    let names: Vec<_> = names.filter(|name| *name != "replicaof").collect();
    let question = format!(
        "CONFIG GET {}\nACL LIST\nINFO replication\n",
        names.join(" ")
    );
    // Until it is changed it listens, and takes, what its file said before.
    let (at, password) = server::own(ctx)?;
    let before = server::ask(ctx, &at, &password, &question)?;
    if before
        .as_ref()
        .is_err_and(|silence| *silence == Silence::Loading)
    {
        return Ok(false);
    }
    // It may still have that of a replacement which came to nothing.
    let accepted = match &conf.also {
        Some(also) => server::ask(ctx, &at, also, "PING\n")?.is_ok(),
        None => true,
    };
    conf.write(ctx)?;
    let fixed = |now: &Replies| {
        let mut fixed = FIXED.iter().filter(|name| names.contains(name));
        fixed.all(|name| setting(now, name) == Some(conf.get(name)))
    };
    if let Ok(now) = before.as_ref()
        && fixed(now)
    {
        let commands = changes(conf, now, accepted);
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

/// A setting of the running server.
pub fn setting<'a>(now: &'a Replies, name: &str) -> Option<&'a str> {
    let all = now.values.first()?.as_array()?;
    let at = all.iter().step_by(2).position(|setting| setting == name)?;
    all.get(2 * at + 1)?.as_str()
}

/// What changes a running server: passwords in one step, so that there is no moment in which one of them is refused.
fn changes(conf: &Conf, now: &Replies, accepted: bool) -> String {
    let mut sets = String::new();
    for (name, value) in &conf.settings {
        let is = setting(now, name);
        if is.is_some() && is != Some(value.expose()) && *name != "requirepass" {
            sets += &format!(" {name} {}", quoted(value.expose()));
        }
    }
    let passwords = 1 + usize::from(conf.also.is_some());
    let known = now
        .values
        .get(1)
        .map_or(0, |users| users.to_string().matches(" #").count());
    let mut commands = String::new();
    if !accepted
        || setting(now, "requirepass") != Some(conf.get("requirepass"))
        || known != passwords
    {
        commands += &format!(
            "CONFIG SET requirepass {}\n",
            quoted(conf.get("requirepass"))
        );
    }
    if let Some(also) = conf.also.as_ref().filter(|_| !commands.is_empty()) {
        commands += &format!(
            "ACL SETUSER default {}\n",
            quoted(&format!(">{}", also.expose()))
        );
    }
    if !sets.is_empty() {
        commands += &format!("CONFIG SET{sets}\n");
    }
    if !commands.is_empty() {
        commands = format!("MULTI\n{commands}EXEC\n");
    }
    let follows = format!("{} {}", now.field("master_host"), now.field("master_port"));
    match conf.get("replicaof") {
        "" if now.field("role") == "slave" && conf.get("cluster-enabled") == "no" => {
            commands += "REPLICAOF NO ONE\n";
        }
        primary if !primary.is_empty() && primary != follows => {
            commands += &format!("REPLICAOF {primary}\n");
        }
        _ => {}
    }
    commands
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
