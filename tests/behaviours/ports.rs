//! Ports that a unit has open.

use ensign::handler::Registry;
use ensign_testing::{Charm, Documents, Profile, Sim};
use serde_json::{Value, json};

fn deployed(profile: Profile) -> Sim {
    let open = handler!("charm::open", [hook!("config-changed")], |ctx| {
        let ports = ctx.config()?.string("ports")?.unwrap_or_default();
        ctx.open_only(ports.split_whitespace())
    });
    let own = handler!("charm::own", [hook!("install")], |ctx| {
        let port = ensign::tools::Ports::tcp(9000);
        Ok(ensign::tools::open_port(ctx.tools(), port, &["web"])?)
    });
    let documents = Documents {
        metadata: json!({"name": "ports", "summary": "a test", "description": "a test",
            "provides": {"web": {"interface": "http"}}}),
        config: json!({"options": {"ports": {"type": "string", "default": "80"}}}),
        actions: Value::Null,
    };
    let charm = Charm::of(Registry::new([open, own], []), &documents, &Value::Null).unwrap();
    let mut sim = Sim::new(profile, 7);
    sim.deploy("ports", &charm, 1).unwrap();
    sim.settle().unwrap();
    sim
}

fn set(sim: &mut Sim, ports: &str) {
    let options = [("ports".to_owned(), ports.to_owned())].into();
    sim.model().set_config("ports", &options).unwrap();
}

fn opened(sim: &Sim) -> Vec<String> {
    let status = sim.model().status();
    status.applications["ports"].units[0].ports.clone()
}

#[test]
fn exactly_the_ports_that_are_declared_are_open() {
    for profile in [Profile::V3_6, Profile::V4_0] {
        let mut sim = deployed(profile);
        assert_eq!(opened(&sim), ["80/tcp"], "not the one of a single endpoint");
        for (ports, open) in [
            ("443 80/tcp", &["80/tcp", "443/tcp"][..]),
            ("443/tcp 53/udp", &["443/tcp", "53/udp"]),
            ("8000-8080/tcp", &["8000-8080/tcp"]),
            ("", &[]),
        ] {
            set(&mut sim, ports);
            sim.settle().unwrap();
            assert_eq!(opened(&sim), open, "{profile:?}: {ports}");
        }
    }
}

#[test]
fn one_that_is_no_port_changes_nothing() {
    let mut sim = deployed(Profile::V4_0);
    set(&mut sim, "443 eighty");
    let ran = sim
        .poll()
        .map(|next| sim.run(&next, &ensign_testing::Faults::none()));
    let error = ran.unwrap().error.unwrap();
    assert!(error.contains("`eighty` is not a port"), "{error}");
    assert_eq!(opened(&sim), ["80/tcp"]);
}
