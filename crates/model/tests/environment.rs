//! A hook's environment, to the letter.

use ensign_model::{Paths, Profile, UnitName};

use crate::support::{Sim, peered};

fn install(profile: Profile) -> (Sim, ensign_model::Operation) {
    let mut sim = Sim::new(profile);
    let units = sim.model.deploy("foo", peered(), 1).unwrap();
    let hook = sim.until_hook(&units[0], "install");
    (sim, hook)
}

#[test]
fn a_hook_has_these_variables_in_this_order() {
    let (_, hook) = install(Profile::V3_6);
    let names: Vec<&str> = hook.env.iter().map(|(name, _)| name.as_str()).collect();
    let expected = "CHARM_DIR JUJU_CHARM_DIR JUJU_CONTEXT_ID JUJU_HOOK_NAME JUJU_AGENT_SOCKET_ADDRESS \
        JUJU_AGENT_SOCKET_NETWORK JUJU_UNIT_NAME JUJU_MODEL_UUID JUJU_MODEL_NAME JUJU_API_ADDRESSES JUJU_SLA \
        JUJU_MACHINE_ID JUJU_PRINCIPAL_UNIT JUJU_AVAILABILITY_ZONE JUJU_VERSION CLOUD_API_VERSION \
        JUJU_CHARM_HTTP_PROXY JUJU_CHARM_HTTPS_PROXY JUJU_CHARM_FTP_PROXY JUJU_CHARM_NO_PROXY JUJU_METER_STATUS \
        JUJU_METER_INFO APT_LISTCHANGES_FRONTEND DEBIAN_FRONTEND LANG TERM JUJU_DISPATCH_PATH";
    assert_eq!(names, expected.split_whitespace().collect::<Vec<_>>());
    for (name, value) in [
        ("JUJU_CHARM_DIR", "/var/lib/juju/agents/unit-foo-0/charm"),
        ("JUJU_HOOK_NAME", "install"),
        (
            "JUJU_AGENT_SOCKET_ADDRESS",
            "@/var/lib/juju/agents/unit-foo-0/agent.socket",
        ),
        ("JUJU_AGENT_SOCKET_NETWORK", "unix"),
        ("JUJU_UNIT_NAME", "foo/0"),
        ("JUJU_VERSION", "3.6.11"),
        ("JUJU_MACHINE_ID", "0"),
        ("LANG", "C.UTF-8"),
        ("JUJU_DISPATCH_PATH", "hooks/install"),
    ] {
        assert_eq!(hook.variable(name), Some(value), "{name}");
    }
    assert!(hook.context.as_str().starts_with("foo/0-install-"));
    assert_eq!(
        hook.variable("JUJU_CONTEXT_ID"),
        Some(hook.context.as_str())
    );
}

#[test]
fn four_has_no_meter_variables() {
    let (_, hook) = install(Profile::V4_0);
    for name in ["JUJU_SLA", "JUJU_METER_STATUS", "JUJU_METER_INFO"] {
        assert_eq!(hook.variable(name), None);
    }
    assert_eq!(hook.variable("JUJU_VERSION"), Some("4.0.2"));
}

#[test]
fn a_relation_hook_says_which_relation_and_whom_it_is_about() {
    let (mut sim, leader, others) = Sim::led(Profile::V3_6, 2);
    let created = {
        let new = sim.model.add_unit("app").unwrap();
        sim.until_hook(&new, "cluster-relation-created")
    };
    assert_eq!(created.variable("JUJU_RELATION"), Some("cluster"));
    assert_eq!(created.variable("JUJU_RELATION_ID"), Some("cluster:0"));
    assert_eq!(created.variable("JUJU_REMOTE_UNIT"), Some(""));
    assert_eq!(created.variable("JUJU_REMOTE_APP"), Some("app"));
    assert_eq!(created.variable("JUJU_DEPARTING_UNIT"), None);
    let _ = (leader, others);
}

#[test]
fn paths_are_those_of_juju() {
    let paths = Paths::of("/var/lib/juju", &UnitName::new("foo", 0));
    assert_eq!(paths.tools, "/var/lib/juju/tools/unit-foo-0");
    assert_eq!(
        paths.run_socket,
        "/var/lib/juju/agents/unit-foo-0/run.socket"
    );
}
