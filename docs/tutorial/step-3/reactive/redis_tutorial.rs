//! Redis with options that take effect, and are checked before.

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

/// The service layer restarts the server if the file is another one.
#[when("apt.installed.redis-server")]
#[when_changed(config = "port", config = "log-level")]
fn configure(ctx: &mut Context) -> Result {
    let (port, level) = options(ctx)?;
    let conf = format!("bind 127.0.0.1\nport {port}\nloglevel {level}\n{FIXED}");
    ctx.write_file(CONF, conf)?;
    ctx.service(SERVICE).restart_on([CONF]).ensure_running()
}

/// The status goes when the flag goes.
#[when("service.redis-server.running")]
fn tell(ctx: &mut Context) -> Result {
    let (port, _) = options(ctx)?;
    let status = Status::Active(format!("ready on port {port}"));
    ctx.part_status("redis", status, &["service.redis-server.running"])
}
