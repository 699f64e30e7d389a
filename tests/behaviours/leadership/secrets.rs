//! Secret leader values: in one application secret, in no other place, read when the bell rings.

use std::collections::BTreeMap;
use std::time::Duration;

use ensign::Handler;
use ensign::handler::Registry;
use ensign::prelude::Leadership;
use ensign_testing::{Charm, Documents, Profile, Sim, UnitName};
use serde_json::{Map, Value, json};

const FILE: &str = "/etc/pass";
const BOTH: [Profile; 2] = [Profile::V3_6, Profile::V4_0];

/// Bootstraps a password, and keeps it in a file.
fn handlers() -> Vec<&'static Handler> {
    vec![
        handler!(
            "make",
            [
                clause!(When: "leadership.is_leader"),
                clause!(WhenNot: "leadership.set.password")
            ],
            |ctx| {
                if ctx.kv().get_or("never", false)? {
                    return Ok(());
                }
                let password = ctx.password(24);
                ctx.leader_set([("password", password)])
            }
        ),
        handler!("store", [changed!("leader" = "password")], |ctx| {
            match ctx.leader_get("password")? {
                Some(password) => {
                    assert!(!format!("{password:?}").contains(&*password), "redacted");
                    ctx.write_secret_file(FILE, &password)
                }
                None => ctx.write_secret_file(FILE, "revoked"),
            }
        }),
        handler!("rotate", [action!("rotate")], |ctx| {
            let password = ctx.password(24);
            ctx.leader_set([("password", password)])
        }),
        handler!("juju-asks", [hook!("secret-{rotate,expired}")], |ctx| {
            let password = ctx.password(24);
            ctx.leader_set([("password", password)])
        }),
        handler!("group", [action!("group")], |ctx| {
            let (token, user) = (ctx.password(24), "admin".to_owned());
            ctx.leader_set([("user", ensign::Value::from(user)), ("token", token.into())])
        }),
        handler!("plain", [action!("plain")], |ctx| {
            ctx.leader_set([("zone", "a")])
        }),
        handler!("revoke", [action!("revoke")], |ctx| {
            ctx.kv().set("never", &true)?;
            ctx.leader_unset(["password"])
        }),
        handler!("large", [action!("large")], |ctx| {
            let large = ensign::Secret::new("x".repeat(70_000));
            let error = ctx.leader_set([("large", large)]).unwrap_err().line();
            assert!(error.contains("70") && error.contains("65536"), "{error}");
            assert!(!error.contains("xxx"));
            ctx.status_set(ensign::prelude::Status::Active("refused".into()))
        }),
    ]
}

fn charm(peers: bool, options: &Value) -> Charm {
    let actions = ["rotate", "group", "plain", "revoke", "large"];
    let mut metadata = json!({"name": "vault", "summary": "a test", "description": "a test"});
    if peers {
        metadata["peers"] = json!({"cluster": {"interface": "vault-peers"}});
    }
    let documents = Documents {
        metadata,
        config: Value::Null,
        actions: actions
            .map(|name| (name.to_owned(), json!({})))
            .into_iter()
            .collect(),
    };
    Charm::of(
        Registry::new(handlers(), []),
        &documents,
        &json!({"leadership": options}),
    )
    .unwrap()
}

fn deployed(profile: Profile, units: u32) -> Sim {
    deployed_as(profile, units, &charm(true, &json!({})))
}

#[track_caller]
fn deployed_as(profile: Profile, units: u32, charm: &Charm) -> Sim {
    let mut sim = Sim::new(profile, 7);
    sim.deploy("vault", charm, units).unwrap();
    settle(&mut sim);
    sim
}

#[track_caller]
fn settle(sim: &mut Sim) {
    for ran in sim.settle().unwrap() {
        assert_eq!(ran.error, None, "{} of {}", ran.name, ran.unit);
    }
}

/// Lets hooks without news run, so that what only settles is settled.
#[track_caller]
fn rest(sim: &mut Sim) {
    for _ in 0..4 {
        sim.advance(Duration::from_secs(400));
        settle(sim);
    }
}

fn leader(sim: &Sim) -> UnitName {
    sim.model().status().applications["vault"]
        .leader
        .clone()
        .unwrap()
}

#[track_caller]
fn act(sim: &mut Sim, unit: &UnitName, action: &str) {
    sim.model().run_action(unit, action, Map::new()).unwrap();
    settle(sim);
}

/// The one text that all living units have in their file.
#[track_caller]
fn agreed(sim: &Sim) -> String {
    let files: BTreeMap<_, _> = sim.files("vault", FILE);
    let mut texts: Vec<String> = files
        .values()
        .map(|t| t.clone().unwrap_or_default())
        .collect();
    texts.dedup();
    assert_eq!(texts.len(), 1, "units disagree: {:?}", files.keys());
    texts.remove(0)
}

/// The value is in the application's secret and nowhere else that can be read.
#[track_caller]
fn hidden(sim: &Sim, value: &str) {
    assert!(value.len() >= 24);
    let model = sim.model();
    assert!(
        model.secret_texts().iter().any(|text| text.contains(value)),
        "not in the secret"
    );
    assert!(
        !model.everything_readable().contains(value),
        "it can be read in clear"
    );
    drop(model);
    for unit in sim.files("vault", FILE).into_keys() {
        let disk = sim.disk(&unit);
        for path in disk.paths() {
            let text = disk.text(&path).unwrap_or_default();
            assert!(
                path.ends_with("pass") || !text.contains(value),
                "{}",
                path.display()
            );
        }
    }
}

/// The tools of the last `update-status` of a unit.
fn steady_tools(sim: &Sim, unit: &UnitName) -> Vec<String> {
    let model = sim.model();
    let last = model.history(unit).last().cloned().unwrap();
    assert_eq!(last.hook, "update-status");
    last.tools
}

#[test]
fn a_secret_value_reaches_every_unit_and_stands_nowhere_in_clear() {
    for profile in BOTH {
        let sim = deployed(profile, 3);
        let password = agreed(&sim);
        hidden(&sim, &password);
    }
}

#[test]
fn a_new_value_reaches_every_unit_and_the_old_revision_goes() {
    for profile in BOTH {
        let mut sim = deployed(profile, 3);
        let before = agreed(&sim);
        let leader = leader(&sim);
        act(&mut sim, &leader, "rotate");
        let after = agreed(&sim);
        assert_ne!(after, before);
        hidden(&sim, &after);
        rest(&mut sim);
        let texts = sim.model().secret_texts();
        assert!(
            !texts.iter().any(|text| text.contains(&before)),
            "{profile}: removed"
        );
    }
}

#[test]
fn a_revoked_value_is_gone_for_every_unit_and_a_new_one_can_be_made() {
    for profile in BOTH {
        let mut sim = deployed(profile, 3);
        let first = leader(&sim);
        act(&mut sim, &first, "revoke");
        assert_eq!(agreed(&sim), "revoked", "{profile}");
        act(&mut sim, &first, "rotate");
        let again = agreed(&sim);
        hidden(&sim, &again);
    }
}

#[test]
fn a_group_with_a_secret_goes_into_it_whole() {
    for profile in BOTH {
        let mut sim = deployed(profile, 2);
        let leader = leader(&sim);
        act(&mut sim, &leader, "group");
        let model = sim.model();
        let texts = model.secret_texts();
        assert!(
            texts
                .iter()
                .any(|t| t.contains("\"user\":\"admin\"") && t.contains("\"password\""))
        );
        assert!(!model.everything_readable().contains("admin"));
    }
}

#[test]
fn too_much_is_refused_at_once_with_the_numbers() {
    for profile in BOTH {
        let mut sim = deployed(profile, 1);
        let leader = leader(&sim);
        act(&mut sim, &leader, "large");
        let status = sim.model().status();
        assert_eq!(
            status.applications["vault"].units[0].workload.message,
            "refused"
        );
    }
}

#[test]
fn who_becomes_leader_finds_the_password_that_is_in_use() {
    for profile in BOTH {
        let mut sim = deployed(profile, 2);
        let before = agreed(&sim);
        for _ in 0..3 {
            let lost = leader(&sim);
            sim.model().kill_unit(&lost).unwrap();
            sim.model().add_unit("vault").unwrap();
            settle(&mut sim);
            assert_ne!(leader(&sim), lost);
            assert_eq!(agreed(&sim), before, "{profile}");
        }
        rest(&mut sim);
        assert_eq!(agreed(&sim), before, "{profile}");
    }
}

#[test]
fn a_steady_hook_with_secrets_writes_nothing_and_reads_no_secret() {
    for (profile, of_leader, of_follower) in [
        (
            Profile::V3_6,
            &["is-leader", "leader-get", "relation-ids", "relation-get"][..],
            &["is-leader", "leader-get"][..],
        ),
        (
            Profile::V4_0,
            &["is-leader", "relation-ids", "relation-get"],
            &["is-leader", "relation-ids", "relation-get"],
        ),
    ] {
        let mut sim = deployed(profile, 2);
        rest(&mut sim);
        let leader = leader(&sim);
        for unit in sim.files("vault", FILE).into_keys() {
            let expected = if unit == leader {
                of_leader
            } else {
                of_follower
            };
            assert_eq!(steady_tools(&sim, &unit), expected, "{profile} {unit}");
        }
    }
}

#[test]
fn without_a_peer_endpoint_the_bell_stands_in_the_settings_after_the_commit() {
    let mut sim = deployed_as(Profile::V3_6, 3, &charm(false, &json!({})));
    rest(&mut sim);
    let before = agreed(&sim);
    hidden(&sim, &before);
    let leader = leader(&sim);
    act(&mut sim, &leader, "rotate");
    rest(&mut sim);
    let after = agreed(&sim);
    assert_ne!(after, before);
    hidden(&sim, &after);
    assert!(sim.model().everything_readable().contains("?ensign-rev="));
    assert_eq!(steady_tools(&sim, &leader), ["is-leader", "leader-get"]);
}

#[test]
fn a_key_that_turns_secret_moves_and_its_clear_text_goes() {
    for profile in BOTH {
        let mut sim = deployed(profile, 3);
        let leader = leader(&sim);
        act(&mut sim, &leader, "plain");
        let readable = |sim: &Sim| sim.model().everything_readable().contains("zone");
        assert!(readable(&sim));
        let moved = charm(true, &json!({"secret": ["zone"]})).rebuilt("2");
        sim.upgrade("vault", &moved, false).unwrap();
        settle(&mut sim);
        rest(&mut sim);
        assert!(
            !readable(&sim),
            "{profile}: {}",
            sim.model().everything_readable()
        );
        let texts = sim.model().secret_texts();
        assert!(
            texts.iter().any(|text| text.contains("\"zone\":\"a\"")),
            "{profile}"
        );
        // It stays secret, also when it is written as a plain value.
        act(&mut sim, &leader, "plain");
        assert!(!readable(&sim), "{profile}");
    }
}

#[test]
fn juju_asks_for_a_new_value_as_often_as_the_option_says() {
    for profile in BOTH {
        let mut sim = deployed_as(profile, 3, &charm(true, &json!({"rotate": "daily"})));
        let before = agreed(&sim);
        sim.advance(Duration::from_secs(25 * 3600));
        settle(&mut sim);
        let after = agreed(&sim);
        assert_ne!(after, before, "{profile}");
        hidden(&sim, &after);
    }
}

#[test]
fn values_that_expire_are_made_anew() {
    for profile in BOTH {
        let mut sim = deployed_as(profile, 3, &charm(true, &json!({"expire": "24h"})));
        let mut before = agreed(&sim);
        for _ in 0..3 {
            sim.advance(Duration::from_secs(25 * 3600));
            settle(&mut sim);
            let after = agreed(&sim);
            assert_ne!(after, before, "{profile}");
            hidden(&sim, &after);
            before = after;
        }
    }
}

#[test]
fn secret_and_plain_values_move_from_settings_to_peer_data_with_the_controller() {
    let mut sim = deployed(Profile::V3_6, 3);
    let first = leader(&sim);
    act(&mut sim, &first, "plain");
    let before = agreed(&sim);
    sim.model().migrate(Profile::V4_0);
    settle(&mut sim);
    rest(&mut sim);
    assert_eq!(agreed(&sim), before);
    assert!(sim.model().everything_readable().contains("leader.zone"));
    let now = leader(&sim);
    act(&mut sim, &now, "rotate");
    assert_ne!(agreed(&sim), before);
}
#[test]
fn what_a_3_6_agent_writes_to_a_4_0_controller_is_not_lost() {
    let mut sim = deployed(Profile::V3_6, 3);
    let before = agreed(&sim);
    sim.model().upgrade_controller(Profile::V4_0);
    settle(&mut sim);
    let now = leader(&sim);
    act(&mut sim, &now, "plain");
    act(&mut sim, &now, "rotate");
    sim.model().upgrade_agents();
    settle(&mut sim);
    rest(&mut sim);
    assert_ne!(agreed(&sim), before);
    assert!(sim.model().everything_readable().contains("leader.zone"));
}
