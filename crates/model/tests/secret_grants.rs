//! Leave to read a secret: for an application or one unit, and for as long as the relation lasts.

use ensign_model::{Exit, Outcome, Profile, RelationId, Role, UnitName};

use crate::relations::charm;
use crate::support::{BOTH, Sim};

/// Two applications that are related, the owner's unit, two of the other, and the id of the owner's secret.
fn related(profile: Profile) -> (Sim, UnitName, [UnitName; 2], String) {
    let mut sim = Sim::new(profile);
    let (db, web) = (charm("db", Role::Provider), charm("web", Role::Requirer));
    sim.model.deploy("db", db, 1).unwrap();
    sim.model.deploy("web", web, 2).unwrap();
    sim.model.integrate(("db", "db"), ("web", "db")).unwrap();
    sim.settle();
    let owner = UnitName::new("db", 0);
    let id = on(&mut sim, &owner, "secret-add --label owners token=one");
    let id = id.trim().trim_start_matches("secret:").to_owned();
    let readers = [0, 1].map(|number| UnitName::new("web", number));
    (sim, owner, readers, id)
}

fn on(sim: &mut Sim, unit: &UnitName, line: &str) -> String {
    let run = sim.enter(unit);
    let printed = sim.ok(&run.context, line);
    assert_eq!(
        sim.finish(&run, Exit::Code(0)).outcome,
        Outcome::Done,
        "{line}"
    );
    printed
}

/// Whether each may read it.
fn may_read(sim: &mut Sim, units: &[UnitName; 2], id: &str) -> [bool; 2] {
    units.clone().map(|unit| {
        let run = sim.enter(&unit);
        let reply = sim.tool(&run.context, &format!("secret-get {id}"));
        let _ = sim.finish(&run, Exit::Code(0));
        assert!(reply.code == 0 || reply.stderr == "ERROR permission denied\n");
        reply.code == 0
    })
}

#[test]
fn one_unit_or_all_of_an_application() {
    for profile in BOTH {
        let (mut sim, owner, units, id) = related(profile);
        assert_eq!(may_read(&mut sim, &units, &id), [false, false]);
        on(
            &mut sim,
            &owner,
            &format!("secret-grant {id} -r db:0 --unit web/1"),
        );
        assert_eq!(may_read(&mut sim, &units, &id), [false, true]);
        let run = sim.enter(&owner);
        let reply = sim.tool(&run.context, &format!("secret-grant {id} -r db:0"));
        assert!(reply.stderr.contains("need to be revoked before granting"));
        sim.ok(&run.context, &format!("secret-revoke {id} --unit web/1"));
        let _ = sim.finish(&run, Exit::Code(0));
        assert_eq!(may_read(&mut sim, &units, &id), [false, false]);
        on(&mut sim, &owner, &format!("secret-grant {id} -r db:0"));
        assert_eq!(may_read(&mut sim, &units, &id), [true, true]);
        let info = on(&mut sim, &owner, &format!("secret-info-get {id}"));
        assert!(info.ends_with(
            "  - target: application-web\n    scope: relation-web.db#db.db\n    role: view\n"
        ));
        let secret = &sim.model.secrets()[&id];
        assert_eq!(secret.granted, ["application-web"]);
        assert_eq!(secret.readers.len(), 2);
    }
}

#[test]
fn a_grant_and_its_secret_can_come_in_one_hook() {
    for profile in BOTH {
        let (mut sim, owner, units, _) = related(profile);
        let run = sim.enter(&owner);
        let id = sim.ok(&run.context, "secret-add token=two");
        let id = id.trim();
        sim.ok(&run.context, &format!("secret-grant {id} -r db:0"));
        assert_eq!(sim.finish(&run, Exit::Code(0)).outcome, Outcome::Done);
        assert_eq!(may_read(&mut sim, &units, id), [true, true]);
    }
}

#[test]
fn a_grant_goes_with_its_relation() {
    for profile in BOTH {
        let (mut sim, owner, units, id) = related(profile);
        on(&mut sim, &owner, &format!("secret-grant {id} -r db:0"));
        assert_eq!(may_read(&mut sim, &units, &id), [true, true]);
        sim.model.remove_relation(RelationId(0)).unwrap();
        sim.settle();
        assert_eq!(may_read(&mut sim, &units, &id), [false, false]);
        assert_eq!(
            on(&mut sim, &owner, &format!("secret-get {id}")),
            "token: one\n"
        );
    }
}

#[test]
fn a_reader_cannot_change_what_it_reads() {
    for profile in BOTH {
        let (mut sim, owner, units, id) = related(profile);
        on(&mut sim, &owner, &format!("secret-grant {id} -r db:0"));
        for line in [
            format!("secret-set {id} token=mine"),
            format!("secret-remove {id}"),
            format!("secret-revoke {id} --unit web/1"),
        ] {
            let run = sim.enter(&units[0]);
            sim.ok(&run.context, &line);
            assert_eq!(
                sim.finish(&run, Exit::Code(0)).outcome,
                Outcome::FlushFailed
            );
        }
        assert_eq!(may_read(&mut sim, &units, &id), [true, true]);
        assert_eq!(
            on(&mut sim, &owner, &format!("secret-get {id} --peek")),
            "token: one\n"
        );
    }
}

#[test]
fn a_readers_label_is_its_own_and_names_one_secret() {
    for profile in BOTH {
        let (mut sim, owner, units, id) = related(profile);
        let other = on(&mut sim, &owner, "secret-add token=two");
        let other = other.trim();
        for id in [id.as_str(), other] {
            on(&mut sim, &owner, &format!("secret-grant {id} -r db:0"));
        }
        on(
            &mut sim,
            &units[0],
            &format!("secret-get {id} --label mine"),
        );
        let run = sim.enter(&units[0]);
        assert_eq!(
            sim.tool(&run.context, &format!("secret-get {other} --label mine"))
                .code,
            1
        );
        assert_eq!(sim.tool(&run.context, "secret-get --label owners").code, 1);
        let _ = sim.finish(&run, Exit::Code(0));
        assert_eq!(
            on(&mut sim, &units[0], "secret-get --label mine"),
            "token: one\n"
        );
        on(
            &mut sim,
            &units[1],
            &format!("secret-get {other} --label mine"),
        );
        assert_eq!(
            on(&mut sim, &units[1], "secret-get --label mine"),
            "token: two\n"
        );
        assert_eq!(sim.model.secrets()[&id].label, "owners");
    }
}

#[test]
fn a_secret_that_is_gone_is_no_longer_told_of() {
    for profile in BOTH {
        let (mut sim, owner, units, id) = related(profile);
        on(&mut sim, &owner, &format!("secret-grant {id} -r db:0"));
        on(&mut sim, &units[0], &format!("secret-get {id}"));
        let busy = sim.enter(&units[0]);
        on(&mut sim, &owner, &format!("secret-set {id} token=two"));
        on(&mut sim, &owner, &format!("secret-remove {id}"));
        let _ = sim.finish(&busy, Exit::Code(0));
        sim.settle();
        assert!(!sim.hooks(&units[0]).contains(&"secret-changed"));
        let run = sim.enter(&units[0]);
        let reply = sim.tool(&run.context, &format!("secret-get {id}"));
        assert_eq!(
            reply.stderr,
            format!("ERROR secret \"secret:{id}\" not found\n")
        );
    }
}
