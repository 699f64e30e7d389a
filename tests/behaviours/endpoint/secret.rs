//! Secrets over a relation: in a secret of Juju's where it has them, and read with one call either way.

use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;

use ensign::handler::Registry;
use ensign::prelude::{Leadership, Secret};
use ensign::{Context, Handler, Result};
use ensign_testing::{Charm, Documents, Profile, Sim, UnitName};
use serde::Deserialize;
use serde_json::{Map, Value, json};

pub(super) const ALL: [Profile; 3] = [Profile::V3_6, Profile::V4_0Early, Profile::V4_0];
/// What a client was told of the application and of its units.
pub(super) const TOLD: &str = "/etc/told";

/// The value that a server's file holds; the file makes one where it is missing.
pub(super) fn value(ctx: &mut Context, of: &str) -> Result<Secret> {
    let made = ctx.password(24);
    let kept: String = ctx.kv().get_or(of, made.expose().to_owned())?;
    ctx.kv().set(of, &kept)?;
    Ok(Secret::new(kept))
}

pub(super) fn server() -> Vec<&'static Handler> {
    vec![
        handler!(
            "app",
            [clause!(When: "endpoint.sql.joined", "leadership.is_leader")],
            |ctx| {
                for relation in ctx.endpoint("sql")?.relations(ctx)? {
                    let there = relation.published_app(ctx)?;
                    if there.get("password").is_none() && !ctx.kv().get_or("no", false)? {
                        let password = ctx.password(24);
                        let user: ensign::Value = "admin".into();
                        relation
                            .publish_app(ctx, [("user", user), ("password", password.into())])?;
                        let going = relation.published_app(ctx)?;
                        assert_eq!(going.get("password"), Some("secret:"));
                        assert_eq!(going.secret(ctx, "password")?.unwrap().expose().len(), 24);
                    }
                }
                Ok(())
            }
        ),
        handler!("unit", [clause!(When: "endpoint.sql.joined")], |ctx| {
            let token = value(ctx, "token")?;
            ctx.endpoint("sql")?.publish(ctx, [("unit_token", token)])
        }),
        handler!("rotate", [action!("rotate")], |ctx| {
            let (password, token) = (ctx.password(24), ctx.password(24));
            let sql = ctx.endpoint("sql")?;
            if ctx.is_leader()? {
                sql.publish_app(ctx, [("password", password)])?;
            }
            ctx.kv().set("token", &token.expose())?;
            sql.publish(ctx, [("unit_token", token)])
        }),
        handler!("second", [action!("second")], |ctx| {
            let password = ctx.password(24);
            ctx.endpoint("sql")?
                .publish_app(ctx, [("second", password)])
        }),
        handler!("plain", [action!("plain")], |ctx| {
            ctx.endpoint("sql")?
                .publish_app(ctx, [("second", "in the clear")])
        }),
        handler!("revoke", [action!("revoke")], |ctx| {
            ctx.kv().set("no", &true)?;
            for relation in ctx.endpoint("sql")?.relations(ctx)? {
                relation.unpublish_app(ctx, ["password"])?;
            }
            Ok(())
        }),
    ]
}

#[derive(Deserialize)]
struct Access {
    user: String,
    password: Option<String>,
    second: Option<String>,
}

fn client() -> Vec<&'static Handler> {
    vec![
        handler!(
            "read",
            [
                clause!(WhenNot: "never"),
                changed!("endpoint" = "db.password"),
            ],
            |ctx| read(ctx)
        ),
        handler!("second", [changed!("endpoint" = "db.second")], |ctx| read(
            ctx
        )),
        handler!("token", [changed!("endpoint" = "db.unit_token")], |ctx| {
            read(ctx)
        }),
    ]
}

fn read(ctx: &mut Context) -> Result {
    let mut told = Vec::new();
    for relation in ctx.endpoint("db")?.relations(ctx)? {
        let access: Option<Access> = relation.received_app(ctx)?.opened(ctx)?.read()?;
        if let Some(access) = access {
            told.push(format!(
                "{} {:?} {:?}",
                access.user, access.password, access.second
            ));
        }
        for unit in relation.units(ctx)? {
            let received = unit.received(ctx)?;
            assert!(!format!("{received:?}").contains("secret:"));
            if let Some(token) = received.secret(ctx, "unit_token")? {
                told.push(format!("{} {}", unit.name(), token.expose()));
            }
        }
    }
    ctx.write_secret_file(TOLD, told.join("\n"))
}

pub(super) fn charm(name: &str, handlers: Vec<&'static Handler>, endpoints: &Value) -> Charm {
    let mut metadata = json!({"name": name, "summary": "a test", "description": "a test"});
    metadata
        .as_object_mut()
        .unwrap()
        .extend(endpoints.as_object().unwrap().clone());
    let actions = ["rotate", "second", "plain", "revoke", "keep", "point"];
    let documents = Documents {
        metadata,
        config: Value::Null,
        actions: actions
            .map(|name| (name.to_owned(), json!({"additionalProperties": true})))
            .into_iter()
            .collect(),
    };
    Charm::of(Registry::new(handlers, []), &documents, &Value::Null).unwrap()
}

pub(super) fn related(profile: Profile, servers: u32) -> Sim {
    let mut sim = Sim::new(profile, 7);
    let endpoints = json!({"provides": {"sql": {"interface": "sql"}}});
    sim.deploy("server", &charm("server", server(), &endpoints), servers)
        .unwrap();
    let endpoints = json!({"requires": {"db": {"interface": "sql"}}});
    sim.deploy("client", &charm("client", client(), &endpoints), 2)
        .unwrap();
    sim.model()
        .integrate(("server", "sql"), ("client", "db"))
        .unwrap();
    settle(&mut sim);
    sim
}

#[track_caller]
pub(super) fn settle(sim: &mut Sim) {
    for ran in sim.settle().unwrap() {
        assert_eq!(ran.error, None, "{} of {}", ran.name, ran.unit);
    }
}

#[track_caller]
fn rest(sim: &mut Sim) {
    for _ in 0..4 {
        sim.advance(Duration::from_secs(400));
        settle(sim);
    }
}

pub(super) fn leader(sim: &Sim) -> UnitName {
    sim.model().leader("server").cloned().unwrap()
}

#[track_caller]
pub(super) fn act(sim: &mut Sim, unit: &UnitName, action: &str) {
    sim.model().run_action(unit, action, Map::new()).unwrap();
    settle(sim);
}

/// What all clients were told, which stands nowhere in clear.
#[track_caller]
fn told(sim: &Sim) -> String {
    let files: BTreeSet<_> = sim.files("client", TOLD).into_values().collect();
    assert_eq!(files.len(), 1, "clients disagree");
    let text = files.into_iter().next().flatten().unwrap_or_default();
    let readable = sim.model().everything_readable();
    let charm = |path: &std::path::Path| path.to_string_lossy().contains("/charm/");
    for secret in text.split(['\n', ' ', '"']).filter(|word| word.len() == 24) {
        assert!(!readable.contains(secret), "in clear: {readable}");
        for unit in sim.files("client", TOLD).into_keys() {
            let disk = sim.disk(&unit);
            for path in disk.paths().iter().filter(|path| charm(path)) {
                let held = disk.text(path).unwrap_or_default();
                assert!(!held.contains(secret), "{}", path.display());
            }
        }
    }
    text
}

/// By label: how many revisions there are, and to whom it is granted.
fn secrets(sim: &Sim) -> BTreeMap<String, (u32, usize, Vec<String>)> {
    let all = sim.model().secrets();
    all.into_values()
        .map(|s| {
            (
                format!("{} {}", s.owner, s.label),
                (s.latest, s.revisions.len(), s.granted),
            )
        })
        .collect()
}

const APP: &str = "server ensign.endpoint.sql.0.app";

#[test]
fn a_secret_that_is_published_stands_in_jujus_secrets_and_nowhere_in_clear() {
    for profile in ALL {
        let sim = related(profile, 2);
        let text = told(&sim);
        assert_eq!(text.lines().count(), 3, "{profile}: {text}");
        assert!(text.starts_with("admin Some(\""), "{text}");
        let granted = vec!["application-client".to_owned()];
        let all = secrets(&sim);
        // One a bag: the application's, and one of each unit.
        assert_eq!(all.len(), 3, "{all:?}");
        assert_eq!(all[APP], (1, 1, granted.clone()));
        assert_eq!(all["server/1 ensign.endpoint.sql.0.unit"], (1, 1, granted));
        let readable = sim.model().everything_readable();
        assert!(readable.contains("?key=password&v="), "{readable}");
        assert!(readable.contains("?key=unit-token&v="), "{readable}");
    }
}

#[test]
fn a_new_value_is_a_revision_of_the_same_secret_and_the_old_one_goes_when_nobody_reads_it() {
    for profile in ALL {
        let mut sim = related(profile, 2);
        let before = told(&sim);
        let ids: Vec<String> = sim.model().secrets().into_keys().collect();
        let leader = leader(&sim);
        act(&mut sim, &leader, "rotate");
        let after = told(&sim);
        assert_ne!(after.lines().next(), before.lines().next());
        rest(&mut sim);
        assert_eq!(told(&sim), after);
        assert_eq!(sim.model().secrets().into_keys().collect::<Vec<_>>(), ids);
        let all = secrets(&sim);
        assert_eq!((all[APP].0, all[APP].1), (2, 1), "{profile}");
        let texts = sim.model().secret_texts();
        for word in before.split(['\n', ' ', '"']).filter(|w| w.len() == 24) {
            assert_eq!(texts.contains(word), after.contains(word), "{profile}");
        }
    }
}

#[test]
fn what_differs_is_written_and_nothing_else() {
    for profile in ALL {
        let mut sim = related(profile, 2);
        rest(&mut sim);
        for unit in sim.files("server", "/").into_keys() {
            let last = sim.model().history(&unit).last().cloned().unwrap();
            assert_eq!(last.hook, "update-status");
            let written = |tool: &&String| tool.ends_with("-set") || tool.ends_with("-grant");
            assert_eq!(
                last.tools.iter().find(written),
                None,
                "{profile}: {:?}",
                last.tools
            );
        }
    }
}

#[test]
fn a_field_that_is_plain_now_or_gone_leaves_the_secret_which_goes_with_the_last() {
    for profile in ALL {
        let mut sim = related(profile, 1);
        let leader = leader(&sim);
        act(&mut sim, &leader, "second");
        let both = told(&sim);
        assert_eq!(both.matches("Some(").count(), 2, "{both}");
        assert_eq!(secrets(&sim)[APP].0, 2);
        act(&mut sim, &leader, "revoke");
        let one = told(&sim);
        assert!(one.starts_with("admin None Some("), "{one}");
        let readable = sim.model().everything_readable();
        assert!(!readable.contains("key=password"), "{readable}");
        act(&mut sim, &leader, "plain");
        assert!(told(&sim).starts_with("admin None Some(\"in the clear\")"));
        assert!(!secrets(&sim).contains_key(APP), "{profile}");
        // And it can come again.
        act(&mut sim, &leader, "second");
        assert_eq!(secrets(&sim)[APP].0, 1);
        assert!(!told(&sim).contains("clear"));
    }
}

#[test]
fn another_leader_goes_on_with_the_same_secret() {
    for profile in ALL {
        let mut sim = related(profile, 3);
        let before = told(&sim);
        let first = leader(&sim);
        sim.model().remove_unit(&first).unwrap();
        settle(&mut sim);
        rest(&mut sim);
        let now = leader(&sim);
        assert_ne!(now, first);
        assert_eq!(told(&sim).lines().next(), before.lines().next());
        assert_eq!(secrets(&sim)[APP].0, 1, "the value is what it was");
        act(&mut sim, &now, "rotate");
        rest(&mut sim);
        assert_ne!(told(&sim).lines().next(), before.lines().next());
        let all = secrets(&sim);
        assert_eq!(all[APP].0, 2);
        // A unit's own secrets go with it.
        assert!(!all.contains_key(&format!("{first} ensign.endpoint.sql.0.unit")));
    }
}

#[test]
fn each_relation_has_its_own_and_takes_it_along() {
    for profile in ALL {
        let mut sim = related(profile, 2);
        let endpoints = json!({"requires": {"db": {"interface": "sql"}}});
        sim.deploy("other", &charm("client", client(), &endpoints), 1)
            .unwrap();
        sim.model()
            .integrate(("server", "sql"), ("other", "db"))
            .unwrap();
        settle(&mut sim);
        assert_eq!(secrets(&sim).len(), 6, "{profile}");
        let before = told(&sim);
        sim.model().remove_application("other").unwrap();
        settle(&mut sim);
        let all = secrets(&sim);
        assert_eq!(all.len(), 3, "{profile}: {all:?}");
        assert!(all.contains_key(APP), "the other one stays");
        assert_eq!(told(&sim), before);
    }
}

#[test]
fn a_commit_that_juju_kept_in_part_is_put_right() {
    for profile in ALL {
        for cut in 0..6 {
            let mut sim = related(profile, 1);
            let leader = leader(&sim);
            sim.model()
                .fail_next_flush_after(&leader, cut, "the disk is full")
                .unwrap();
            sim.model()
                .run_action(&leader, "rotate", Map::new())
                .unwrap();
            // The action's flush breaks; the operator tries again.
            let _broken = sim.settle().unwrap();
            sim.model()
                .run_action(&leader, "rotate", Map::new())
                .unwrap();
            sim.settle().unwrap();
            rest(&mut sim);
            let text = told(&sim);
            let texts = sim.model().secret_texts();
            let words: Vec<&str> = text
                .split(['\n', ' ', '"'])
                .filter(|w| w.len() == 24)
                .collect();
            assert_eq!(words.len(), 2, "{profile} {cut}: {text}");
            assert!(
                words.iter().all(|w| texts.contains(*w)),
                "{profile} {cut}: the newest"
            );
            let all = secrets(&sim);
            assert_eq!(all[APP].1, 1, "{profile} {cut}: {all:?}");
        }
    }
}

#[test]
fn peers_hand_over_secrets_too() {
    const SEEN: &str = "/etc/seen";
    let handlers = || {
        vec![
            handler!("tell", [hook!("cluster-relation-created")], |ctx| {
                let cluster = ctx.endpoint("cluster")?;
                if ctx.is_leader()? {
                    let shared = ctx.password(24);
                    cluster.publish_app(ctx, [("shared", shared)])?;
                }
                let own = ctx.password(24);
                cluster.publish(ctx, [("own", own)])
            }),
            handler!(
                "read",
                [
                    changed!("endpoint" = "cluster.own"),
                    clause!(When: "endpoint.cluster.joined")
                ],
                |ctx| {
                    let relation = ctx.endpoint("cluster")?.relations(ctx)?.remove(0);
                    let shared = relation.received_app(ctx)?.secret(ctx, "shared")?;
                    let mut seen = vec![shared.map_or_else(String::new, |s| s.expose().to_owned())];
                    for data in [relation.published(ctx)?, relation.received(ctx)?] {
                        let own = data.secret(ctx, "own")?;
                        seen.extend(own.map(|own| own.expose().to_owned()));
                    }
                    seen[1..].sort();
                    ctx.write_secret_file(SEEN, seen.join("\n"))
                }
            ),
        ]
    };
    for profile in ALL {
        let mut sim = Sim::new(profile, 7);
        let endpoints = json!({"peers": {"cluster": {"interface": "server-peers"}}});
        let charm = charm("server", handlers(), &endpoints);
        sim.deploy("server", &charm, 2).unwrap();
        settle(&mut sim);
        rest(&mut sim);
        let seen: BTreeSet<_> = sim.files("server", SEEN).into_values().collect();
        assert_eq!(seen.len(), 1, "{profile}: {seen:?}");
        let text = seen.into_iter().next().flatten().unwrap();
        assert_eq!(
            text.lines().map(str::len).collect::<Vec<_>>(),
            [24, 24, 24],
            "{profile}"
        );
        let readable = sim.model().everything_readable();
        assert!(text.lines().all(|secret| !readable.contains(secret)));
        let own = secrets(&sim)["server ensign.endpoint.cluster.0.app"]
            .2
            .clone();
        assert!(own.is_empty(), "its units read it anyway: {own:?}");
    }
}
