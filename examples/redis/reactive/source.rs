//! Where Redis comes from, and all that differs by it.

use ensign::prelude::*;
use layer_apt::Apt;
use layer_snap::{Snap, Snaps};

/// What this unit's server was installed from.
const KEY: &str = "redis.source";

/// A value of the option `install-source`.
#[derive(Debug, PartialEq, Eq)]
pub struct Source {
    pub name: &'static str,
    /// What runs the server.
    pub service: &'static str,
    /// The program that talks to servers.
    pub cli: &'static str,
    /// The file that the server reads.
    pub packaged: &'static str,
    /// Ours, which that one includes. It holds the password.
    pub ours: &'static str,
    /// What the server saves its data to.
    pub dump: &'static str,
    /// Who the server runs as.
    pub owner: &'static str,
    /// Where to read what the server says.
    pub log: &'static str,
}

const APT: Source = Source {
    name: "apt",
    service: "redis-server",
    cli: "redis-cli",
    packaged: "/etc/redis/redis.conf",
    ours: "/etc/redis/juju.conf",
    dump: "/var/lib/redis/dump.rdb",
    owner: "redis:redis",
    log: "see /var/log/redis/redis-server.log",
};

const SNAP: Source = Source {
    name: "snap",
    service: "snap.redis.server",
    // `/snap/bin` is not on the `PATH` of hooks.
    cli: "/snap/bin/redis.cli",
    packaged: "/var/snap/redis/common/etc/redis/redis.conf",
    ours: "/var/snap/redis/common/etc/redis/juju.conf",
    dump: "/var/snap/redis/common/var/lib/redis/dump.rdb",
    owner: "root:root",
    log: "see `journalctl -u snap.redis.server`",
};

impl Source {
    /// The one that the option calls so.
    #[must_use]
    pub fn named(name: &str) -> Option<&'static Self> {
        [&APT, &SNAP].into_iter().find(|source| source.name == name)
    }

    /// That of this unit.
    ///
    /// # Errors
    /// In a restricted hook, which has no memory.
    pub fn of(ctx: &mut Context) -> Result<&'static Self> {
        let name: Option<String> = ctx.kv().get(KEY)?;
        Ok(name.and_then(|name| Self::named(&name)).unwrap_or(&APT))
    }

    /// Asks for the server, which has this source from now on.
    ///
    /// # Errors
    /// When it cannot be remembered.
    pub fn install(&self, ctx: &mut Context) -> Result {
        ctx.kv().set(KEY, &self.name)?;
        if *self == SNAP {
            ctx.snap_install(&Snap::new("redis").channel("latest/stable"))
        } else {
            ctx.apt_install(["redis-server", "redis-tools"])
        }
    }
}
