//! Redis: the leader's server is the primary, the others follow it.

use ensign::prelude::*;
use interface_redis::{Address, Mode, Offer, Provides};
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

/// Where the primary is: three leader values, written as one.
#[derive(LeaderSettings, PartialEq)]
struct Primary {
    unit: String,
    host: String,
    port: u16,
}

/// Whoever leads is the primary, and says so.
#[when("leadership.is_leader")]
fn name_primary(ctx: &mut Context) -> Result {
    let network = ctx.endpoint("cluster")?.network(ctx)?;
    let Some(host) = network.ingress_address().map(str::to_owned) else {
        return Ok(());
    };
    let (port, _) = options(ctx)?;
    let unit = ctx.unit().to_string();
    let own = Primary { unit, host, port };
    if Primary::load(ctx)?.as_ref() == Some(&own) {
        return Ok(());
    }
    own.store(ctx)
}

/// Nothing but the server itself may read the file: the password is in it.
#[when("apt.installed.redis-server", "leadership.set.password")]
#[when_changed(
    config = "port",
    config = "log-level",
    leader = "password",
    leader = "host",
    leader = "port"
)]
fn configure(ctx: &mut Context) -> Result {
    let Some(primary) = Primary::load(ctx)? else {
        return Ok(());
    };
    let (port, level) = options(ctx)?;
    let password = password(ctx)?;
    let network = ctx.endpoint("cluster")?.network(ctx)?;
    let address = network.bind_address().unwrap_or_default();
    let mut conf = format!("bind 127.0.0.1 {address}\nport {port}\nloglevel {level}\n{FIXED}");
    conf += &format!("requirepass {password}\nmasterauth {password}\n");
    if primary.unit != ctx.unit().to_string() {
        conf += &format!("replicaof {} {}\n", primary.host, primary.port);
    }
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
#[when("service.redis-server.running", "leadership.set.unit")]
fn tell(ctx: &mut Context) -> Result {
    let primary = ctx.leader_get("unit")?;
    let primary = primary.as_deref().unwrap_or_default();
    let mut status = Status::Waiting(format!("for {primary}"));
    // A primary waits five seconds for more replicas before it sends its data.
    for _ in 0..10 {
        let said = ask(ctx, "INFO replication\n")?;
        if said.contains("role:master") {
            status = Status::Active("primary".into());
            break;
        }
        if said.contains("master_link_status:up") {
            status = Status::Active(format!("replica of {primary}"));
            break;
        }
        ctx.command("sleep").arg("1").run()?;
    }
    ctx.part_status("redis", status, &["service.redis-server.running"])
}

/// What clients are told, whenever it is another one: only what differs goes to Juju.
#[when(
    "leadership.is_leader",
    "leadership.set.password",
    "endpoint.redis.joined"
)]
fn offer(ctx: &mut Context) -> Result {
    let Some(primary) = Primary::load(ctx)? else {
        return Ok(());
    };
    let offer = Offer {
        mode: Mode::Standalone,
        primary: Some(Address::new(primary.host, primary.port)),
        nodes: Vec::new(),
        password: Secret::new(password(ctx)?),
        version: "1".to_owned(),
    };
    ctx.endpoint("redis")?.redis_offer(ctx, &offer)
}
