//! Redis with one password, which the leader has made.

use ensign::prelude::*;
use layer_service::Services;
use layer_status::PartStatus;

const SERVICE: &str = "redis-server";
const CONF: &str = "/etc/redis/redis.conf";
/// What Debian's own file says, as far as the server needs it.
const FIXED: &str = "\
daemonize yes
dir /var/lib/redis
logfile /var/log/redis/redis-server.log
pidfile /run/redis/redis-server.pid
";

/// Port and log level: what the operator wants, or, where that cannot be, the last that could.
fn options(ctx: &mut Context) -> Result<(u16, String)> {
    let config = ctx.config()?;
    // What is no port becomes 0, which is none either.
    let port = u16::try_from(config.int("port")?.unwrap_or_default()).unwrap_or_default();
    let level = config.string("log-level")?.unwrap_or_default();
    let complaint = if port == 0 {
        "`port` must be between 1 and 65535"
    } else if !["debug", "verbose", "notice", "warning"].contains(&level.as_str()) {
        "`log-level` must be debug, verbose, notice or warning"
    } else {
        ctx.kv().set("options", &(port, &level))?;
        ctx.part_clear("options")?;
        return Ok((port, level));
    };
    ctx.part_status("options", Status::Blocked(complaint.into()), &[])?;
    ctx.kv().get_or("options", (6379, "notice".to_owned()))
}

/// Made once, by whoever leads first.
#[when("leadership.is_leader")]
#[when_not("leadership.set.password")]
fn make_password(ctx: &mut Context) -> Result {
    let password = ctx.password(32);
    ctx.leader_set([("password", password)])
}

/// What the leader has made; empty until then.
fn password(ctx: &mut Context) -> Result<String> {
    let password = ctx.leader_get("password")?;
    Ok(password.as_deref().unwrap_or_default().to_owned())
}

/// Nothing but the server itself may read the file: the password is in it.
#[when("apt.installed.redis-server", "leadership.set.password")]
#[when_changed(config = "port", config = "log-level", leader = "password")]
fn configure(ctx: &mut Context) -> Result {
    let (port, level) = options(ctx)?;
    let password = password(ctx)?;
    let mut conf = format!("bind 127.0.0.1\nport {port}\nloglevel {level}\n{FIXED}");
    conf += &format!("requirepass {password}\n");
    ctx.write_file_with_mode(CONF, conf, 0o640)?;
    ctx.command("chown").args(["redis:redis", CONF]).run()?;
    ctx.service(SERVICE).restart_on([CONF]).ensure_running()
}

/// What this unit's server says. Others can read command lines, so nothing secret is on one: the password is in the
/// environment, and what is asked on the standard input.
fn ask(ctx: &mut Context, question: &str) -> Result<String> {
    let (port, _) = options(ctx)?;
    let password = password(ctx)?;
    let output = ctx
        .command("redis-cli")
        .args(["-p", &port.to_string()])
        .env("REDISCLI_AUTH", password)
        .input(question)
        .wait()?;
    Ok(String::from_utf8_lossy(&output.stdout).into_owned())
}

/// Asks the server itself, in every hook.
#[when("service.redis-server.running")]
fn tell(ctx: &mut Context) -> Result {
    let status = match ask(ctx, "PING\n")?.trim() {
        "PONG" => Status::Active("ready".into()),
        _ => Status::Waiting("for the server".into()),
    };
    ctx.part_status("redis", status, &["service.redis-server.running"])
}
