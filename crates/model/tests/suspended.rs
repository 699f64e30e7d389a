//! Relations that are suspended, resumed and removed, and commands in the context of one.

use ensign_model::{CharmInfo, Endpoint, Exit, Profile, RelationId, Role, Scope, UnitName};

use crate::support::{BOTH, Sim};

fn charm(name: &str, role: Role) -> CharmInfo {
    let mut charm = CharmInfo::named(name);
    let endpoint = Endpoint {
        role,
        interface: "sql".to_owned(),
        scope: Scope::Global,
        optional: false,
    };
    charm.endpoints.insert("db".to_owned(), endpoint);
    charm
}

/// `web` with one unit, `sql` with `units`, settled and not yet related.
fn apart(profile: Profile, units: u32) -> (Sim, UnitName) {
    let mut sim = Sim::new(profile);
    let web = sim
        .model
        .deploy("web", charm("web", Role::Requirer), 1)
        .unwrap()[0]
        .clone();
    sim.model
        .deploy("sql", charm("sql", Role::Provider), units)
        .unwrap();
    sim.settle();
    (sim, web)
}

fn related(profile: Profile, units: u32) -> (Sim, UnitName, RelationId) {
    let (mut sim, web) = apart(profile, units);
    let id = sim.model.integrate(("web", "db"), ("sql", "db")).unwrap();
    sim.settle();
    (sim, web, id)
}

#[test]
fn a_suspended_relation_breaks_and_joins_again_without_being_created_again() {
    for profile in BOTH {
        let (mut sim, web, id) = related(profile, 1);
        let before = sim.hooks(&web).len();
        sim.model.suspend_relation(id).unwrap();
        sim.settle();
        assert_eq!(
            sim.hooks_since(&web, before),
            ["db-relation-departed", "db-relation-broken"]
        );
        let run = sim.enter(&web);
        assert_eq!(sim.ok(&run.context, "relation-ids db"), "");
        let _ = sim.finish(&run, Exit::Code(0));
        let before = sim.hooks(&web).len();
        sim.model.resume_relation(id).unwrap();
        sim.settle();
        assert_eq!(
            sim.hooks_since(&web, before),
            ["db-relation-joined", "db-relation-changed"]
        );
    }
}

#[test]
fn a_relation_that_is_suspended_from_the_beginning_is_never_created() {
    let (mut sim, web) = apart(Profile::V3_6, 1);
    let before = sim.hooks(&web).len();
    let id = sim.model.integrate(("web", "db"), ("sql", "db")).unwrap();
    sim.model.suspend_relation(id).unwrap();
    sim.settle();
    assert_eq!(sim.hooks_since(&web, before), [""; 0]);
    sim.model.resume_relation(id).unwrap();
    sim.settle();
    assert_eq!(
        sim.hooks_since(&web, before),
        ["db-relation-joined", "db-relation-changed"]
    );
}

#[test]
fn a_removed_relation_breaks_on_both_sides_and_is_gone() {
    let (mut sim, web, id) = related(Profile::V4_0, 2);
    let before = sim.hooks(&web).len();
    sim.model.remove_relation(id).unwrap();
    let broken = sim.until_hook(&web, "db-relation-broken");
    // It is still there for who knows it, and no longer listed.
    assert_eq!(sim.ok(&broken.context, "relation-ids db"), "");
    sim.ok(&broken.context, "relation-set bye=1");
    assert_eq!(broken.variable("JUJU_REMOTE_UNIT"), Some(""));
    assert_eq!(broken.variable("JUJU_REMOTE_APP"), Some("sql"));
    let _ = sim.finish(&broken, Exit::Code(0));
    sim.settle();
    assert_eq!(
        sim.hooks_since(&web, before),
        [
            "db-relation-departed",
            "db-relation-departed",
            "db-relation-broken"
        ]
    );
    assert!(sim.model.status().relations.is_empty());
    assert!(sim.model.remove_relation(id).is_err());
}

#[test]
fn a_relation_between_peers_cannot_be_removed() {
    let (mut sim, _) = Sim::settled(Profile::V3_6, 1);
    let error = sim.model.remove_relation(RelationId(0)).unwrap_err();
    assert_eq!(
        error.to_string(),
        "cannot destroy relation \"app:cluster\": is a peer relation"
    );
}

#[test]
fn commands_run_in_the_context_of_a_relation() {
    let (mut sim, web, id) = related(Profile::V3_6, 1);
    sim.model.exec_in_relation(&web, id, None, "true").unwrap();
    let run = sim.until_hook(&web, "run-commands");
    for (name, value) in [
        ("JUJU_RELATION", "db"),
        ("JUJU_RELATION_ID", "db:0"),
        ("JUJU_REMOTE_UNIT", "sql/0"),
        ("JUJU_REMOTE_APP", ""),
        ("JUJU_HOOK_NAME", ""),
    ] {
        assert_eq!(run.variable(name), Some(value), "{name}");
    }
    assert_eq!(run.variable("JUJU_DISPATCH_PATH"), None);
    assert!(
        sim.ok(&run.context, "relation-get ingress-address")
            .starts_with("10.")
    );
    sim.ok(&run.context, "relation-set asked=yes");
    assert_eq!(sim.ok(&run.context, "relation-ids"), "db:0\n");
    let _ = sim.finish(&run, Exit::Code(3));
    // What commands wrote is kept, whatever their exit code.
    let seen = sim.until_hook(&"sql/0".parse().unwrap(), "db-relation-changed");
    assert_eq!(sim.ok(&seen.context, "relation-get asked"), "yes\n");
}

#[test]
fn a_remote_unit_that_is_not_clear_is_asked_for() {
    let (mut sim, web, id) = related(Profile::V3_6, 2);
    let mut refusal = |relation, remote| {
        sim.model
            .exec_in_relation(&web, relation, remote, "true")
            .unwrap_err()
            .to_string()
    };
    assert_eq!(
        refusal(id, None),
        "ambiguous remote unit; possibilities are [sql/0 sql/1]"
    );
    assert_eq!(
        refusal(id, Some("sql/7")),
        "unknown remote unit sql/7; possibilities are [sql/0 sql/1]"
    );
    assert_eq!(refusal(id, Some("sql")), "invalid remote unit: sql");
    assert_eq!(refusal(RelationId(5), None), "unknown relation id: 5");
    let (mut sim, web, id) = related(Profile::V3_6, 0);
    let error = sim
        .model
        .exec_in_relation(&web, id, None, "true")
        .unwrap_err();
    assert_eq!(
        error.to_string(),
        "cannot infer remote unit in empty relation 0"
    );
}
