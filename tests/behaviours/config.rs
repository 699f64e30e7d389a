//! B50–B52: configuration flags; D30, D31.

use serde_json::json;

use crate::support::{Flush, Unit, fails, nothing};

/// A unit that watches all four kinds of flags of two options.
fn watching() -> Unit {
    let mut unit = Unit::new(&[
        handler!("any", [clause!(When: "config.changed")], nothing),
        handler!("port", [clause!(When: "config.changed.port")], nothing),
        handler!("name", [clause!(When: "config.changed.name")], nothing),
        handler!("set_name", [clause!(When: "config.set.name")], nothing),
        handler!("set_port", [clause!(When: "config.set.port")], nothing),
        handler!(
            "default_port",
            [clause!(When: "config.default.port")],
            nothing
        ),
    ]);
    unit.build["config"] = json!({
        "port": {"type": "int", "default": 80},
        "name": {"type": "string"},
    });
    // Juju delivers whole numbers as floats.
    unit.juju.config("port", 80.0);
    unit.juju.config("name", serde_json::Value::Null);
    unit
}

fn ran(unit: &mut Unit, hook: &str) -> String {
    unit.hook(hook).ok().ran.join(" ")
}

#[test]
fn b50_flags_tell_what_changed_what_is_set_and_what_is_at_its_default() {
    let mut unit = watching();
    ran(&mut unit, "install");
    assert_eq!(ran(&mut unit, "start"), "default_port set_port");
    unit.juju.config("port", 81);
    assert_eq!(ran(&mut unit, "config-changed"), "any port set_port");
    assert_eq!(ran(&mut unit, "update-status"), "set_port");
    unit.juju.config("name", "x");
    assert_eq!(
        ran(&mut unit, "config-changed"),
        "any name set_name set_port"
    );
    // Set means truthy: an empty text, zero and `false` are not.
    unit.juju.config("name", "");
    unit.juju.config("port", 0);
    assert_eq!(ran(&mut unit, "config-changed"), "any name port");
    unit.juju.config("port", 80);
    assert_eq!(
        ran(&mut unit, "config-changed"),
        "any default_port port set_port"
    );
}

#[test]
fn b51_in_the_first_hook_every_option_counts_as_changed() {
    let mut unit = watching();
    assert_eq!(
        ran(&mut unit, "install"),
        "any default_port name port set_port"
    );
}

#[test]
fn b52_a_failed_hook_sees_the_same_change_again_and_a_successful_one_ends_it() {
    let mut unit = Unit::new(&[
        handler!(
            "charm::port",
            [clause!(When: "config.changed.port")],
            nothing
        ),
        handler!("charm::spoil", [hook!("config-changed")], fails),
    ]);
    unit.juju.config("port", 80);
    unit.hook("install").ok();
    unit.juju.config("port", 81);
    unit.hook("config-changed").err();
    assert_eq!(unit.hook("start").ok().ran, ["charm::port"]);
    assert!(unit.hook("update-status").ok().ran.is_empty());
}

#[test]
fn d30_the_snapshot_is_part_of_the_hooks_transaction() {
    let mut unit = Unit::new(&[handler!(
        "charm::port",
        [clause!(When: "config.changed.port")],
        |ctx| ctx.set_flag("configured")
    )]);
    unit.juju.config("port", 80);
    // The hook succeeds, and Juju does not take it over: neither flag nor snapshot may stay.
    unit.flush = Flush::Nothing;
    unit.hook("install").ok();
    let ran = unit.hook("install").ok();
    assert_eq!(ran.ran, ["charm::port"], "the change is seen again");
    assert!(unit.hook("start").ok().ran.is_empty());
    assert_eq!(unit.stored_flags(), ["configured"]);
    let files = unit.disk.paths();
    assert!(
        files.iter().all(|f| f.starts_with("/charm/.ensign")),
        "{files:?}"
    );
}

#[test]
fn d31_config_flags_are_never_stored_and_true_whenever_somebody_looks() {
    let mut unit = Unit::new(&[
        handler!(
            "charm::port",
            [clause!(When: "config.changed.port")],
            nothing
        ),
        handler!("charm::look", [action!("look")], |ctx| {
            assert!(ctx.is_flag_set("config.set.port")?);
            let changed = ctx.is_flag_set("config.changed.port")?;
            ctx.kv().set("changed", &changed)
        }),
    ]);
    unit.juju.config("port", 80);
    unit.hook("install").ok();
    assert!(unit.stored_flags().is_empty());
    unit.action("look").ok();
    assert_eq!(unit.stored("changed"), false);
    unit.juju.config("port", 81);
    // An operator sees the change between hooks, and the look does not consume it.
    unit.action("look").ok();
    assert_eq!(unit.stored("changed"), true);
    assert_eq!(unit.hook("config-changed").ok().ran, ["charm::port"]);
}
