//! What a unit's server is to be.

use ensign::prelude::*;
use interface_redis_cluster::Peers;
use layer_rotation::Passwords;

use crate::cluster;
use crate::conf::Conf;
use crate::options::Options;
use crate::replication::Primary;

/// Out of options, what the leader says, and who is there; nothing without a password.
///
/// # Errors
/// When Juju cannot be asked.
pub fn describe(
    ctx: &mut Context,
    options: &Options,
    passwords: &Passwords,
    hostname: &str,
) -> Result<Conf> {
    let password = passwords.current.expose();
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
        // A replica gets its data at once: writes may have to wait for it.
        ("repl-diskless-sync-delay", "0".to_owned()),
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
    if cluster {
        // A node looks at its port when it starts, but for what it is to announce; the bus stays where it was then.
        let port = options.port.to_string();
        settings.extend([
            ("cluster-port", cluster::bus(ctx)?.to_string()),
            ("cluster-announce-port", port),
        ]);
    }
    if let Some(primary) = primary.filter(|primary| primary.unit != own && !cluster) {
        let Primary { address, .. } = primary;
        settings.push(("replicaof", format!("{} {}", address.host, address.port)));
    }
    Ok(Conf {
        settings: settings
            .into_iter()
            .map(|(name, value)| (name, Secret::new(value)))
            .collect(),
        also: passwords.also.clone(),
    })
}
