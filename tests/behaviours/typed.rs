//! Leadership in types: the `Leader` argument, and settings as structs.

use std::collections::{BTreeMap, HashMap};
use std::net::IpAddr;

use ensign::Handler;
use ensign::handler::HANDLERS;
use ensign::prelude::*;
use serde::{Deserialize, Serialize};

use crate::support::{Happening, Unit, nothing};

/// Takes as long as the test lets `status-set` take.
fn works(ctx: &mut Context) -> Result {
    ctx.status_set(Status::Maintenance("at work".to_owned()))
}

#[when("leadership.is_leader")]
fn writes(ctx: &mut Context, leader: Leader) -> Result {
    let stays = [("k", "v"), ("l", "w")];
    match ctx.hook().name() {
        "install" => leader.set(ctx, stays),
        "start" => leader.unset(ctx, ["k", "never there"]),
        _ => {
            works(ctx)?;
            let error = leader.set(ctx, [("k", "too late")]).unwrap_err();
            assert_eq!(error.kind(), ErrorKind::NotLeader);
            Err(error)
        }
    }
}

/// The handler that a function of this module became.
fn handler(name: &str) -> &'static Handler {
    let id = format!("{}::{name}", module_path!());
    HANDLERS.iter().find(|h| h.id == id).unwrap()
}

#[test]
fn a_leader_writes_and_removes_groups() {
    let mut unit = Unit::new(&[
        handler("writes"),
        handler!("changed", [clause!(When: "leadership.changed.k")], nothing),
    ]);
    unit.hook("install").ok();
    assert!(unit.juju.settings().is_empty(), "it does not lead");
    unit.juju.leader(true);
    let ran = unit.hook("install").ok();
    assert_eq!(ran.calls("leader-set"), 1);
    assert_eq!(ran.times("changed"), 1);
    assert_eq!(unit.juju.settings().len(), 2);
    let ran = unit.hook("start").ok();
    assert_eq!(ran.calls("leader-set"), 1);
    assert_eq!(ran.times("changed"), 1);
    assert_eq!(
        unit.juju.settings(),
        BTreeMap::from([("l".to_owned(), "w".to_owned())])
    );
}

#[test]
fn a_leader_who_has_lost_leadership_since_cannot_write() {
    for (takes, leads) in [(20, false), (31, true)] {
        let mut unit = Unit::new(&[handler("writes")]);
        unit.juju.leader(true);
        let happening = Happening {
            takes,
            leads: Some(leads),
            ..Happening::default()
        };
        unit.juju.during("status-set", happening);
        let error = unit.hook("update-status").err();
        assert_eq!(error.kind(), ErrorKind::NotLeader, "{error:?}");
        assert!(unit.juju.settings().is_empty());
    }
}

/// What a handler's shim does for `leader: Leader`.
fn takes_a_leader(ctx: &mut Context) -> Result<Leader> {
    ensign::__private::argument(ctx, "charm::a", 0)
}

#[test]
fn b29_a_leader_is_made_anew_at_each_run_other_than_other_arguments() {
    // Seconds between the runs; whether the unit still leads; whether there is a leader for the second run.
    for (takes, leads, there_is) in [
        (0, true, true),
        (20, true, true),
        (20, false, false),
        (31, true, false),
    ] {
        let mut unit = Unit::new(&[handler!(
            "charm::a",
            // Not under `leadership.is_leader`, whose own check would come first.
            [clause!(WhenNotAll: "again", "x")],
            |ctx| {
                takes_a_leader(ctx)?;
                works(ctx)?;
                ctx.set_flag("again")
            }
        )]);
        unit.juju.leader(true);
        let happening = Happening {
            takes,
            leads: Some(leads),
            ..Happening::default()
        };
        unit.juju.during("status-set", happening);
        let ran = unit.hook("install");
        assert_eq!(ran.times("charm::a"), 2);
        assert_eq!(ran.calls("is-leader"), if takes < 20 { 1 } else { 2 });
        let case = format!("{takes} s, leads: {leads}");
        if there_is {
            ran.ok();
            continue;
        }
        let error = ran.err();
        assert_eq!(error.kind(), ErrorKind::NotLeader, "{case}");
        let why = if leads {
            "30 seconds"
        } else {
            "not the leader"
        };
        assert!(error.line().contains(why), "{case}: {error:?}");
    }
}

#[test]
fn without_leadership_there_is_no_leader_and_the_handler_does_not_begin() {
    let mut unit = Unit::new(&[handler!("charm::a", [hook!("install")], |ctx| {
        takes_a_leader(ctx)?;
        ctx.log(Level::Info, "begun");
        Ok(())
    })]);
    let error = unit.hook("install").err();
    assert_eq!(error.kind(), ErrorKind::NotLeader);
    assert!(error.line().contains("takes a `Leader`"), "{error:?}");
    assert!(!unit.juju.logged("begun"));
    unit.juju.leader(true);
    unit.hook("install").ok();
    assert!(unit.juju.logged("begun"));
}

#[derive(Debug, PartialEq, Clone, Copy, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
enum Mode {
    Primary,
    Sharded { by: u8 },
}

#[derive(Debug, PartialEq, LeaderSettings)]
struct Cluster {
    host: IpAddr,
    #[leader(key = "cluster-port")]
    port: u16,
    mode: Mode,
    r#type: Option<String>,
    weights: Option<HashMap<String, u32>>,
}

fn cluster() -> Cluster {
    Cluster {
        host: IpAddr::from([10, 0, 0, 1]),
        port: 5432,
        mode: Mode::Primary,
        r#type: Some("5".to_owned()),
        weights: Some((0..20).map(|n| (format!("w{n}"), n)).collect()),
    }
}

/// A unit that does this in `install`.
macro_rules! unit {
    ($run:expr) => {
        Unit::new(&[handler!("charm::a", [hook!("install")], $run)])
    };
}

/// The same, and it leads.
macro_rules! leader {
    ($run:expr) => {{
        let unit = unit!($run);
        unit.juju.leader(true);
        unit
    }};
}

#[test]
fn a_struct_is_written_in_one_group_and_read_back() {
    let mut unit = leader!(|ctx| {
        assert_eq!(Cluster::load(ctx)?, None);
        cluster().store(ctx)?;
        assert_eq!(Cluster::load(ctx)?, Some(cluster()), "own writes");
        Ok(())
    });
    unit.juju.setting("other", "stays");
    assert_eq!(unit.hook("install").ok().calls("leader-set"), 1);
    let settings = unit.juju.settings();
    assert_eq!(settings["host"], "10.0.0.1");
    assert_eq!(settings["cluster-port"], "5432");
    assert_eq!(settings["mode"], "primary");
    assert_eq!(settings["type"], "5");
    assert!(settings["weights"].starts_with("{\"w0\":0,\"w1\":1,\"w10\":10,"));
    assert_eq!(settings["other"], "stays");
    assert_eq!(settings.len(), 6);

    let mut unit = unit!(|ctx| {
        let cluster = Cluster::load(ctx)?.unwrap();
        assert_eq!((cluster.port, cluster.mode), (80, Mode::Sharded { by: 3 }));
        assert_eq!((cluster.r#type, cluster.weights), (None, None));
        Ok(())
    });
    unit.juju.setting("host", "::1");
    unit.juju.setting("cluster-port", "80");
    unit.juju.setting("mode", "{\"sharded\": {\"by\": 3}}");
    unit.hook("install").ok();
}

#[test]
fn on_juju_4_a_struct_is_written_to_the_peer_relation() {
    let mut unit = leader!(|ctx| cluster().store(ctx)).on_four();
    unit.juju.relate("cluster");
    unit.hook("install").ok();
    let bag = unit.juju.app_bag("cluster");
    assert_eq!(bag["leader.cluster-port"], "5432");
    assert_eq!(bag["leader.mode"], "primary");
}

#[test]
fn b63_equal_structs_change_nothing() {
    let mut unit = leader!(|ctx| cluster().store(ctx));
    assert_eq!(unit.hook("install").ok().calls("leader-set"), 1);
    assert_eq!(unit.hook("install").ok().calls("leader-set"), 0);
}

#[test]
fn a_field_that_is_none_removes_its_key_and_no_other() {
    let mut unit = leader!(|ctx| {
        let (r#type, weights) = (None, None);
        let cluster = Cluster {
            r#type,
            weights,
            ..cluster()
        };
        cluster.store(ctx)?;
        assert_eq!(Cluster::load(ctx)?, Some(cluster));
        Ok(())
    });
    for key in ["type", "weights", "other"] {
        unit.juju.setting(key, "x");
    }
    assert_eq!(unit.hook("install").ok().calls("leader-set"), 1);
    let keys: Vec<String> = unit.juju.settings().into_keys().collect();
    assert_eq!(keys, ["cluster-port", "host", "mode", "other"]);
}

#[test]
fn without_a_required_key_there_is_no_struct_whatever_the_others_hold() {
    let keys = [
        ("host", "none"),
        ("cluster-port", "80"),
        ("mode", "primary"),
    ];
    for absent in keys {
        let mut unit = unit!(|ctx| {
            assert_eq!(Cluster::load(ctx)?, None);
            Ok(())
        });
        for (key, value) in keys {
            if key != absent.0 {
                unit.juju.setting(key, value);
            }
        }
        unit.hook("install").ok();
    }
}

#[test]
fn a_value_of_another_type_is_an_error_that_names_the_key_and_hides_the_value() {
    for (key, value, ty) in [
        ("cluster-port", "hunter2", "`u16`"),
        ("cluster-port", "70000", "`u16`"),
        ("mode", "hunter2", "Mode`"),
        ("weights", "{\"hunter2\":null}", "HashMap<"),
    ] {
        let mut unit = leader!(|ctx| {
            cluster().store(ctx)?;
            Cluster::load(ctx).map(|_| ())
        });
        unit.hook("install").ok();
        unit.juju.setting(key, value);
        unit.upgrade(
            &[handler!("charm::a", [hook!("start")], |ctx| {
                Cluster::load(ctx).map(|_| ())
            })],
            "two",
        );
        let error = unit.hook("start").err();
        assert_eq!(error.kind(), ErrorKind::Invalid);
        let said = format!("{error:?}\n{}", unit.juju.log().join("\n"));
        assert!(said.contains(&format!("`{key}` does not hold")), "{said}");
        assert!(said.contains(ty), "{said}");
        assert!(!said.contains(value), "{said}");
        assert!(!said.contains("hunter2") && !said.contains("70000"));
    }
}

#[derive(LeaderSettings)]
struct Odd {
    text: String,
    perhaps: Option<String>,
    any: serde_json::Value,
}

fn odd(text: &str, any: serde_json::Value) -> Odd {
    Odd {
        text: text.to_owned(),
        perhaps: Some(String::new()),
        any,
    }
}

#[test]
fn d11_an_empty_text_removes_an_optional_key_and_is_refused_for_a_required_one() {
    let mut unit = leader!(|ctx| {
        let error = odd("", 1.into()).store(ctx).unwrap_err();
        assert_eq!(error.kind(), ErrorKind::Invalid);
        assert!(error.line().contains("`text`"), "{error:?}");
        assert!(
            ctx.leader_settings()?.contains_key("perhaps"),
            "all or nothing"
        );
        odd("x", 1.into()).store(ctx)?;
        assert_eq!(Odd::load(ctx)?.unwrap().perhaps, None);
        Ok(())
    });
    unit.juju.setting("perhaps", "x");
    unit.hook("install").ok();
    assert!(!unit.juju.settings().contains_key("perhaps"));
}

#[test]
fn what_would_not_read_back_is_refused_and_nothing_is_written() {
    let mut unit = leader!(|ctx| {
        for any in [serde_json::Value::Null, "4711".into()] {
            let error = odd("x", any).store(ctx).unwrap_err();
            assert_eq!(error.kind(), ErrorKind::Invalid);
            assert!(error.line().contains("`any`"), "{error:?}");
            assert!(!error.line().contains("4711"), "{error:?}");
        }
        odd("x", "text".into()).store(ctx)
    });
    assert_eq!(unit.hook("install").ok().calls("leader-set"), 1);
    assert_eq!(unit.juju.settings()["any"], "text");
}

#[test]
fn off_the_leader_a_struct_is_not_written() {
    let mut unit = unit!(|ctx| cluster().store(ctx));
    assert_eq!(unit.hook("install").err().kind(), ErrorKind::NotLeader);
    assert!(unit.juju.settings().is_empty());
}

#[derive(Debug, LeaderSettings)]
struct Credentials {
    user: String,
    password: Secret,
    old: Option<Secret>,
    #[leader(secret)]
    pins: Vec<u32>,
    #[leader(secret)]
    hint: Option<String>,
}

#[test]
fn secret_fields_are_written_as_secrets_and_shown_nowhere() {
    let mut unit = leader!(|ctx| {
        let credentials = Credentials {
            user: "admin".to_owned(),
            password: Secret::new("hunter2"),
            old: Some(Secret::new("hunter1")),
            pins: vec![4711],
            hint: Some("hunt".to_owned()),
        };
        credentials.store(ctx)?;
        for (key, secret) in [
            ("user", false),
            ("password", true),
            ("old", true),
            ("pins", true),
            ("hint", true),
        ] {
            assert_eq!(ctx.leader_get(key)?.unwrap().is_secret(), secret, "{key}");
        }
        let back = Credentials::load(ctx)?.unwrap();
        assert_eq!(back.password.expose(), "hunter2");
        assert_eq!(back.old, credentials.old);
        assert_eq!(
            (back.pins, back.hint),
            (vec![4711], Some("hunt".to_owned()))
        );
        assert!(!format!("{:?}{:?}", credentials.password, credentials.old).contains("hunter"));
        assert_eq!(back.user, "admin");
        Ok(())
    });
    let events = unit.hook("install").ok().events.join("\n");
    for path in unit.disk.paths() {
        let text = unit.disk.text(&path).unwrap();
        assert!(!text.contains("hunt") && !text.contains("4711"), "{path:?}");
    }
    let said = unit.juju.log().join("\n") + &events;
    assert!(!said.contains("hunt") && !said.contains("4711"), "{said}");
}
