//! B110: values that the charm asks about.

use std::collections::{BTreeMap, HashMap};

use serde_json::json;

use crate::support::{Unit, fails};

#[test]
fn b110_data_set_tells_whether_a_value_differs_from_the_last_and_records_it() {
    let mut unit = Unit::new(&[
        handler!("charm::install", [hook!("install")], |ctx| {
            assert!(ctx.is_data_changed("id", "one")?, "there is none yet");
            assert!(ctx.is_data_changed("id", "one")?, "asking records nothing");
            assert!(ctx.data_set("id", "one")?);
            assert!(!ctx.data_set("id", "one")?);
            assert!(!ctx.is_data_changed("id", "one")?);
            assert!(ctx.is_data_changed("other", "one")?, "each id is its own");
            Ok(())
        }),
        handler!("charm::start", [hook!("start")], |ctx| {
            assert!(!ctx.is_data_changed("id", "one")?, "it was recorded");
            assert!(ctx.is_data_changed("id", &json!(["one"]))?);
            Ok(())
        }),
    ]);
    unit.hook("install").ok();
    unit.hook("start").ok();
}

#[test]
fn b110_the_order_of_keys_does_not_matter() {
    let mut unit = Unit::new(&[handler!("charm::a", [hook!("install")], |ctx| {
        let pairs = || (0..50).map(|n| (format!("key{n}"), n));
        let sorted: BTreeMap<String, i32> = pairs().collect();
        assert!(ctx.data_set("id", &sorted)?);
        let hashed: HashMap<String, i32> = pairs().collect();
        assert!(!ctx.data_set("id", &hashed)?);
        let one: serde_json::Value = serde_json::from_str(r#"{"a": {"x": 1, "y": 2}, "b": 0}"#)?;
        let two: serde_json::Value = serde_json::from_str(r#"{"b": 0, "a": {"y": 2, "x": 1}}"#)?;
        assert!(ctx.data_set("nested", &one)?);
        assert!(!ctx.data_set("nested", &two)?);
        Ok(())
    })]);
    unit.hook("install").ok();
}

#[test]
fn b110_a_failed_hook_has_recorded_nothing() {
    let mut unit = Unit::new(&[
        handler!("charm::a", [hook!("install", "start")], |ctx| {
            assert!(ctx.data_set("id", "hunter2")?);
            Ok(())
        }),
        handler!("charm::b", [hook!("install")], fails),
    ]);
    unit.hook("install").err();
    unit.hook("start").ok();
    assert!(
        !unit.document().to_string().contains("hunter2"),
        "digests only"
    );
}
