//! Each unit's server is as it is to be: a file, and what a running server takes without a restart.

use ensign::prelude::*;
use interface_redis::{Provides, UnitOffer};
use interface_redis_cluster::{Member, Peers};
use layer_status::PartStatus;

use crate::conf::{Conf, FIXED};
use crate::options::{self, Options};
use crate::passwords::Rotation;
use crate::replication::Primary;
use crate::server::{self, Replies, Silence, quoted};

#[when_changed(leader = "rotation", leader = "primary", endpoint = "cluster.hostname")]
fn outdate(ctx: &mut Context) -> Result {
    ctx.set_flag("redis.outdated")
}

#[hook(
    "config-changed",
    "upgrade-charm",
    "cluster-relation-{created,departed}",
    "redis-relation-created"
)]
fn outdate_too(ctx: &mut Context) -> Result {
    ctx.set_flag("redis.outdated")
}

#[when(
    "redis.installed",
    "redis.outdated",
    "leadership.set.password",
    "leadership.set.cluster-enabled"
)]
fn configure(ctx: &mut Context) -> Result {
    let options = options::wanted(ctx)?;
    let rotation = Rotation::current(ctx)?.to_string();
    let peers = ctx.endpoint("cluster")?.network(ctx)?;
    let Some(hostname) = peers.ingress_address().map(str::to_owned) else {
        return ctx.part_status(
            "redis",
            Status::Waiting("no address yet".into()),
            &["redis.outdated"],
        );
    };
    let conf = describe(ctx, &options, &hostname)?;
    if !apply(ctx, &conf)? {
        return ctx.part_status(
            "redis",
            Status::Maintenance("loading its data".into()),
            &["redis.outdated"],
        );
    }
    open_ports(ctx, &conf)?;
    let role = if ctx.is_flag_set("redis.cluster")? {
        "node"
    } else if conf.get("replicaof").is_empty() {
        "primary"
    } else {
        "replica"
    };
    let port = options.port;
    let offer = UnitOffer {
        hostname: hostname.clone(),
        port,
        role: role.to_owned(),
    };
    ctx.endpoint("redis")?.redis_offer_unit(ctx, &offer)?;
    let member = Member {
        hostname,
        port,
        applied: rotation,
    };
    ctx.endpoint("cluster")?.redis_tell(ctx, &member)?;
    ctx.clear_flag("redis.outdated")
}

trigger!(when = "leadership.set.cluster-enabled", set = "redis.mode");

/// What the server is to be.
fn describe(ctx: &mut Context, options: &Options, hostname: &str) -> Result<Conf> {
    let password = ctx.leader_get("password")?.unwrap_or_else(|| "".into());
    let cluster = ctx
        .leader_get("cluster-enabled")?
        .is_some_and(|on| on == "true");
    ctx.toggle_flag("redis.cluster", cluster)?;
    let primary = Primary::current(ctx)?;
    let own = ctx.unit().to_string();
    let members = ctx.endpoint("cluster")?.redis_members(ctx)?;
    let others = members
        .iter()
        .filter(|(unit, member)| **unit != own && member.is_some())
        .count();
    let replicas = usize::from(!cluster && others > 0).to_string();
    // Nothing but loopback before the server's place is known.
    let mut bind = vec!["127.0.0.1".to_owned()];
    if cluster || primary.is_some() {
        for endpoint in ["cluster", "redis"] {
            let network = ctx.endpoint(endpoint)?.network(ctx)?;
            bind.extend(network.bind_address().map(str::to_owned));
        }
        bind.dedup();
    }
    let mut settings = vec![
        ("requirepass", password.to_string()),
        ("masterauth", password.to_string()),
        (
            "cluster-enabled",
            if cluster { "yes" } else { "no" }.to_owned(),
        ),
        ("databases", options.databases.to_string()),
        ("loglevel", options.log_level.clone()),
        ("tcp-keepalive", options.tcp_keepalive.to_string()),
        ("timeout", options.timeout.to_string()),
        ("min-replicas-to-write", replicas),
        (
            if cluster {
                "cluster-announce-ip"
            } else {
                "replica-announce-ip"
            },
            hostname.to_owned(),
        ),
        ("port", options.port.to_string()),
        ("bind", bind.join(" ")),
    ];
    if let Some(primary) = primary.filter(|primary| primary.unit != own && !cluster) {
        let Primary { address, .. } = primary;
        settings.push(("replicaof", format!("{} {}", address.host, address.port)));
    }
    let also = ctx.leader_get("other")?.filter(|other| !other.is_empty());
    Ok(Conf {
        settings: settings
            .into_iter()
            .map(|(name, value)| (name, Secret::new(value)))
            .collect(),
        also: also.map(|other| Secret::new(other.to_string())),
    })
}

/// Writes the file and has the server do as it says; `false` while the server still reads its data.
fn apply(ctx: &mut Context, conf: &Conf) -> Result<bool> {
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
    conf.write(ctx)?;
    let fixed = |now: &Replies| {
        let mut fixed = FIXED.iter().filter(|name| names.contains(name));
        fixed.all(|name| setting(now, name) == Some(conf.get(name)))
    };
    match before {
        Ok(now) if fixed(&now) => {
            let commands = changes(conf, &now);
            if !commands.is_empty() && server::ask(ctx, &at, &password, &commands)?.is_err() {
                restart(ctx)?;
            }
        }
        _ => restart(ctx)?,
    }
    Ok(true)
}

/// A setting of the running server.
fn setting<'a>(now: &'a Replies, name: &str) -> Option<&'a str> {
    let all = now.values.first()?.as_array()?;
    let at = all.iter().step_by(2).position(|setting| setting == name)?;
    all.get(2 * at + 1)?.as_str()
}

/// What changes a running server: passwords in one step, so that there is no moment in which one of them is refused.
fn changes(conf: &Conf, now: &Replies) -> String {
    let mut sets = String::new();
    for (name, value) in &conf.settings {
        let is = setting(now, name);
        if is.is_some() && is != Some(value.expose()) && *name != "requirepass" {
            sets += &format!(" {name} {}", quoted(value.expose()));
        }
    }
    let passwords = 1 + usize::from(conf.also.is_some());
    let accepted = now
        .values
        .get(1)
        .map_or(0, |users| users.to_string().matches(" #").count());
    let mut commands = String::new();
    if setting(now, "requirepass") != Some(conf.get("requirepass")) || accepted != passwords {
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

fn restart(ctx: &mut Context) -> Result {
    ctx.command("systemctl")
        .args(["restart", "redis-server"])
        .run()?;
    match server::ask_own(ctx, "PING\n")? {
        Ok(_) | Err(Silence::Loading) => Ok(()),
        Err(silence) => Err(Error::new(
            ErrorKind::Other,
            format!("the server was restarted, and is {silence:?}").to_lowercase(),
        )
        .hint("see /var/log/redis/redis-server.log")),
    }
}

/// Opens what is served: the port, in a cluster also that of the cluster's bus.
fn open_ports(ctx: &mut Context, conf: &Conf) -> Result {
    let port: u32 = conf.get("port").parse()?;
    let mut wanted = Vec::new();
    if conf.get("bind").contains(' ') {
        wanted.push(format!("{port}/tcp"));
    }
    if conf.get("cluster-enabled") == "yes" {
        wanted.push(format!("{}/tcp", port + 10_000));
    }
    let opened: Vec<String> = ctx.kv().get_or("redis.ports", Vec::new())?;
    for port in opened.iter().filter(|port| !wanted.contains(port)) {
        ctx.close_port(port)?;
    }
    for port in wanted.iter().filter(|port| !opened.contains(port)) {
        ctx.open_port(port)?;
    }
    ctx.kv().set("redis.ports", &wanted)
}

/// In every hook: the server runs, and the status says what it is.
#[when("redis.installed", "cluster.available")]
#[when_not("redis.outdated", "redis.cluster")]
fn watch(ctx: &mut Context) -> Result {
    let status = match server::ask_own(ctx, "CONFIG GET min-replicas-to-write\nINFO replication\n")?
    {
        Ok(now) => tell_of(&now),
        Err(Silence::Loading) => Status::Maintenance("loading its data".into()),
        Err(_) => {
            restart(ctx)?;
            Status::Maintenance("the server was down, and is started again".into())
        }
    };
    // Nobody says so when a unit has been removed that could not be reached any more.
    if matches!(&status, Status::Waiting(_))
        && ctx.endpoint("cluster")?.redis_forget_removed(ctx)?
    {
        ctx.set_flag("redis.outdated")?;
    }
    ctx.part_status("redis", status, &[])
}

fn tell_of(now: &Replies) -> Status {
    let replicas = now.field("connected_slaves");
    let needs = setting(now, "min-replicas-to-write").unwrap_or("0");
    let primary = format!("{}:{}", now.field("master_host"), now.field("master_port"));
    match (now.field("role"), now.field("master_link_status")) {
        ("slave", "up") => Status::Active(format!("replica of {primary}")),
        ("slave", _) => Status::Waiting(format!("the primary at {primary} does not answer")),
        _ if needs != "0" && replicas == "0" => {
            Status::Waiting("no replica: writes are refused until there is one".into())
        }
        _ if replicas == "0" => Status::Active("primary".into()),
        _ => Status::Active(format!("primary of {replicas}")),
    }
}
