//! Whose secret the other end names: one of our own is never read as theirs.

use ensign::prelude::Leadership;
use ensign::{Context, Handler, Result};
use ensign_testing::{Sim, UnitName};
use serde_json::json;

use super::secret::{ALL, TOLD, act, charm, leader, related, server, settle, value};

/// What a client that has secrets of its own makes of what others publish.
fn guarded() -> Vec<&'static Handler> {
    vec![
        handler!("keep", [hook!("start")], |ctx| {
            if ctx.is_leader()? {
                let own = ctx.password(24);
                ctx.leader_set([("own", own)])?;
            }
            Ok(())
        }),
        handler!("hand", [clause!(When: "endpoint.db.joined")], |ctx| {
            let db = ctx.endpoint("db")?;
            let mine = value(ctx, "mine")?;
            db.publish(ctx, [("mine", mine)])?;
            if ctx.is_leader()? {
                let all = value(ctx, "all")?;
                db.publish_app(ctx, [("all", all)])?;
            }
            Ok(())
        }),
        handler!("charms", [action!("keep")], |ctx| {
            let path = std::path::Path::new("/etc/made");
            ctx.write_file(path, "made: by the charm itself\n")?;
            let unit = ensign::tools::SecretOwner::Unit;
            ensign::tools::secret_add(ctx.tools(), unit, &Default::default(), path)?;
            Ok(())
        }),
        handler!("read", [changed!("endpoint" = "db.password")], |ctx| look(
            ctx
        )),
    ]
}

fn look(ctx: &mut Context) -> Result {
    let mut told = Vec::new();
    for relation in ctx.endpoint("db")?.relations(ctx)? {
        let data = relation.received_app(ctx)?;
        let read = data.secret(ctx, "password");
        told.push(match (read, data.secrets(ctx, "password")) {
            (Ok(value), Ok(all)) => {
                format!("{:?} {}", value.map(|v| v.expose().len()), all.is_some())
            }
            (Err(one), Err(all)) if one.line() == all.line() => one.line(),
            (one, all) => panic!("{one:?} {all:?}"),
        });
    }
    ctx.write_file(TOLD, told.join("\n"))
}

#[test]
fn what_is_our_own_is_never_read_as_the_other_ends() {
    for profile in ALL {
        let mut sim = Sim::new(profile, 7);
        let endpoints = json!({"provides": {"sql": {"interface": "sql"}}});
        let mut handlers = server();
        handlers.push(handler!("point", [action!("point")], |ctx| {
            let uri: Option<String> = ctx.action()?.parameter("uri")?;
            ctx.kv().set("no", &true)?;
            ctx.endpoint("sql")?
                .publish_app(ctx, [("password", uri.unwrap())])
        }));
        sim.deploy("server", &charm("server", handlers, &endpoints), 1)
            .unwrap();
        let endpoints = json!({"requires": {"db": {"interface": "sql"}},
            "peers": {"cluster": {"interface": "client-peers"}}});
        sim.deploy("client", &charm("client", guarded(), &endpoints), 2)
            .unwrap();
        sim.model()
            .integrate(("server", "sql"), ("client", "db"))
            .unwrap();
        settle(&mut sim);
        let says = |sim: &Sim| -> Vec<String> {
            let files = sim.files("client", TOLD).into_values();
            files.map(Option::unwrap_or_default).collect()
        };
        assert_eq!(
            says(&sim),
            ["Some(24) true"; 2],
            "{profile}: theirs is read"
        );
        let units: Vec<UnitName> = sim.files("client", TOLD).into_keys().collect();
        for unit in &units {
            act(&mut sim, unit, "keep");
        }
        let server = leader(&sim);
        let own = sim.model().secrets().into_iter();
        let own: Vec<_> = own
            .filter(|(_, secret)| secret.owner.starts_with("client"))
            .collect();
        assert_eq!(own.len(), 6, "{profile}: {own:?}");
        for (id, secret) in own {
            for uri in [
                format!("secret:{id}"),
                format!("secret:{id}?key=data-0&v=1"),
            ] {
                let parameters = [("uri".to_owned(), json!(uri))].into_iter().collect();
                sim.model()
                    .run_action(&server, "point", parameters)
                    .unwrap();
                settle(&mut sim);
                for (unit, said) in std::iter::zip(&units, says(&sim)) {
                    let refused = said
                        == "the other end's `password` refers to a secret of this application's own, which is not \
                            read as theirs";
                    // Of another unit's own Juju says that it may not be read.
                    let denied = said.contains("cannot read the secret")
                        && secret.owner.contains('/')
                        && secret.owner != unit.to_string();
                    assert!(refused || denied, "{profile} {unit}: {secret:?}: {said}");
                }
            }
        }
    }
}

#[test]
fn whose_a_secret_is_is_asked_once() {
    for profile in ALL {
        let mut sim = related(profile, 1);
        let leader = leader(&sim);
        let unit = sim.files("client", TOLD).into_keys().next().unwrap();
        let asked = |sim: &mut Sim| {
            let model = sim.model();
            let all = model.history(&unit).iter();
            let tools = all.flat_map(|hook| hook.tools.clone());
            tools.filter(|tool| tool == "secret-info-get").count()
        };
        let before = asked(&mut sim);
        assert!(before > 0, "{profile}");
        for _ in 0..3 {
            act(&mut sim, &leader, "rotate");
        }
        assert_eq!(asked(&mut sim), before, "{profile}");
    }
}
