//! Where Redis comes from, and all that differs by it.

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

/// The distribution's packages.
pub const APT: Source = Source {
    name: "apt",
    service: "redis-server",
    cli: "redis-cli",
    packaged: "/etc/redis/redis.conf",
    ours: "/etc/redis/juju.conf",
    dump: "/var/lib/redis/dump.rdb",
    owner: "redis:redis",
    log: "see /var/log/redis/redis-server.log",
};

/// The snap store.
pub const SNAP: Source = Source {
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
}
