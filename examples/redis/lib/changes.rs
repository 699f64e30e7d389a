//! Which commands make a running server what its file says.

use super::conf::{Conf, quoted};
use super::replies::Replies;

/// What the server is asked before: its settings, its passwords, whom it follows.
pub fn question(conf: &Conf) -> String {
    let names = conf.settings.iter().map(|(name, _)| *name);
    let names: Vec<_> = names.filter(|name| *name != "replicaof").collect();
    format!(
        "CONFIG GET {}\nACL LIST\nINFO replication\n",
        names.join(" ")
    )
}

/// The commands, if any; `accepted` tells whether it takes the second password. Passwords change in one step, so that
/// there is no moment in which one of them is refused.
pub fn changes(conf: &Conf, now: &Replies, accepted: bool) -> String {
    let at_once = passwords(conf, now, accepted) + &settings(conf, now);
    let mut commands = match &*at_once {
        "" => String::new(),
        _ => format!("MULTI\n{at_once}EXEC\n"),
    };
    commands += &following(conf, now);
    commands
}

fn passwords(conf: &Conf, now: &Replies, accepted: bool) -> String {
    let wanted = conf.get("requirepass");
    let many = 1 + usize::from(conf.also.is_some());
    let users = now.values.get(1);
    let known = users.map_or(0, |users| users.to_string().matches(" #").count());
    if accepted && now.setting("requirepass") == Some(wanted) && known == many {
        return String::new();
    }
    let mut commands = format!("CONFIG SET requirepass {}\n", quoted(wanted));
    if let Some(also) = &conf.also {
        let also = quoted(&format!(">{}", also.expose()));
        commands += &format!("ACL SETUSER default {also}\n");
    }
    commands
}

fn settings(conf: &Conf, now: &Replies) -> String {
    let mut sets = String::new();
    for (name, value) in &conf.settings {
        let is = now.setting(name);
        if is.is_some() && is != Some(value.expose()) && *name != "requirepass" {
            sets += &format!(" {name} {}", quoted(value.expose()));
        }
    }
    match &*sets {
        "" => sets,
        _ => format!("CONFIG SET{sets}\n"),
    }
}

fn following(conf: &Conf, now: &Replies) -> String {
    let follows = format!("{} {}", now.field("master_host"), now.field("master_port"));
    match conf.get("replicaof") {
        "" if now.field("role") == "slave" && !conf.is_of_cluster() => {
            "REPLICAOF NO ONE\n".to_owned()
        }
        primary if !primary.is_empty() && primary != follows => {
            format!("REPLICAOF {primary}\n")
        }
        _ => String::new(),
    }
}

#[cfg(test)]
mod tests {
    use super::super::conf::tests::conf;
    use super::*;

    /// A server with that password, one user's list of them, and a role.
    fn server(passwords: usize, timeout: &str, role: &str) -> Replies {
        let hashes = " #00".repeat(passwords);
        let stdout = format!(
            "[\"requirepass\",\"old\",\"timeout\",\"{timeout}\"]\n\
             [\"user default on{hashes} ~* &* +@all\"]\n{role}\n"
        );
        Replies::read(&stdout).unwrap().unwrap()
    }

    const REPLICA: &str = "role:slave\nmaster_host:10.0.0.2\nmaster_port:6379";

    #[test]
    fn a_server_that_is_as_its_file_says_is_left_alone() {
        let primary = conf(&[("requirepass", "old"), ("timeout", "0")], None);
        assert_eq!(changes(&primary, &server(1, "0", "role:master"), true), "");
        let follows = ("replicaof", "10.0.0.2 6379");
        let replica = conf(&[("requirepass", "old"), ("timeout", "0"), follows], None);
        assert_eq!(changes(&replica, &server(1, "0", REPLICA), true), "");
    }

    #[test]
    fn settings_and_passwords_change_in_one_transaction() {
        let now = server(1, "0", "role:master");
        let wanted = conf(
            &[("requirepass", "old"), ("timeout", "7"), ("port", "1")],
            None,
        );
        let set = "MULTI\nCONFIG SET timeout \"7\"\nEXEC\n";
        assert_eq!(changes(&wanted, &now, true), set, "of what it told of");
        let both = conf(&[("requirepass", "old"), ("timeout", "7")], Some("n\"w"));
        let set = "MULTI\nCONFIG SET requirepass \"old\"\nACL SETUSER default \">n\\\"w\"\n\
                   CONFIG SET timeout \"7\"\nEXEC\n";
        assert_eq!(changes(&both, &now, false), set);
    }

    #[test]
    fn a_password_that_is_not_wanted_any_more_goes() {
        let wanted = conf(&[("requirepass", "old"), ("timeout", "0")], None);
        let set = "MULTI\nCONFIG SET requirepass \"old\"\nEXEC\n";
        assert_eq!(changes(&wanted, &server(2, "0", "role:master"), true), set);
        // It accepts two, but another second one than it should.
        let both = conf(&[("requirepass", "old"), ("timeout", "0")], Some("new"));
        let now = server(2, "0", "role:master");
        assert_eq!(changes(&both, &now, true), "");
        assert!(changes(&both, &now, false).contains("ACL SETUSER default \">new\""));
    }

    #[test]
    fn whom_it_follows_changes_last() {
        let alone = conf(&[("requirepass", "old"), ("timeout", "7")], None);
        let commands = changes(&alone, &server(1, "0", REPLICA), true);
        assert!(commands.ends_with("EXEC\nREPLICAOF NO ONE\n"), "{commands}");
        let follows = ("replicaof", "10.0.0.3 6379");
        let replica = conf(&[("requirepass", "old"), ("timeout", "0"), follows], None);
        let commands = changes(&replica, &server(1, "0", REPLICA), true);
        assert_eq!(commands, "REPLICAOF 10.0.0.3 6379\n");
        let node = ("cluster-enabled", "yes");
        let node = conf(&[("requirepass", "old"), ("timeout", "0"), node], None);
        assert_eq!(
            changes(&node, &server(1, "0", REPLICA), true),
            "",
            "the cluster says that"
        );
    }

    #[test]
    fn it_is_asked_for_what_is_to_change() {
        let wanted = conf(
            &[
                ("timeout", "0"),
                ("replicaof", "10.0.0.3 6379"),
                ("port", "1"),
            ],
            None,
        );
        let asked = "CONFIG GET timeout port\nACL LIST\nINFO replication\n";
        assert_eq!(question(&wanted), asked);
    }
}
