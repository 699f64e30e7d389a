//! Hooks about secrets: who gets which, with what, and how often.

use std::time::Duration;

use ensign_model::{Exit, Operation, Profile, Role, UnitName};

use crate::relations::charm;
use crate::support::{BOTH, Sim};

fn on(sim: &mut Sim, unit: &UnitName, line: &str) -> String {
    let run = sim.enter(unit);
    let printed = sim.ok(&run.context, line);
    let _ = sim.finish(&run, Exit::Code(0));
    printed
}

/// An application of three units whose leader has made a secret that one follower has read: the leader, that follower, the
/// other one, the secret's id.
fn read(profile: Profile) -> (Sim, UnitName, UnitName, UnitName, String) {
    let (mut sim, leader, others) = Sim::led(profile, 3);
    let id = on(&mut sim, &leader, "secret-add --label adm token=one");
    let id = id.trim().trim_start_matches("secret:").to_owned();
    sim.settle();
    on(&mut sim, &others[0], "secret-get --label adm");
    (sim, leader, others[0].clone(), others[1].clone(), id)
}

/// The hooks about secrets that a unit has run.
fn about(sim: &Sim, unit: &UnitName) -> Vec<String> {
    let hooks = sim.hooks(unit).into_iter();
    hooks
        .filter(|hook| hook.starts_with("secret-"))
        .map(str::to_owned)
        .collect()
}

fn variables(operation: &Operation) -> Vec<(&str, &str)> {
    let env = operation.env.iter();
    env.filter(|(key, _)| key.starts_with("JUJU_SECRET"))
        .map(|(key, value)| (key.as_str(), value.as_str()))
        .collect()
}

#[test]
fn creating_a_secret_wakes_nobody() {
    for profile in BOTH {
        let (mut sim, leader, follower, other, _) = read(profile);
        sim.settle();
        for unit in [&leader, &follower, &other] {
            assert_eq!(about(&sim, unit), [""; 0]);
        }
    }
}

#[test]
fn those_who_have_read_it_are_told_of_a_new_revision_once() {
    for profile in BOTH {
        let (mut sim, leader, follower, other, id) = read(profile);
        let busy = sim.enter(&follower);
        on(&mut sim, &leader, &format!("secret-set {id} token=two"));
        on(&mut sim, &leader, &format!("secret-set {id} token=three"));
        let _ = sim.finish(&busy, Exit::Code(0));
        let hook = sim.until_hook(&follower, "secret-changed");
        let uri = format!("secret:{id}");
        assert_eq!(
            variables(&hook),
            [
                ("JUJU_SECRET_ID", uri.as_str()),
                ("JUJU_SECRET_LABEL", "adm")
            ]
        );
        let printed = sim.ok(&hook.context, "secret-get --label adm --refresh");
        assert_eq!(printed, "token: three\n");
        let _ = sim.finish(&hook, Exit::Code(0));
        sim.settle();
        assert_eq!(about(&sim, &follower).len(), 1, "{profile}");
        assert_eq!(about(&sim, &other), [""; 0]);
    }
}

#[test]
fn a_change_while_the_hook_runs_is_told_again_and_so_is_one_whose_hook_failed() {
    for profile in BOTH {
        let (mut sim, leader, follower, _, id) = read(profile);
        on(&mut sim, &leader, &format!("secret-set {id} token=two"));
        let hook = sim.until_hook(&follower, "secret-changed");
        let _ = sim.finish(&hook, Exit::Code(1));
        let hook = sim.until_hook(&follower, "secret-changed");
        let run = sim.enter(&leader);
        sim.ok(&run.context, &format!("secret-set {id} token=three"));
        let _ = sim.finish(&run, Exit::Code(0));
        let _ = sim.finish(&hook, Exit::Code(0));
        sim.settle();
        assert_eq!(about(&sim, &follower).len(), 3, "{profile}");
    }
}

#[test]
fn a_consumer_is_told_by_its_own_label() {
    for profile in BOTH {
        let mut sim = Sim::new(profile);
        let (db, web) = (charm("db", Role::Provider), charm("web", Role::Requirer));
        sim.model.deploy("db", db, 1).unwrap();
        sim.model.deploy("web", web, 1).unwrap();
        sim.model.integrate(("db", "db"), ("web", "db")).unwrap();
        sim.settle();
        let (db, web) = (UnitName::new("db", 0), UnitName::new("web", 0));
        let id = on(&mut sim, &db, "secret-add --label owners token=one");
        let id = id.trim().to_owned();
        let run = sim.enter(&web);
        let denied = sim.tool(&run.context, &format!("secret-get {id}"));
        assert_eq!(denied.stderr, "ERROR permission denied\n");
        let _ = sim.finish(&run, Exit::Code(0));
        on(&mut sim, &db, &format!("secret-grant {id} -r db:0"));
        let read = on(&mut sim, &web, &format!("secret-get {id} --label mine"));
        assert_eq!(read, "token: one\n");
        on(&mut sim, &db, &format!("secret-set {id} token=two"));
        let hook = sim.until_hook(&web, "secret-changed");
        assert_eq!(hook.variable("JUJU_SECRET_LABEL"), Some("mine"));
        let _ = sim.finish(&hook, Exit::Code(0));
        on(&mut sim, &db, &format!("secret-revoke {id} --app web"));
        on(&mut sim, &db, &format!("secret-set {id} token=three"));
        sim.settle();
        assert_eq!(about(&sim, &web).len(), 1);
        let run = sim.enter(&web);
        assert_eq!(sim.tool(&run.context, "secret-get --label mine").code, 1);
    }
}

#[test]
fn the_leader_is_told_of_revisions_that_nobody_tracks() {
    for profile in BOTH {
        let (mut sim, leader, follower, _, id) = read(profile);
        on(&mut sim, &leader, &format!("secret-set {id} token=two"));
        sim.settle();
        assert_eq!(about(&sim, &leader), [""; 0]);
        on(&mut sim, &follower, "secret-get --label adm --refresh");
        let hook = sim.until_hook(&leader, "secret-remove");
        assert_eq!(hook.variable("JUJU_SECRET_REVISION"), Some("1"));
        assert_eq!(hook.variable("JUJU_SECRET_LABEL"), Some("adm"));
        sim.ok(&hook.context, &format!("secret-remove {id} --revision 1"));
        let _ = sim.finish(&hook, Exit::Code(0));
        sim.settle();
        assert_eq!(about(&sim, &leader), ["secret-remove"]);
        assert_eq!(
            on(&mut sim, &leader, "secret-get --label adm"),
            "token: two\n"
        );
    }
}

#[test]
fn a_secret_is_rotated_by_its_policy_and_again_after_five_minutes_if_nobody_did() {
    for profile in BOTH {
        let (mut sim, leader, _, _, id) = read(profile);
        on(
            &mut sim,
            &leader,
            &format!("secret-set {id} --rotate hourly"),
        );
        sim.settle();
        let start = sim.model.now();
        let hook = sim.until_hook(&leader, "secret-rotate");
        let waited = sim.model.now().since(start);
        assert!(waited.abs_diff(Duration::from_secs(3600)) < Duration::from_secs(2));
        assert_eq!(hook.variable("JUJU_SECRET_REVISION"), None);
        let _ = sim.finish(&hook, Exit::Code(0));
        let start = sim.model.now();
        let hook = sim.until_hook(&leader, "secret-rotate");
        let waited = sim.model.now().since(start);
        assert!(waited.abs_diff(Duration::from_secs(300)) < Duration::from_secs(2));
        sim.ok(&hook.context, &format!("secret-set {id} token=two"));
        let _ = sim.finish(&hook, Exit::Code(0));
        let start = sim.model.now();
        let hook = sim.until_hook(&leader, "secret-rotate");
        assert!(sim.model.now().since(start) > Duration::from_secs(3000));
        let _ = sim.finish(&hook, Exit::Code(0));
    }
}

#[test]
fn an_expired_revision_is_told_until_it_is_gone() {
    for profile in BOTH {
        let (mut sim, leader, _, _, id) = read(profile);
        on(&mut sim, &leader, &format!("secret-set {id} --expire 10m"));
        let hook = sim.until_hook(&leader, "secret-expired");
        assert_eq!(hook.variable("JUJU_SECRET_REVISION"), Some("1"));
        let _ = sim.finish(&hook, Exit::Code(0));
        let hook = sim.until_hook(&leader, "secret-expired");
        sim.ok(&hook.context, &format!("secret-remove {id}"));
        let _ = sim.finish(&hook, Exit::Code(0));
        sim.pass(1200.0);
        assert_eq!(about(&sim, &leader).len(), 2);
    }
}

#[test]
fn a_new_leader_takes_over_what_is_due() {
    for profile in BOTH {
        let (mut sim, leader, follower, _, id) = read(profile);
        on(
            &mut sim,
            &leader,
            &format!("secret-set {id} --rotate hourly"),
        );
        sim.model.kill_unit(&leader).unwrap();
        sim.model
            .advance(sim.model.now() + Duration::from_secs(120));
        sim.model.force_leader(&follower).unwrap();
        let hook = sim.until_hook(&follower, "secret-rotate");
        sim.ok(&hook.context, &format!("secret-set {id} token=two"));
        let _ = sim.finish(&hook, Exit::Code(0));
    }
}

#[test]
fn an_agent_that_starts_again_takes_what_it_has_missed_for_told() {
    for profile in BOTH {
        let (mut sim, leader, follower, _, id) = read(profile);
        on(&mut sim, &leader, &format!("secret-set {id} token=two"));
        sim.settle();
        assert_eq!(about(&sim, &follower).len(), 1);
        sim.model.stop_agent(&follower).unwrap();
        on(&mut sim, &leader, &format!("secret-set {id} token=three"));
        sim.model.restart_agent(&follower).unwrap();
        sim.settle();
        assert_eq!(about(&sim, &follower).len(), 1);
    }
}

#[test]
fn three_six_tells_who_reads_a_later_revision_for_the_first_time() {
    for (profile, told) in [(Profile::V3_6, 1), (Profile::V4_0, 0)] {
        let (mut sim, leader, _, other, id) = read(profile);
        on(&mut sim, &leader, &format!("secret-set {id} token=two"));
        sim.settle();
        on(&mut sim, &other, "secret-get --label adm");
        sim.settle();
        assert_eq!(about(&sim, &other).len(), told, "{profile}");
    }
}

#[test]
fn four_tells_an_agent_that_begins_to_watch_what_is_obsolete_already() {
    for (profile, told) in [(Profile::V3_6, false), (Profile::V4_0, true)] {
        for restart in [true, false] {
            let (mut sim, leader, follower, _, id) = read(profile);
            on(&mut sim, &leader, &format!("secret-set {id} token=two"));
            sim.settle();
            // The leader does not hear of it while it does not run.
            sim.model.kill_unit(&leader).unwrap();
            on(&mut sim, &follower, "secret-get --label adm --refresh");
            sim.settle();
            let heir = sim.leader("app").unwrap();
            if restart {
                sim.model.restart_agent(&heir).unwrap();
                sim.settle();
            }
            let removes = about(&sim, &heir).contains(&"secret-remove".to_owned());
            assert_eq!(removes, told, "{profile}, {restart}");
        }
    }
}

#[test]
fn a_revision_that_was_dealt_with_is_not_told_again_by_the_same_leader() {
    for profile in BOTH {
        let (mut sim, leader, follower, _, id) = read(profile);
        on(&mut sim, &leader, &format!("secret-set {id} token=two"));
        on(&mut sim, &follower, "secret-get --label adm --refresh");
        sim.settle();
        assert_eq!(about(&sim, &leader), ["secret-remove"]);
        sim.model.restart_agent(&leader).unwrap();
        sim.settle();
        assert_eq!(about(&sim, &leader), ["secret-remove"]);
    }
}

#[test]
fn one_policy_for_another_keeps_the_moment_and_new_content_drops_the_expiry() {
    for profile in BOTH {
        let (mut sim, leader, _, _, id) = read(profile);
        on(
            &mut sim,
            &leader,
            &format!("secret-set {id} --rotate daily --expire 1h"),
        );
        let (rotates, expires) = {
            let secret = &sim.model.secrets()[&id];
            (secret.rotates, secret.revisions[&1].expires)
        };
        assert!(rotates.is_some() && expires.is_some());
        on(
            &mut sim,
            &leader,
            &format!("secret-set {id} --rotate hourly"),
        );
        assert_eq!(sim.model.secrets()[&id].rotates, rotates);
        on(&mut sim, &leader, &format!("secret-set {id} token=two"));
        let secret = sim.model.secrets().remove(&id).unwrap();
        assert_eq!(secret.revisions[&2].expires, None);
        assert_eq!(secret.revisions[&1].expires, expires);
        let info = on(&mut sim, &leader, &format!("secret-info-get {id}"));
        assert!(
            info.contains("rotation: hourly") && !info.contains("expiry"),
            "{info}"
        );
        on(
            &mut sim,
            &leader,
            &format!("secret-set {id} --rotate never"),
        );
        assert_eq!(sim.model.secrets()[&id].rotates, None);
    }
}

#[test]
fn a_failed_secret_hook_of_a_leader_is_skipped_once_another_leads() {
    for profile in BOTH {
        let (mut sim, leader, follower, _, id) = read(profile);
        on(
            &mut sim,
            &leader,
            &format!("secret-set {id} --rotate hourly"),
        );
        let hook = sim.until_hook(&leader, "secret-rotate");
        let _ = sim.finish(&hook, Exit::Code(1));
        sim.model.force_leader(&follower).unwrap();
        let hook = sim.until_hook(&follower, "secret-rotate");
        sim.ok(&hook.context, &format!("secret-set {id} token=two"));
        let _ = sim.finish(&hook, Exit::Code(0));
        sim.settle();
        assert_eq!(about(&sim, &leader), ["secret-rotate"], "{profile}");
    }
}
