//! Juju 4 has no leader settings: what a leader says goes through a peer relation, and the charm needs one.

use serde_json::Value as Json;

use super::charm::Charm;
use crate::finding::{Finding, Findings, Level};
use crate::schema::IncludeKind;
use crate::yaml::Node;

/// Functions that read or write what the leader says.
const FUNCTIONS: [&str; 4] = [
    "leader_get",
    "leader_set",
    "leader_unset",
    "leader_settings",
];

/// Whether the charm has a peer endpoint for the leadership layer, and only one.
pub(super) fn check(charm: &Charm, findings: &mut Findings) {
    if let Some(finding) = ambiguous(charm) {
        findings.push(finding);
    } else if !refuses_juju_4(charm) {
        findings.extend(on_juju_4(charm));
    }
}

/// Why the charm cannot run on Juju 4.
pub(super) fn on_juju_4(charm: &Charm) -> Option<Finding> {
    let user = user(charm)?;
    if option(charm, "backend") == "settings" {
        let message = format!(
            "{user}, and the layer option `backend: settings` asks for leader settings, which Juju 4 does not have"
        );
        let path = ["options", "leadership", "backend"];
        let finding = charm.at_key(Level::Error, "layer.yaml", &path, message);
        return Some(finding.numbered(303).hint(
            "remove the option, or keep the charm to Juju 3 with `assumes: [juju < 4]` in metadata.yaml",
        ));
    }
    if !charm.description.metadata.peers.is_empty() {
        return None;
    }
    let message = format!(
        "{user}, which Juju 4 keeps in a peer relation, and the charm has no peer endpoint"
    );
    let finding = charm.at_key(Level::Error, "metadata.yaml", &["peers"], message);
    Some(finding.numbered(301).hint(format!(
        "add to metadata.yaml:\npeers:\n  cluster:\n    interface: {}-peers",
        charm.name()
    )))
}

/// Several peer endpoints, or an option that names none of them.
fn ambiguous(charm: &Charm) -> Option<Finding> {
    user(charm)?;
    let peers: Vec<&str> = charm
        .description
        .metadata
        .peers
        .keys()
        .map(String::as_str)
        .collect();
    let list = peers.join("`, `");
    let named = option(charm, "peer");
    if named.is_empty() {
        if peers.len() < 2 {
            return None;
        }
        let message =
            format!("the charm has several peer endpoints, and leader data needs one: `{list}`");
        let hint = format!(
            "choose it in layer.yaml: `options: {{leadership: {{peer: {}}}}}`",
            peers[0]
        );
        let finding = charm.at_key(Level::Error, "metadata.yaml", &["peers"], message);
        return Some(finding.numbered(302).hint(hint));
    }
    if peers.contains(&named) {
        return None;
    }
    let message =
        format!("the layer option `peer` of leadership names `{named}`, which is no peer endpoint");
    let hint = match peers.as_slice() {
        [] => format!("add `{named}` below `peers:` in metadata.yaml"),
        _ => format!("metadata.yaml has `{list}`"),
    };
    let path = ["options", "leadership", "peer"];
    let finding = charm.at_key(Level::Error, "layer.yaml", &path, message);
    Some(finding.numbered(304).hint(hint))
}

/// Who needs leader data, as the beginning of a sentence.
fn user(charm: &Charm) -> Option<String> {
    for handler in &charm.handlers {
        let called = handler
            .calls
            .iter()
            .find(|call| FUNCTIONS.contains(&call.as_str()));
        if let Some(call) = called {
            return Some(format!("`{}` calls `{call}` for leader data", handler.id));
        }
        let waits = handler.sources("leader").next().is_some()
            || handler.flags().any(|flag| {
                flag.starts_with("leadership.set.") || flag.starts_with("leadership.changed")
            });
        if waits {
            return Some(format!("`{}` waits for leader data", handler.id));
        }
    }
    let layers = &charm.description.layer.includes;
    layers
        .iter()
        .any(|include| include.kind == IncludeKind::Layer && include.name == "leadership")
        .then(|| "`layer:leadership` is there for leader data".to_owned())
}

/// A layer option of leadership; empty where it has no value.
fn option<'c>(charm: &'c Charm, name: &str) -> &'c str {
    let options = charm.description.options.get("leadership");
    options
        .and_then(|options| options.get(name))
        .and_then(Json::as_str)
        .unwrap_or_default()
}

/// Whether `assumes` keeps the charm away from Juju 4: Juju itself refuses to deploy it there.
fn refuses_juju_4(charm: &Charm) -> bool {
    let Some((_, node)) = charm.source("metadata.yaml") else {
        return false;
    };
    let assumes = node.as_map().and_then(|map| map.get("assumes"));
    let Some(Json::Array(all)) = assumes.map(Node::to_json) else {
        return false;
    };
    all.iter().filter_map(Json::as_str).any(|expression| {
        let limit = expression
            .split_once('<')
            .filter(|(feature, _)| feature.trim() == "juju");
        let major = limit.and_then(|(_, version)| {
            let mut parts = version.trim().split('.');
            let major = parts.next()?.parse::<u32>().ok()?;
            let rest = parts.all(|part| part == "0");
            Some((major, rest))
        });
        major.is_some_and(|(major, whole)| major < 4 || major == 4 && whole)
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::proof::sample::{Sample, handler};

    /// A charm with these peers, options and expressions below `assumes`, whose handler waits for leader data.
    fn codes(peers: &str, layer: &str, assumes: &str) -> Vec<String> {
        let sample = Sample::new()
            .metadata(&format!("{peers}{assumes}"))
            .file("layer.yaml", layer)
            .registered(&[handler("tiny::store", &[("when_changed", &["leader=k"])])]);
        sample.codes(check)
    }

    #[test]
    fn leader_data_needs_a_peer_endpoint_on_juju_4() {
        assert_eq!(codes("", "", ""), ["E301"]);
        assert_eq!(codes("peers: {a: x}\n", "", ""), [""; 0]);
        assert_eq!(codes("", "", "assumes: [juju < 4.0]\n"), [""; 0]);
        assert_eq!(codes("", "", "assumes: [juju < 3.6]\n"), [""; 0]);
        assert_eq!(
            codes("", "", "assumes: [juju >= 3.1, juju < 4.1]\n"),
            ["E301"]
        );
        assert_eq!(
            codes("", "", "assumes: [{any-of: [juju < 4, k8s-api]}]\n"),
            ["E301"]
        );
    }

    #[test]
    fn whoever_uses_leader_data_needs_it_and_nobody_else() {
        let found = |record: serde_json::Value| Sample::new().registered(&[record]).codes(check);
        for flag in [
            "leadership.set.k",
            "leadership.changed",
            "leadership.changed.k",
        ] {
            assert_eq!(
                found(handler("tiny::a", &[("when", &[flag])])),
                ["E301"],
                "{flag}"
            );
        }
        let mut caller = handler("tiny::a", &[("hook", &["install"])]);
        caller["calls"] = serde_json::json!(["leader_set"]);
        assert_eq!(found(caller), ["E301"]);
        let mut asks = handler("tiny::a", &[("when", &["leadership.is_leader"])]);
        asks["calls"] = serde_json::json!(["is_leader"]);
        assert_eq!(
            found(asks),
            [""; 0],
            "who only asks who leads needs no endpoint"
        );
        let includes = Sample::new().file("layer.yaml", "includes: ['layer:leadership']\n");
        assert_eq!(includes.codes(check), ["E301"]);
        assert_eq!(Sample::new().codes(check), [""; 0]);
    }

    #[test]
    fn the_three_lines_to_add_are_the_hint() {
        let sample = Sample::new()
            .metadata("peers:\n")
            .registered(&[handler("tiny::store", &[("when_changed", &["leader=k"])])]);
        let found = sample.found(check);
        assert_eq!(
            found[0].hint.as_deref(),
            Some("add to metadata.yaml:\npeers:\n  cluster:\n    interface: tiny-peers")
        );
        assert_eq!(found[0].line, 4, "where `peers` stands");
        assert!(
            found[0]
                .message
                .starts_with("`tiny::store` waits for leader data")
        );
    }

    #[test]
    fn of_several_peer_endpoints_one_is_chosen() {
        let two = "peers: {a: x, b: x}\n";
        let peer = |name: &str| format!("options: {{leadership: {{peer: {name}}}}}\n");
        assert_eq!(codes(two, "", ""), ["E302"]);
        assert_eq!(codes(two, &peer("b"), ""), [""; 0]);
        assert_eq!(codes(two, &peer("c"), ""), ["E304"]);
        assert_eq!(codes("", &peer("c"), ""), ["E304"]);
    }

    #[test]
    fn settings_by_choice_are_for_juju_3() {
        let settings = "options:\n  leadership:\n    backend: settings\n";
        assert_eq!(codes("peers: {a: x}\n", settings, ""), ["E303"]);
        assert_eq!(codes("", settings, "assumes: [juju < 4]\n"), [""; 0]);
    }
}
