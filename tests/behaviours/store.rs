//! B101–B106: the unit's own values; D27, D33; the state document on disk.

use std::collections::BTreeMap;
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};
use std::sync::mpsc;
use std::time::Duration;

use ensign::ErrorKind;
use ensign::host::SystemDisk;
use ensign::store::{Owner, Store};
use serde_json::{Value, json};

use crate::support::{DOUBT, NEXT, STATE, Unit, fails, nothing};

/// A unit whose `install` does one thing and whose `start` another.
macro_rules! unit {
    ($install:expr, $start:expr) => {
        Unit::new(&[
            handler!("charm::install", [hook!("install")], $install),
            handler!("charm::start", [hook!("start")], $start),
        ])
    };
}

fn map(pairs: &[(&str, i32)]) -> BTreeMap<String, Value> {
    pairs
        .iter()
        .map(|(k, v)| ((*k).to_owned(), json!(v)))
        .collect()
}

#[test]
fn b101_values_are_json_and_get_takes_a_default() {
    let mut unit = unit!(
        |ctx| {
            assert_eq!(ctx.kv().get::<String>("text")?, None);
            assert_eq!(ctx.kv().get_or("number", 7)?, 7);
            ctx.kv().set("text", "one")?;
            ctx.kv().set("number", &1)?;
            ctx.kv().set("list", &["a", "b"])?;
            ctx.kv().set("nothing", &Value::Null)?;
            assert_eq!(ctx.kv().get_or("number", 7)?, 1);
            let error = ctx.kv().get::<i32>("text").unwrap_err();
            assert_eq!(error.kind(), ErrorKind::Invalid);
            assert!(error.line().contains("`text` is not a `i32`"), "{error:?}");
            Ok(())
        },
        |ctx| {
            assert_eq!(ctx.kv().get::<String>("text")?.unwrap(), "one");
            assert_eq!(ctx.kv().get::<Vec<String>>("list")?.unwrap(), ["a", "b"]);
            assert_eq!(ctx.kv().get::<Value>("nothing")?, Some(Value::Null));
            Ok(())
        }
    );
    unit.hook("install").ok();
    unit.hook("start").ok();
}

#[test]
fn b102_update_sets_prefix_and_key_for_each() {
    let mut unit = unit!(|ctx| ctx.kv().update([("a", 1), ("b", 2)], "ns."), |ctx| {
        assert_eq!(ctx.kv().range("", false), map(&[("ns.a", 1), ("ns.b", 2)]));
        Ok(())
    });
    unit.hook("install").ok();
    assert_eq!(unit.hook("start").ok().ran.len(), 1);
}

#[test]
fn b103_a_range_is_what_starts_with_a_prefix_with_or_without_it() {
    unit!(
        |ctx| {
            let mut kv = ctx.kv();
            kv.update([("a", 1), ("b", 2)], "ns.")?;
            kv.set("other", &3)?;
            assert_eq!(kv.range("ns.", false), map(&[("ns.a", 1), ("ns.b", 2)]));
            assert_eq!(kv.range("ns.", true), map(&[("a", 1), ("b", 2)]));
            assert!(kv.range("nobody.", true).is_empty());
            Ok(())
        },
        nothing
    )
    .hook("install")
    .ok();
}

#[test]
fn b104_values_are_removed_one_by_one_by_keys_or_by_prefix() {
    unit!(
        |ctx| {
            let mut kv = ctx.kv();
            kv.update([("a", 1), ("b", 2), ("c", 3)], "ns.")?;
            kv.update([("a", 1), ("b", 2)], "two.")?;
            kv.unset("ns.a");
            kv.unset("never.there");
            kv.unset_keys(["b", "z"], "ns.");
            assert_eq!(kv.range("ns.", true), map(&[("c", 3)]));
            kv.unset_range("two.");
            assert_eq!(kv.range("", false), map(&[("ns.c", 3)]));
            Ok(())
        },
        nothing
    )
    .hook("install")
    .ok();
}

#[test]
fn b105_nothing_is_kept_until_the_hook_commits() {
    let mut unit = unit!(
        |ctx| {
            ctx.kv().set("k", "kept")?;
            Ok(())
        },
        |ctx| {
            ctx.kv().set("k", "lost")?;
            ctx.kv().set("l", "lost")?;
            fails(ctx)
        }
    );
    unit.hook("install").ok();
    unit.hook("start").err();
    assert_eq!(unit.document()["kv"], json!({"k": "kept"}));
}

#[test]
fn b106_setting_the_same_value_writes_nothing() {
    fn set(ctx: &mut ensign::Context) -> ensign::Result {
        ctx.kv().set("k", &json!({"a": 1, "b": 2}))?;
        ctx.kv().unset("never there");
        ctx.set_flag("a")?;
        ctx.data_set("id", "value").map(drop)
    }
    let mut unit = unit!(set, set);
    unit.hook("install").ok();
    // Settled first, so that only what `start` itself does is seen.
    unit.hook("update-status").ok();
    let faults = ensign_testing::Faults::none();
    unit.hook_under("start", &faults).ok();
    assert_eq!(faults.steps(), ["make folder .ensign"]);
}

#[test]
fn d27_prefixes_are_exact() {
    unit!(
        |ctx| {
            let mut kv = ctx.kv();
            for key in ["my_ns.a", "myXns.b", "MY_NS.c", "my%ns.d", "my_ns"] {
                kv.set(key, &1)?;
            }
            assert_eq!(kv.range("my_ns.", false), map(&[("my_ns.a", 1)]));
            kv.unset_range("my%ns.");
            assert_eq!(kv.range("my", false).len(), 3);
            Ok(())
        },
        nothing
    )
    .hook("install")
    .ok();
}

/// Runs a hook that must refuse the state, and checks that it changed nothing. Returns what Juju's log says.
#[track_caller]
fn refused(unit: &mut Unit, file: &str, content: &str) -> String {
    unit.disk.put(file, content);
    let before: Vec<_> = unit.disk.paths();
    let ran = unit.hook("install");
    assert!(ran.ran.is_empty(), "{:?}", ran.ran);
    assert_eq!(ran.err().kind(), ErrorKind::Store);
    assert_eq!(unit.disk.text(file).unwrap(), content, "untouched");
    assert_eq!(unit.disk.paths(), before);
    let log = unit.juju.log();
    assert!(log.last().unwrap().starts_with("ERROR: "), "{log:?}");
    assert!(log.last().unwrap().contains(file), "{log:?}");
    log.last().unwrap().clone()
}

/// The text of a document that this unit wrote.
fn good() -> String {
    let mut unit = unit!(|ctx| ctx.set_flag("a"), nothing);
    unit.hook("install").ok();
    unit.hook("start").ok();
    unit.disk.text(STATE).unwrap()
}

#[test]
fn a_truncated_document_is_refused_with_the_way_out() {
    let good = good();
    for file in [STATE, NEXT] {
        for length in [0, 1, good.len() / 2, good.len() - 1] {
            let mut unit = unit!(nothing, nothing);
            let said = refused(&mut unit, file, &good[..length]);
            assert!(
                said.contains("cannot be read") && said.contains("and run `juju resolved`"),
                "{said}"
            );
        }
    }
    let mut unit = unit!(nothing, nothing);
    let said = refused(&mut unit, DOUBT, "[\"half");
    assert!(said.contains("cannot be read"), "{said}");
}

#[test]
fn a_document_of_a_newer_major_version_is_refused_whatever_its_shape() {
    for text in [
        r#"{"version": "2.0", "flags": 7}"#,
        r#"{"version": "10.1"}"#,
    ] {
        let mut unit = unit!(nothing, nothing);
        let said = refused(&mut unit, STATE, text);
        assert!(said.contains("this charm knows version 1"), "{said}");
        assert!(
            said.contains("deploy the charm revision that wrote it"),
            "{said}"
        );
    }
}

#[test]
fn d33_a_foreign_document_is_refused_with_the_way_out() {
    let good = good();
    for (variable, value) in [
        ("JUJU_UNIT_NAME", "charm/1"),
        ("JUJU_MODEL_UUID", "0ddba11f-0bad-400d-8000-4b1d0d06f00d"),
    ] {
        for file in [STATE, NEXT] {
            let mut unit = unit!(nothing, nothing);
            unit.env(variable, value);
            let said = refused(&mut unit, file, &good);
            assert!(
                said.contains("belongs to unit `charm/0` of model `deadbeef-"),
                "{said}"
            );
            assert!(said.contains("was shipped with the charm"), "{said}");
            assert!(said.contains("and run `juju resolved`"), "{said}");
        }
    }
}

#[test]
fn fields_of_a_newer_minor_version_are_kept() {
    let mut unit = Unit::new(&[
        handler!("charm::once", [ensign::handler::Clause::OnlyOnce], nothing),
        handler!("charm::start", [hook!("start")], |ctx| ctx.set_flag("b")),
        handler!("charm::file", [changed!("file" = "/etc/x")], nothing),
    ]);
    unit.disk.put("/etc/x", "1");
    unit.wait(60);
    unit.hook("install").ok();
    unit.hook("update-status").ok();
    let mut document: Value = serde_json::from_str(&unit.disk.text(STATE).unwrap()).unwrap();
    document["version"] = json!("1.7");
    document["journal"] = json!(["x"]);
    document["marks"]["charm::once"]["when"] = json!("long ago");
    document["files"]["/etc/x"]["sha256"] = json!("abc");
    document["memory"]["leadership."] = json!({"values": {}, "secret": "rev 2"});
    unit.disk.put(STATE, document.to_string());
    unit.hook("start").ok();
    let after = unit.document();
    assert_eq!(after["flags"], json!(["b"]), "it was written anew");
    for field in ["version", "journal", "marks", "files", "memory"] {
        assert_eq!(after[field], document[field], "{field}");
    }
}

#[test]
fn a_new_disk_starts_afresh() {
    let mut unit = unit!(|ctx| ctx.set_flag("a"), nothing);
    unit.hook("install").ok();
    // The machine was replaced: Juju still has the id of a commit, and it means nothing here.
    for path in unit.disk.paths() {
        unit.disk.delete(path);
    }
    unit.hook("start").ok();
    assert!(unit.stored_flags().is_empty());
}

#[test]
fn a_secret_file_becomes_private_even_where_its_content_was_there_before() {
    let mut unit = unit!(
        |ctx| ctx.write_secret_file("/etc/secret", "hunter2"),
        |ctx| ctx.write_file("/etc/secret", "hunter2")
    );
    unit.disk.put("/etc/secret", "hunter2");
    assert_eq!(unit.disk.mode("/etc/secret"), Some(0o644));
    unit.hook("install").ok();
    assert_eq!(unit.disk.mode("/etc/secret"), Some(0o600));
    let again = ensign_testing::Faults::none();
    unit.hook_under("install", &again).ok();
    let written = again.steps().iter().any(|s| s.ends_with(" secret"));
    assert!(!written, "the same content in the same mode is left alone");
    unit.hook("start").ok();
    assert_eq!(unit.disk.mode("/etc/secret"), Some(0o644));
}

/// A folder of its own, removed when the test ends.
struct Folder(PathBuf);

impl Folder {
    fn new(name: &str) -> Self {
        let path = std::env::temp_dir().join(format!("ensign-{name}-{}", std::process::id()));
        std::fs::create_dir_all(&path).unwrap();
        Self(path)
    }
}

impl Drop for Folder {
    fn drop(&mut self) {
        std::fs::remove_dir_all(&self.0).unwrap();
    }
}

fn mode(path: &Path) -> u32 {
    std::fs::metadata(path).unwrap().permissions().mode() & 0o7777
}

#[test]
fn the_state_folder_is_the_owners_alone() {
    let folder = Folder::new("modes");
    let mut unit = Unit::new(&[
        handler!("charm::a", [changed!("data" = "x")], nothing),
        handler!("charm::b", [hook!("install")], |ctx| {
            ctx.data_set("x", "1").map(drop)
        }),
    ])
    .in_folder(&folder.0);
    unit.hook("install").ok();
    let state = folder.0.join(".ensign");
    assert_eq!(mode(&state), 0o700);
    let mut files: Vec<_> = std::fs::read_dir(&state)
        .unwrap()
        .map(|f| f.unwrap().file_name().into_string().unwrap())
        .collect();
    files.sort();
    assert_eq!(files, ["doubt", "lock", "state.next"]);
    for file in files {
        assert_eq!(mode(&state.join(&file)), 0o600, "{file}");
    }
    unit.hook("start").ok();
    assert_eq!(mode(&state.join("state.json")), 0o600);
    assert!(!state.join("state.next").exists());
    assert!(!state.join("doubt").exists());
}

#[test]
fn processes_of_a_unit_take_turns() {
    let folder = Folder::new("lock");
    let open = |path: &Path| {
        let owner = Owner {
            model: "m".to_owned(),
            unit: "u/0".to_owned(),
        };
        Store::open(&mut SystemDisk, path, owner).unwrap()
    };
    let first = open(&folder.0);
    let (send, receive) = mpsc::channel();
    let path = folder.0.clone();
    let second = std::thread::spawn(move || {
        open(&path);
        send.send(()).unwrap();
    });
    let wait = Duration::from_millis(100);
    assert!(receive.recv_timeout(wait).is_err(), "it has to wait");
    drop(first);
    assert!(receive.recv_timeout(Duration::from_secs(10)).is_ok());
    second.join().unwrap();
}
