//! B87–B90, D18–D20, D36, D37: requests and responses.

use std::collections::BTreeMap;

use ensign::{Context, Handler, Result};
use serde::{Deserialize, Serialize};
use serde_json::json;

use super::{DB, MYSQL, ran, relate, with};
use crate::support::{Unit, nothing};

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Job {
    name: String,
    size: u32,
}

fn job(name: &str, size: u32) -> Job {
    let name = name.to_owned();
    Job { name, size }
}

fn ask(ctx: &mut Context, job: &Job) -> Result {
    for relation in ctx.endpoint("db")?.relations(ctx)? {
        relation.request_or_update(ctx, job, |old| old.name == job.name)?;
    }
    Ok(())
}

fn flags() -> [&'static Handler; 4] {
    [
        handler!("all", [clause!(When: "endpoint.db.all_responses")], nothing),
        handler!("new", [clause!(When: "endpoint.db.new_requests")], nothing),
        handler!(
            "requests",
            [clause!(When: "endpoint.db.has_requests")],
            nothing
        ),
        handler!(
            "some",
            [clause!(When: "endpoint.db.has_responses")],
            nothing
        ),
    ]
}

/// A unit with these hook handlers, and handlers of the flags of requests.
fn asking(handlers: &[&'static Handler]) -> Unit {
    let mut all = flags().to_vec();
    all.extend(handlers);
    with(&all)
}

fn own(unit: &Unit, id: &str) -> BTreeMap<String, String> {
    unit.juju.relation(id, |r| r.bag("charm/0"))
}

#[test]
fn b87_a_request_and_its_answer_are_fields_of_published_data() {
    let mut unit = asking(&[
        handler!("ask", [hook!("start")], |ctx| ask(ctx, &job("a", 1))),
        handler!("read", [hook!("stop")], |ctx| {
            let db = ctx.endpoint("db")?;
            let request = db.requests(ctx)?.remove(0);
            assert_eq!(request.read::<Job>()?, job("a", 1));
            assert_eq!(request.response::<String>(ctx)?, Some("done".to_owned()));
            Ok(())
        }),
        handler!("answer", [hook!("install")], |ctx| {
            for request in ctx.endpoint("db")?.new_requests(ctx)? {
                assert_eq!(request.unit().name(), MYSQL);
                let asked: Job = request.read()?;
                request.respond(ctx, &json!({"size": asked.size}))?;
            }
            Ok(())
        }),
    ]);
    relate(&mut unit, &[("request_x", "{\"name\":\"b\",\"size\":7}")]);
    unit.hook("start").ok();
    let published = own(&unit, DB);
    let (key, text) = published.first_key_value().unwrap();
    let id = key.strip_prefix("request_").unwrap().to_owned();
    // Responders of charms.reactive look for the id there, too.
    let asked: serde_json::Value = serde_json::from_str(text).unwrap();
    assert_eq!(asked, json!({"name": "a", "request_id": id, "size": 1}));
    unit.juju.relation(DB, |r| {
        r.data(MYSQL, &[(&format!("response_{id}"), "\"done\"")])
    });
    unit.hook("stop").ok();
    unit.hook("install").ok();
    assert_eq!(own(&unit, DB)["response_x"], "{\"size\":7}");
}

#[test]
fn b88_requesters_and_responders_have_flags() {
    let mut unit = asking(&[
        handler!("ask", [hook!("start")], |ctx| {
            ask(ctx, &job("a", 1))?;
            ask(ctx, &job("b", 1))
        }),
        handler!("answer", [hook!("stop")], |ctx| {
            for request in ctx.endpoint("db")?.new_requests(ctx)? {
                request.respond(ctx, &true)?;
            }
            Ok(())
        }),
    ]);
    assert_eq!(relate(&mut unit, &[]).ran.join(" "), "");
    assert_eq!(ran(unit.hook("start")), "ask");
    let ids: Vec<String> = own(&unit, DB)
        .keys()
        .map(|k| k.replace("request", "response"))
        .collect();
    let answers = |key: &str, unit: &mut Unit| {
        unit.juju.relation(DB, |r| r.data(MYSQL, &[(key, "1")]));
        ran(unit.relation_hook(DB, "changed", Some(MYSQL)))
    };
    assert_eq!(answers(&ids[0], &mut unit), "some");
    assert_eq!(answers(&ids[1], &mut unit), "all some");
    assert_eq!(answers("request_x", &mut unit), "all new requests some");
    // An answer counts at once.
    assert_eq!(ran(unit.hook("stop")), "answer all requests some");
    assert_eq!(ran(unit.hook("update-status")), "all requests some");
    assert_eq!(unit.hook("update-status").ok().calls("relation-get"), 0);
}

#[test]
fn b89_requests_are_found_created_or_updated_and_their_answers_found_by_what_was_asked() {
    let mut unit = asking(&[
        handler!("ask", [hook!("start")], |ctx| {
            ask(ctx, &job("a", 1))?;
            ask(ctx, &job("b", 2))?;
            ask(ctx, &job("a", 3))
        }),
        handler!("find", [hook!("stop")], |ctx| {
            let db = ctx.endpoint("db")?;
            let large = db.find_requests(ctx, |j: &Job| j.size > 1)?;
            assert_eq!(large.len(), 2);
            let a = |j: &Job| j.name == "a";
            assert_eq!(db.response_to(ctx, a)?, Some(5));
            assert_eq!(db.response_to::<Job, u32>(ctx, |j| j.name == "b")?, None);
            assert_eq!(db.new_requests(ctx)?, []);
            let [a] = db.find_requests(ctx, a)?.try_into().unwrap();
            a.withdraw(ctx)
        }),
    ]);
    relate(&mut unit, &[]);
    unit.hook("start").ok();
    let published = own(&unit, DB);
    assert_eq!(published.len(), 2);
    let (a, _) = published.iter().find(|(_, v)| v.contains("\"a\"")).unwrap();
    assert!(published[a].contains('3'));
    let answer = a.replace("request", "response");
    unit.juju.relation(DB, |r| r.data(MYSQL, &[(&answer, "5")]));
    unit.hook("stop").ok();
    assert_eq!(own(&unit, DB).len(), 1);
}

#[test]
fn b90_an_id_never_changes_and_only_others_requests_can_be_answered() {
    let mut unit = asking(&[handler!("ask", [hook!("start")], |ctx| {
        ask(ctx, &job("a", 1))?;
        let cluster = ctx.endpoint("cluster")?;
        for relation in cluster.relations(ctx)? {
            relation.request_or_update(ctx, &job("a", 1), |_| true)?;
        }
        // Among peers, too, the own requests are none that this unit received.
        assert_eq!(cluster.received_requests(ctx)?, []);
        ask(ctx, &job("a", 2))
    })]);
    relate(&mut unit, &[]);
    unit.juju.relate("cluster");
    unit.hook("start").ok();
    let first = own(&unit, DB);
    unit.hook("start").ok();
    assert_eq!(own(&unit, DB), first);
    assert_eq!(own(&unit, "cluster:0").len(), 1);
}

#[test]
fn d18_of_no_requests_none_is_answered() {
    let mut unit = asking(&[]);
    assert_eq!(relate(&mut unit, &[("response_x", "1")]).ran.join(" "), "");
}

#[test]
fn d19_the_same_job_is_asked_for_on_each_relation() {
    let mut unit = asking(&[handler!("ask", [hook!("start")], |ctx| ask(
        ctx,
        &job("a", 1)
    ))]);
    for id in [DB, "db:4"] {
        unit.juju.relate_to(id, "mysql");
    }
    unit.hook("start").ok();
    unit.hook("start").ok();
    let keys = [DB, "db:4"].map(|id| own(&unit, id).into_keys().collect::<Vec<_>>());
    assert_eq!(keys.each_ref().map(Vec::len), [1, 1]);
    assert_ne!(keys[0], keys[1], "each is a request of its own");
}

#[test]
fn d20_a_second_endpoint_of_the_interface_keeps_its_own_requests() {
    let mut unit = asking(&[handler!("ask", [hook!("start")], |ctx| {
        for endpoint in ["db", "backup"] {
            for relation in ctx.endpoint(endpoint)?.relations(ctx)? {
                relation.request_or_update(ctx, &job(endpoint, 1), |_| true)?;
            }
        }
        Ok(())
    })]);
    unit.juju.relate_to(DB, "mysql");
    unit.juju.relate_to("backup:4", "mysql");
    unit.hook("start").ok();
    let before = (own(&unit, DB), own(&unit, "backup:4"));
    unit.hook("start").ok();
    assert_eq!((own(&unit, DB), own(&unit, "backup:4")), before);
    assert_eq!((before.0.len(), before.1.len()), (1, 1));
}

#[test]
fn b74_requests_of_a_relation_that_its_last_unit_leaves_count_no_more() {
    let mut unit = asking(&[handler!("ask", [hook!("start")], |ctx| {
        ask(ctx, &job("a", 1))
    })]);
    unit.juju.relate_to("db:4", "postgres");
    relate(&mut unit, &[]);
    unit.hook("start").ok();
    let key = own(&unit, DB).into_keys().next().unwrap();
    let answer = key.replace("request", "response");
    unit.juju.relation(DB, |r| r.data(MYSQL, &[(&answer, "1")]));
    assert_eq!(
        ran(unit.relation_hook(DB, "changed", Some(MYSQL))),
        "some",
        "that of the other relation has no answer"
    );
    let postgres = "postgres/0";
    unit.juju
        .relation("db:4", |r| r.members = [postgres.into()].into());
    unit.relation_hook("db:4", "joined", Some(postgres)).ok();
    let leaving = unit.relation_hook("db:4", "departed", Some(postgres));
    assert_eq!(ran(leaving), "all some");
}

#[test]
fn d36_flags_of_requests_follow_within_the_hook() {
    let mut unit = asking(&[
        handler!("ask", [hook!("start")], |ctx| ask(ctx, &job("a", 1))),
        handler!(
            "answer",
            [clause!(When: "endpoint.db.new_requests")],
            |ctx| {
                for request in ctx.endpoint("db")?.new_requests(ctx)? {
                    request.respond(ctx, &true)?;
                }
                assert!(!ctx.is_flag_set("endpoint.db.new_requests")?);
                assert!(ctx.is_flag_set("endpoint.db.has_requests")?);
                Ok(())
            }
        ),
        handler!("look", [hook!("stop")], |ctx| {
            assert!(ctx.is_flag_set("endpoint.db.all_responses")?);
            ask(ctx, &job("b", 1))?;
            assert!(!ctx.is_flag_set("endpoint.db.all_responses")?);
            assert!(ctx.is_flag_set("endpoint.db.has_responses")?);
            Ok(())
        }),
    ]);
    relate(&mut unit, &[("request_x", "1")]);
    // It ran in that hook, whose next iteration has nothing new.
    assert_eq!(own(&unit, DB)["response_x"], "true");
    unit.hook("start").ok();
    let key = |k: &String| k.starts_with("request_");
    let asked = own(&unit, DB).into_keys().find(key).unwrap();
    let answer = asked.replace("request", "response");
    unit.juju.relation(DB, |r| r.data(MYSQL, &[(&answer, "1")]));
    unit.relation_hook(DB, "changed", Some(MYSQL)).ok();
    unit.hook("stop").ok();
}

#[test]
fn d37_requests_and_responses_are_told_of_as_changed_alone() {
    let mut unit = asking(&[handler!(
        "look",
        [clause!(When: "endpoint.db.changed")],
        |ctx| {
            let changed = ctx.flags()?;
            let changed = changed.iter().filter(|f| f.contains(".changed"));
            assert_eq!(
                changed.collect::<Vec<_>>(),
                ["endpoint.db.changed", "endpoint.db.changed.host"]
            );
            Ok(())
        }
    )]);
    let data = [("host", "h"), ("request_x", "1"), ("response_y", "1")];
    assert!(ran(relate(&mut unit, &data)).contains("look"));
}
