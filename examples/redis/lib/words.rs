//! What a server or a cluster is, in words for its operator.

use ensign::prelude::Status;

use super::plan::Rest;
use super::replies::Replies;

/// What a server is that has no cluster.
pub fn of_server(now: &Replies) -> Status {
    let replicas = now.field("connected_slaves");
    let needs = now.setting("min-replicas-to-write").unwrap_or("0");
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

/// What a cluster is of which nothing is to be done.
pub fn of_cluster(rest: &Rest) -> Status {
    match rest {
        Rest::Good {
            primaries,
            replicas,
        } => Status::Active(format!(
            "cluster of {primaries} primaries and {replicas} replicas"
        )),
        Rest::TooFew(more) => Status::Waiting(format!("a cluster needs {more} more units")),
        Rest::Leaving(node) => Status::Waiting(format!("{node} hands its slots over")),
        Rest::Lost(node) => Status::Blocked(format!(
            "the node at {node} is lost, and its keys with it: remove its unit with `juju remove-unit --force`"
        )),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn told(info: &str, needs: &str) -> String {
        let stdout = format!("[\"min-replicas-to-write\",\"{needs}\"]\n{info}\n");
        let status = of_server(&Replies::read(&stdout).unwrap().unwrap());
        format!("{} {}", status.name(), status.message())
    }

    #[test]
    fn a_server_is_what_its_operator_has_to_know() {
        let primary = "role:master\nconnected_slaves:";
        let replica = "role:slave\nmaster_host:a\nmaster_port:1\nmaster_link_status:";
        for (info, needs, words) in [
            (format!("{primary}0"), "0", "active primary"),
            (format!("{primary}2"), "1", "active primary of 2"),
            (
                format!("{primary}0"),
                "1",
                "waiting no replica: writes are refused until there is one",
            ),
            (format!("{replica}up"), "1", "active replica of a:1"),
            (
                format!("{replica}down"),
                "0",
                "waiting the primary at a:1 does not answer",
            ),
        ] {
            assert_eq!(told(&info, needs), words);
        }
    }

    #[test]
    fn a_lost_node_blocks_and_says_what_to_type() {
        let lost = of_cluster(&Rest::Lost("a:1".to_owned()));
        assert_eq!(lost.name(), "blocked");
        assert!(lost.message().contains("juju remove-unit --force"));
    }
}
