//! Secrets an operator makes, for applications to read.

use std::collections::BTreeMap;

use ensign_model::{Exit, UnitName};

use crate::support::{BOTH, Sim};

fn values(value: &str) -> BTreeMap<String, String> {
    BTreeMap::from([("token".to_owned(), value.to_owned())])
}

fn get(sim: &mut Sim, unit: &UnitName, line: &str) -> (i32, String) {
    let run = sim.enter(unit);
    let reply = sim.tool(&run.context, line);
    let _ = sim.finish(&run, Exit::Code(0));
    (reply.code, reply.stdout)
}

#[test]
fn an_application_reads_what_it_was_granted_and_is_told_of_changes() {
    for profile in BOTH {
        let (mut sim, leader, others) = Sim::led(profile, 2);
        let id = sim.model.add_secret("key", "why", &values("one")).unwrap();
        let line = format!("secret-get secret:{id} --refresh");
        assert_eq!(get(&mut sim, &others[0], &line).0, 1);
        sim.model.grant_secret("key", "app").unwrap();
        assert_eq!(get(&mut sim, &others[0], &line), (0, "token: one\n".into()));
        sim.model.update_secret(&id, &values("one")).unwrap();
        sim.model.update_secret(&id, &values("two")).unwrap();
        let hook = sim.until_hook(&others[0], "secret-changed");
        assert_eq!(sim.ok(&hook.context, &line), "token: two\n");
        let _ = sim.finish(&hook, Exit::Code(0));
        sim.settle();
        assert_eq!(sim.model.secrets()[&id].latest, 2);
        assert_eq!(get(&mut sim, &leader, "secret-ids"), (0, String::new()));

        sim.model.revoke_secret("key", "app").unwrap();
        assert_eq!(get(&mut sim, &others[0], &line).0, 1);
        sim.model.remove_secret("key", None).unwrap();
        assert!(sim.model.secrets().is_empty());
        assert!(sim.model.update_secret("key", &values("x")).is_err());
    }
}

#[test]
fn no_unit_can_change_it_and_a_name_is_taken_once() {
    for profile in BOTH {
        let (mut sim, leader, _) = Sim::led(profile, 1);
        let id = sim.model.add_secret("key", "", &values("one")).unwrap();
        assert!(sim.model.add_secret("key", "", &values("two")).is_err());
        let short = BTreeMap::from([("a".to_owned(), "b".to_owned())]);
        let refused = sim.model.add_secret("other", "", &short).unwrap_err();
        assert_eq!(refused.to_string(), "key \"a\" not valid");
        sim.model.grant_secret(&id, "app").unwrap();
        assert!(sim.model.grant_secret(&id, "nope").is_err());
        let run = sim.enter(&leader);
        sim.ok(&run.context, &format!("secret-set {id} token=mine"));
        let outcome = sim.finish(&run, Exit::Code(0)).outcome;
        assert_eq!(outcome, ensign_model::Outcome::FlushFailed);
        let (_, read) = get(&mut sim, &leader, &format!("secret-get {id}"));
        assert_eq!(read, "token: one\n");
    }
}
