//! What an operator asks of a unit.

use ensign::prelude::*;
use serde::Deserialize;

use crate::lib::apply::replace_data;
use crate::lib::server;
use crate::lib::source::Source;

const BACKUPS: &str = "/var/backups/redis";

#[derive(Deserialize)]
struct Path {
    path: Option<String>,
}

/// A copy of what the server has in memory now.
#[action]
fn backup(ctx: &mut Context) -> Result {
    let Path { path } = ctx.action()?.parameters()?;
    let id = ctx
        .hook()
        .action()
        .map_or_else(String::new, |action| action.uuid.clone());
    ctx.make_folder(BACKUPS, 0o700)?;
    let path = path.unwrap_or_else(|| format!("{BACKUPS}/{id}.rdb"));
    if server::ask_own(ctx, "SAVE\n")?.is_err() {
        return ctx.action()?.fail("the server does not answer");
    }
    let Source { dump, .. } = Source::of(ctx)?;
    ctx.command("cp").args(["--", dump, &path]).run()?;
    ctx.action()?.set([("path", path)])
}

/// The server starts from the backup; replicas follow it.
#[action]
fn restore(ctx: &mut Context) -> Result {
    let Path { path } = ctx.action()?.parameters()?;
    let path = path.unwrap_or_default();
    let role = server::ask_own(ctx, "INFO replication\n")?;
    let role = role.map_or_else(|_| String::new(), |now| now.field("role").to_owned());
    let complaint = if ctx.is_flag_set("redis.cluster")? {
        "a cluster cannot be restored from one file"
    } else if role != "master" {
        "only the primary can be restored: the others follow it"
    } else if ctx.read_file(&path)?.is_none() {
        "there is no such file on this unit"
    } else {
        return replace_data(ctx, &path);
    };
    ctx.action()?.fail(complaint)
}

#[action]
fn cluster_info(ctx: &mut Context) -> Result {
    let cluster = ctx.is_flag_set("redis.cluster")?;
    let question = if cluster {
        "CLUSTER INFO\nCLUSTER NODES\n"
    } else {
        "INFO replication\n"
    };
    let Ok(now) = server::ask_own(ctx, question)? else {
        return ctx.action()?.fail("the server does not answer");
    };
    ctx.action()?.set(now.named())
}
