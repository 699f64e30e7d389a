//! Relations between two applications.

use ensign_model::{CharmInfo, Endpoint, Exit, Profile, Role, Scope};

use crate::support::{BOTH, Sim};

pub(crate) fn charm(name: &str, role: Role) -> CharmInfo {
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

fn related(profile: Profile) -> Sim {
    let mut sim = Sim::new(profile);
    sim.model
        .deploy("web", charm("web", Role::Requirer), 2)
        .unwrap();
    sim.model
        .deploy("sql", charm("sql", Role::Provider), 1)
        .unwrap();
    sim.settle();
    sim.model.integrate(("sql", "db"), ("web", "db")).unwrap();
    sim.settle();
    sim
}

#[test]
fn both_sides_create_join_and_change() {
    for profile in BOTH {
        let sim = related(profile);
        let (sql, web) = ("sql/0".parse().unwrap(), "web/0".parse().unwrap());
        let expected = [
            "db-relation-created",
            "db-relation-joined",
            "db-relation-changed",
        ];
        let web_hooks: Vec<&str> = sim
            .hooks(&web)
            .into_iter()
            .filter(|hook| hook.starts_with("db-"))
            .collect();
        assert_eq!(web_hooks, expected);
        assert_eq!(
            sim.hooks(&sql)
                .iter()
                .filter(|hook| **hook == "db-relation-joined")
                .count(),
            2
        );
        assert_eq!(
            sim.model
                .status()
                .relations
                .values()
                .next()
                .unwrap()
                .endpoints,
            ["web:db", "sql:db"]
        );
    }
}

#[test]
fn a_follower_may_not_read_its_own_applications_data() {
    let mut sim = related(Profile::V4_0);
    let leader = sim.leader("web").unwrap();
    let follower = if leader.number() == 0 {
        "web/1"
    } else {
        "web/0"
    }
    .parse()
    .unwrap();
    let run = sim.enter(&follower);
    let reply = sim.tool(&run.context, "relation-get -r db:0 --app - web");
    assert_eq!(
        (reply.code, reply.stderr.as_str()),
        (1, "ERROR permission denied\n")
    );
    let run = sim.enter(&leader);
    sim.ok(&run.context, "relation-set -r db:0 --app schema=s");
    assert_eq!(
        sim.ok(&run.context, "relation-get -r db:0 --app - web"),
        "schema: s\n"
    );
    let sql = "sql/0".parse().unwrap();
    let before = sim.hooks(&sql).len();
    let before_writer = sim.hooks(&leader).len() + 1;
    let _ = sim.finish(&run, Exit::Code(0));
    sim.drain(|sim, operation| {
        assert_eq!(operation.variable("JUJU_REMOTE_UNIT"), Some(""));
        assert_eq!(sim.ok(&operation.context, "relation-get schema"), "s\n");
        Exit::Code(0)
    });
    assert_eq!(sim.hooks_since(&sql, before), ["db-relation-changed"]);
    assert_eq!(sim.hooks_since(&leader, before_writer), [""; 0]);
}

#[test]
fn an_application_that_goes_departs_breaks_and_stops() {
    let mut sim = related(Profile::V3_6);
    let sql = "sql/0".parse().unwrap();
    let web = "web/0".parse().unwrap();
    let (before, before_web) = (sim.hooks(&sql).len(), sim.hooks(&web).len());
    sim.model.remove_application("sql").unwrap();
    sim.settle_with(|sim, operation| {
        if operation.name() == "db-relation-broken" {
            assert_eq!(sim.ok(&operation.context, "relation-ids db"), "");
            assert_eq!(operation.variable("JUJU_REMOTE_UNIT"), Some(""));
        }
        Exit::Code(0)
    });
    let departed = "db-relation-departed";
    assert_eq!(
        sim.hooks_since(&sql, before),
        [departed, departed, "db-relation-broken", "stop", "remove"]
    );
    assert_eq!(
        sim.hooks_since(&web, before_web),
        [departed, "db-relation-broken"]
    );
    assert!(sim.model.status().relations.is_empty());
}

#[test]
fn what_does_not_fit_is_not_related() {
    let mut sim = related(Profile::V3_6);
    assert!(sim.model.integrate(("web", "db"), ("web", "db")).is_err());
    let error = sim
        .model
        .integrate(("web", "nope"), ("sql", "db"))
        .unwrap_err();
    assert_eq!(
        error.to_string(),
        "application \"web\" has no \"nope\" relation"
    );
}
