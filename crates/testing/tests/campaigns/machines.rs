//! What runs on the machines, and an application beside the one that is looked at.

use ensign::handler::Registry;
use ensign_testing::campaign::{Campaign, Machines};
use ensign_testing::{Bare, Charm, Documents, Sim};
use serde_json::{Value, json};

use crate::subjects::plain;

/// Units are left, and where there are files there is something in them.
fn written(sim: &Sim) -> Result<(), String> {
    let files = sim.files("charm", "/etc/k");
    if files.is_empty() {
        return Err("no unit is left".to_owned());
    }
    match files.iter().find(|(_, text)| text.as_deref() == Some("")) {
        Some((unit, _)) => Err(format!("the file of {unit} is empty")),
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
    let report = machines(written);
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
