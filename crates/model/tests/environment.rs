//! A hook's environment, to the letter.

use ensign_model::{Exit, Paths, Profile, UnitName};

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

#[test]
fn proxies_of_the_model_are_in_the_environment() {
    let mut sim = Sim::with(Profile::V3_6, |config| {
        for (name, value) in [
            ("http-proxy", "http://p:1"),
            ("no-proxy", "b,a, b"),
            ("juju-https-proxy", "https://q"),
        ] {
            config.proxies.insert(name.to_owned(), value.to_owned());
        }
    });
    let unit = sim.model.deploy("app", peered(), 1).unwrap()[0].clone();
    let hook = sim.until_hook(&unit, "install");
    let first: Vec<(&str, &str)> = hook.env[..5]
        .iter()
        .map(|(name, value)| (name.as_str(), value.as_str()))
        .collect();
    assert_eq!(
        first,
        [
            ("http_proxy", "http://p:1"),
            ("HTTP_PROXY", "http://p:1"),
            ("no_proxy", "a,b"),
            ("NO_PROXY", "a,b"),
            ("CHARM_DIR", "/var/lib/juju/agents/unit-app-0/charm"),
        ]
    );
    assert_eq!(hook.variable("JUJU_CHARM_HTTPS_PROXY"), Some("https://q"));
    assert_eq!(hook.variable("JUJU_CHARM_HTTP_PROXY"), Some(""));
}

#[test]
fn an_application_that_is_trusted_sees_the_cloud() {
    let (mut sim, units) = Sim::settled(Profile::V3_6, 1);
    let run = sim.enter(&units[0]);
    let reply = sim.tool(&run.context, "credential-get");
    assert_eq!(
        reply.stderr,
        "ERROR cannot access cloud credentials: permission denied\n"
    );
    let _ = sim.finish(&run, Exit::Code(0));
    let before = sim.hooks(&units[0]).len();
    sim.model.trust("app", true).unwrap();
    sim.settle();
    assert_eq!(sim.hooks_since(&units[0], before), ["config-changed"]);
    let run = sim.enter(&units[0]);
    assert!(
        sim.ok(&run.context, "credential-get --format json")
            .contains("\"auth-type\":\"empty\"")
    );
}
