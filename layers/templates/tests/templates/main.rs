//! A charm of templates, in an in-process model of Juju.

#![allow(missing_docs, clippy::unwrap_used, clippy::expect_used, clippy::panic)]

use ensign::host::Owner;
use ensign::prelude::*;
use ensign_testing::{Charm, Faults, Profile, Sim};
use layer_templates::{Target, Templates};
use serde_json::json;

fn values() -> serde_json::Value {
    json!({"app": "foo", "unit": "foo/0", "port": 80, "more": {"a": "x", "b": "y"}})
}

#[when("leadership.is_leader")]
#[when_not("leadership.set.password")]
fn choose_password(ctx: &mut Context) -> Result {
    ctx.leader_set([("password", "hunter2")])
}

#[when_changed(config = "step")]
fn step(ctx: &mut Context) -> Result {
    let step = ctx.config()?.string("step")?.unwrap_or_default();
    let words: Vec<_> = step.split(' ').map(str::to_owned).collect();
    match &*step {
        "none" => Ok(()),
        "render" => {
            let target = Target::new("/etc/foo/foo.conf").mode(0o640);
            let changed = ctx.render_to("foo.conf", target, &values())?;
            let again = ctx.render_to(
                "foo.conf",
                Target::new("/etc/foo/foo.conf").mode(0o640),
                &values(),
            )?;
            ctx.write_file("/etc/changed", format!("{changed} {again}"))
        }
        "parts" => ctx
            .render_to("with_parts.j2", "/etc/parts", &values())
            .map(drop),
        "owned" => {
            let target = Target::new("/etc/foo.conf")
                .mode(0o640)
                .owner("redis:redis");
            ctx.render_to("foo.conf", target, &values()).map(drop)
        }
        _ if words[0] == "fail" => {
            let error = ctx.render(&words[1], &values()).unwrap_err();
            ctx.write_file(
                "/etc/error",
                format!("{}; {}", error.line(), error.advice().unwrap_or_default()),
            )
        }
        _ => {
            // As `charms.reactive` finds it.
            let command = ensign::LAYER_COMMANDS.iter().find(|c| c.name == words[0]);
            let said = (command.expect("the layer is linked").run)(ctx, &words[1..]);
            match said {
                Ok(said) => ctx.write_file("/etc/error", said),
                Err(error) => ctx.write_file("/etc/error", error.line()),
            }
        }
    }
}

fn deployed() -> Sim {
    let folder = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/charm");
    let charm = Charm::linked(folder, &["layer_templates", "templates"]).unwrap();
    let mut sim = Sim::new(Profile::V3_6, 1);
    sim.deploy("rendered", &charm, 1).unwrap();
    sim.settle().unwrap();
    sim
}

/// Takes a step, and returns the errors of its hooks.
fn step_of(sim: &mut Sim, step: &str) -> Vec<String> {
    let options = [("step".to_owned(), step.to_owned())].into();
    sim.model().set_config("rendered", &options).unwrap();
    let mut errors = Vec::new();
    while let Some(operation) = sim.poll() {
        errors.extend(sim.run(&operation, &Faults::none()).error);
        if !errors.is_empty() {
            break;
        }
    }
    errors
}

fn file(sim: &Sim, path: &str) -> (String, u32) {
    let unit = sim.files("rendered", path).into_keys().next().unwrap();
    let disk = sim.disk(&unit);
    (
        disk.text(path).unwrap_or_default(),
        disk.mode(path).unwrap_or_default(),
    )
}

#[test]
fn a_template_becomes_a_file_once() {
    let mut sim = deployed();
    assert_eq!(step_of(&mut sim, "render"), [""; 0]);
    let text = "# foo of foo/0\nport 80\n\na X\n\nb Y\n";
    assert_eq!(
        file(&sim, "/etc/foo/foo.conf"),
        (text.to_owned(), 0o640),
        "as Jinja has it"
    );
    assert_eq!(file(&sim, "/etc/changed").0, "true false");
}

#[test]
fn templates_include_each_other_and_nothing_is_escaped() {
    let mut sim = deployed();
    assert_eq!(step_of(&mut sim, "parts"), [""; 0]);
    assert_eq!(file(&sim, "/etc/parts").0, "a & <b> &; tail 80\ndeep");
}

#[test]
fn errors_name_the_template_and_the_line() {
    let mut sim = deployed();
    for (template, told) in [
        ("undefined", "`undefined`, line 3: undefined value"),
        ("broken", "`broken`, line 2: syntax error"),
        (
            "lost",
            "there is no template `nosuch.j2`, which `lost`, line 1 names",
        ),
        ("nosuch", "there is no template `nosuch`"),
        ("../metadata.yaml", "`../metadata.yaml` is no template"),
        ("/etc/shadow", "`/etc/shadow` is no template"),
    ] {
        assert_eq!(step_of(&mut sim, &format!("fail {template}")), [""; 0]);
        let (error, _) = file(&sim, "/etc/error");
        assert!(error.starts_with(told), "{error}");
        assert!(!error.contains("hunter2"), "{error}");
    }
}

#[test]
fn a_file_is_its_owners() {
    let mut sim = deployed();
    let unit = sim.files("rendered", "/").into_keys().next().unwrap();
    let disk = sim.disk(&unit);
    let errors = step_of(&mut sim, "owned");
    assert!(errors[0].contains("has no user `redis`"), "{errors:?}");
    disk.put("/etc/passwd", "redis:x:101:102::/:/bin/false\n");
    disk.put("/etc/group", "redis:x:102:\n");
    sim.settle().unwrap();
    let (text, mode) = file(&sim, "/etc/foo.conf");
    assert!(
        text.starts_with("# foo") && mode == 0o640,
        "{text} {mode:o}"
    );
    let owner = Owner { uid: 101, gid: 102 };
    assert_eq!(disk.owner("/etc/foo.conf"), Some(owner));
}

#[test]
fn bash_renders_with_values_config_and_leader_settings() {
    let mut sim = deployed();
    step_of(&mut sim, "render_template open /etc/open who=me=you");
    assert_eq!(file(&sim, "/etc/open"), ("open me=you".to_owned(), 0o644));
    step_of(&mut sim, "render_template secret /etc/secret who=me");
    let text = "password hunter2 render_template me rendered/0";
    assert_eq!(
        file(&sim, "/etc/secret"),
        (text.to_owned(), 0o600),
        "for nobody else"
    );
    step_of(
        &mut sim,
        "render_template secret /etc/secret who=me --mode=0640",
    );
    assert_eq!(
        file(&sim, "/etc/secret").1,
        0o640,
        "unless it is said to be"
    );
    for (arguments, told) in [
        ("open", "cannot make sense of `render_template`"),
        ("open /etc/x who", "cannot make sense of `who`"),
        ("open /etc/x --force", "cannot make sense of `--force`"),
        ("open /etc/x --mode=9", "`9` is no mode"),
        ("open /etc/x", "`open`, line 1: undefined value"),
    ] {
        step_of(&mut sim, &format!("render_template {arguments}"));
        let (error, _) = file(&sim, "/etc/error");
        assert!(error.starts_with(told), "{error}");
        assert_eq!(file(&sim, "/etc/x").0, "");
    }
}
