//! Users and groups of a machine, by name: a charm's binary is static, and asks no library of the system.

use crate::error::{Error, ErrorKind, Result};
use crate::host::Owner;

/// `USER`, with that user's own group, or `USER:GROUP`; out of `/etc/passwd` and `/etc/group`.
pub(super) fn named(owner: &str, users: &[u8], groups: &[u8]) -> Result<Owner> {
    let (user, group) = match owner.split_once(':') {
        Some((user, group)) => (user, Some(group)),
        None => (owner, None),
    };
    let entry = entry(users, user);
    let uid = number(user, entry.as_ref()).ok_or_else(|| unknown("user", user))?;
    let gid = match group {
        Some(group) => number(group, self::entry(groups, group).as_ref())
            .ok_or_else(|| unknown("group", group))?,
        None => entry
            .and_then(|fields| fields.get(3)?.parse().ok())
            .or((uid == 0).then_some(0))
            .ok_or_else(|| unknown("group", user))?,
    };
    Ok(Owner { uid, gid })
}

/// The fields of the line of that name.
fn entry(file: &[u8], name: &str) -> Option<Vec<String>> {
    let text = String::from_utf8_lossy(file);
    let fields = |line: &str| line.split(':').map(str::to_owned).collect();
    let mut all = text.lines().map(fields);
    all.find(|fields: &Vec<String>| fields.first().is_some_and(|first| first == name))
}

/// What the entry says, else the name itself if it is a number; root needs no file.
fn number(name: &str, entry: Option<&Vec<String>>) -> Option<u32> {
    match entry {
        Some(fields) => fields.get(2)?.parse().ok(),
        None if name == "root" => Some(0),
        // `parse` alone would take a plus sign.
        None if name.bytes().all(|b| b.is_ascii_digit()) => name.parse().ok(),
        None => None,
    }
}

fn unknown(what: &str, name: &str) -> Error {
    let name = name.escape_debug();
    Error::new(
        ErrorKind::Invalid,
        format!("the machine has no {what} `{name}`"),
    )
    .hint("write `USER` or `USER:GROUP`, once the package or command that makes them has run")
}

#[cfg(test)]
mod tests {
    use super::*;

    const USERS: &[u8] = b"root:x:0:0:root:/root:/bin/bash\nredis:x:101:102::/var/lib/redis:/bin/false\n7up:x:103:104::/:/bin/false\nbroken\n";
    const GROUPS: &[u8] = b"root:x:0:\nredis:x:102:\nadm:x:4:syslog\n";

    #[test]
    fn owners_are_found_by_name_and_by_number() {
        for (owner, uid, gid) in [
            ("redis:redis", 101, 102),
            ("redis", 101, 102),
            ("root:adm", 0, 4),
            ("7up", 103, 104),
            ("101:0", 101, 0),
        ] {
            assert_eq!(
                named(owner, USERS, GROUPS).unwrap(),
                Owner { uid, gid },
                "{owner}"
            );
        }
        for owner in ["root", "root:root", "0:0"] {
            assert_eq!(named(owner, b"", b"").unwrap(), Owner { uid: 0, gid: 0 });
        }
    }

    #[test]
    fn who_is_not_there_is_named() {
        for (owner, told) in [
            ("nosuch:redis", "the machine has no user `nosuch`"),
            ("redis:nosuch", "the machine has no group `nosuch`"),
            ("redis:", "the machine has no group ``"),
            ("", "the machine has no user ``"),
            ("+1:0", "the machine has no user `+1`"),
            ("12", "the machine has no group `12`"),
            ("broken:root", "the machine has no user `broken`"),
        ] {
            let error = named(owner, USERS, GROUPS).unwrap_err();
            assert!(error.to_string().starts_with(told), "{owner}: {error}");
            assert_eq!(error.kind(), ErrorKind::Invalid);
        }
    }
}
