//! What runs on the machines, and an application beside the one that is looked at.

use ensign::handler::Registry;
use ensign_testing::campaign::{Campaign, Machines};
use ensign_testing::{Bare, Charm, Documents, Sim};
use serde_json::{Value, json};

use crate::subjects::plain;

/// The file that a handler writes on every unit, with the value or with what stands for none.
fn everywhere(sim: &Sim) -> Result<(), String> {
    let files = sim.files("charm", "/etc/k");
    match files.iter().find(|(_, text)| text.is_none()) {
        Some((unit, _)) => Err(format!("{unit} has no file")),
        None => Ok(()),
    }
}

#[test]
fn machines_that_are_not_right_are_found() {
    let machines = |right: fn(&Sim) -> Result<(), String>| {
        let machines = move || Machines {
            workload: Box::new(Bare),
            right: Box::new(right),
        };
        Campaign::new(plain().machines(machines)).hooks(1_500).run()
    };
    let report = machines(everywhere);
    assert!(report.passed(), "{report}");
    let report = machines(|sim| {
        let units = sim.files("charm", "/etc/k").len();
        if units > 2 {
            Err(format!("{units} units"))
        } else {
            Ok(())
        }
    });
    assert!(!report.passed());
    assert!(
        report.to_string().contains("machines are right: "),
        "{report}"
    );
}

#[test]
fn another_application_runs_its_hooks_too() {
    let documents = Documents {
        metadata: json!({"name": "client", "summary": "a test", "description": "a test",
            "requires": {"charm": {"interface": "juju-info"}}}),
        config: Value::Null,
        actions: Value::Null,
    };
    let client = Charm::of(Registry::new([], []), &documents, &Value::Null).unwrap();
    let right = |sim: &Sim| {
        let clients = sim.files("client", "/").len();
        (clients == 2)
            .then_some(())
            .ok_or(format!("{clients} clients"))
    };
    let subject = plain()
        .beside("client", &client, 2, ("juju-info", "charm"))
        .machines(move || Machines {
            workload: Box::new(Bare),
            right: Box::new(right),
        });
    let report = Campaign::new(subject).hooks(1_000).run();
    assert!(report.passed(), "{report}");
}
