//! Users and groups by their names.

use std::fs;

/// Whom a service runs as.
pub(super) struct User {
    pub(super) name: String,
    pub(super) group: String,
    pub(super) home: String,
}

impl User {
    pub(super) fn numbers(&self) -> (Option<u32>, Option<u32>) {
        let number = |file: &str, name: &str| {
            let text = fs::read_to_string(file).ok()?;
            let line = text
                .lines()
                .find(|line| line.split(':').next() == Some(name))?;
            line.split(':').nth(2)?.parse().ok()
        };
        let uid = self
            .name
            .parse()
            .ok()
            .or_else(|| number("/etc/passwd", &self.name));
        let gid = self
            .group
            .parse()
            .ok()
            .or_else(|| number("/etc/group", &self.group));
        (uid, gid)
    }
}

/// Group and home of a user, from `/etc/passwd`.
pub(super) fn account(name: &str) -> Option<(String, String)> {
    let text = fs::read_to_string("/etc/passwd").ok()?;
    let fields: Vec<&str> = text
        .lines()
        .map(|line| line.split(':').collect())
        .find(|fields: &Vec<&str>| fields.first() == Some(&name) || fields.get(2) == Some(&name))?;
    Some(((*fields.get(3)?).to_owned(), (*fields.get(5)?).to_owned()))
}
