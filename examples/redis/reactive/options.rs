//! The charm's options, checked: with a wrong one the server goes on as it was.

use ensign::prelude::*;
use layer_status::PartStatus;
use serde::{Deserialize, Serialize};

use crate::source::Source;

/// Options that become settings of the server.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Options {
    pub databases: i64,
    pub log_level: String,
    pub port: u16,
    pub tcp_keepalive: i64,
    pub timeout: i64,
}

const GOOD: &str = "redis.options";
const PART: &str = "options";

/// What the operator wants; where that cannot be, what was wanted last, and a status that says what is wrong.
///
/// # Errors
/// When Juju cannot be asked.
pub fn wanted(ctx: &mut Context) -> Result<Options> {
    match complaint(ctx)? {
        None => {
            let good = read(ctx)?;
            ctx.kv().set(GOOD, &good)?;
            ctx.part_clear(PART)?;
            Ok(good)
        }
        Some(complaint) => {
            ctx.part_status(PART, Status::Blocked(complaint), &[])?;
            let good = ctx.kv().get(GOOD)?;
            good.map_or_else(|| Ok(Options::default()), Ok)
        }
    }
}

impl Default for Options {
    fn default() -> Self {
        Self {
            databases: 16,
            log_level: "notice".to_owned(),
            port: 6379,
            tcp_keepalive: 0,
            timeout: 0,
        }
    }
}

fn read(ctx: &mut Context) -> Result<Options> {
    let config = ctx.config()?;
    Ok(Options {
        databases: config.int("databases")?.unwrap_or(16),
        log_level: config.string("log-level")?.unwrap_or_default(),
        port: config.get("port")?.unwrap_or(6379),
        tcp_keepalive: config.int("tcp-keepalive")?.unwrap_or(0),
        timeout: config.int("timeout")?.unwrap_or(0),
    })
}

/// What is wrong with the options, with the name of the first that is.
fn complaint(ctx: &mut Context) -> Result<Option<String>> {
    const LEVELS: [&str; 4] = ["debug", "verbose", "notice", "warning"];
    const INT: i64 = i32::MAX as i64;
    let cluster = ctx.leader_get("cluster-enabled")?;
    let bus = ctx.leader_get("cluster-port")?;
    let bus = bus.and_then(|port| port.parse::<i64>().ok());
    let source = ctx.leader_get("install-source")?.map(|s| s.to_string());
    let config = ctx.config()?;
    let int = |name| Ok::<_, Error>(config.int(name)?.unwrap_or_default());
    let text = |name| Ok::<_, Error>(config.string(name)?.unwrap_or_default());
    let wanted = text("install-source")?;
    let enabled = config.bool("cluster-enabled")?.to_string();
    let all = [
        (cluster.is_some_and(|cluster| cluster != enabled.as_str())).then(|| {
            format!(
                "`cluster-enabled` cannot be changed after deployment: set it back to {}",
                enabled != "true"
            )
        }),
        wrong("databases", int("databases")?, 1, INT),
        wrong(
            "port",
            int("port")?,
            1,
            if enabled == "true" { 55_535 } else { 65_535 },
        ),
        (enabled == "true" && bus == Some(int("port")?))
            .then(|| "`port` must not be that of the cluster's bus".to_owned()),
        wrong("tcp-keepalive", int("tcp-keepalive")?, 0, INT),
        wrong("timeout", int("timeout")?, 0, INT),
        (!LEVELS.contains(&&*text("log-level")?))
            .then(|| format!("`log-level` must be one of {}", LEVELS.join(", "))),
        match source {
            Some(source) if source != wanted.as_str() => Some(format!(
                "`install-source` cannot be changed after deployment: set it back to {source}"
            )),
            None if Source::named(&wanted).is_none() => {
                Some("`install-source` must be apt or snap".to_owned())
            }
            _ => None,
        },
    ];
    Ok(all.into_iter().flatten().next())
}

fn wrong(option: &str, value: i64, least: i64, most: i64) -> Option<String> {
    let good = (least..=most).contains(&value);
    (!good).then(|| format!("`{option}` must be between {least} and {most}"))
}
