//! What the attributes register: in the slice, which the dispatcher reads, and as JSON lines in the section
//! `.ensign`, which tools read without running the charm. Both must say the same.

use std::collections::BTreeMap;

use ensign::dispatch::describe;
use ensign::handler::{Clause, CrateOrder, Handler};
use ensign::prelude::*;
use ensign::{Registry, TRIGGERS};
use object::{Object, ObjectSection};
use serde_json::{Value, json};

const READY: Flag = Flag::new("my-charm.ready");

#[when("a", READY)]
#[when_all("c")]
#[when_any("d", "e")]
#[when_not("f")]
#[when_none(READY_NOT)]
#[when_not_all("g", "h")]
#[when_changed(
    leader = "admin \"password\"",
    config = "port",
    file = "/etc/a\\b",
    data = "x",
    endpoint = "db.host"
)]
#[only_once]
#[not_unless("i", READY)]
#[before("registration::other")]
#[after("registration::one", "registration::two")]
#[sets("j", "k.*", READY)]
#[clears("l")]
#[id("registration::everything")]
#[was("old", "older")]
fn everything(ctx: &mut Context) -> Result {
    ctx.set_flag("j")?;
    ctx.set_flag("m")?;
    ctx.toggle_flag("n", true)
}

const READY_NOT: Flag = Flag::new("not.ready");

#[sets("late")]
#[hook("install", "{requires:http}-relation-{joined,changed}")]
fn modifiers_first() {}

#[action]
fn back_up_all() {}

#[action("restore", "restore-all")]
fn r#fn(_ctx: &mut Context, _hook: Hook) -> Result<Outcome> {
    Ok(Stop)
}

#[collect_metrics]
fn metrics() {}

#[meter_status_changed]
fn meter(_ctx: &Context) {}

#[only_once()]
fn parenthesised() {}

mod inner {
    use ensign::prelude::*;

    #[when("x")]
    pub(crate) fn nested(_ctx: &mut Context, _hook: Hook) -> ensign::Result<()> {
        Ok(())
    }
}

macro_rules! handler {
    ($name:ident, $flag:literal) => {
        #[when($flag)]
        #[when_not("made")]
        fn $name(ctx: &mut Context) -> Result {
            ctx.set_flag($flag)
        }
    };
}

handler!(made_by_a_macro, "p");

fn _host() {
    #[when("q")]
    fn inside_a_function() {}
}

ensign::trigger!(when = "a", set = "b", set = READY, clear = "c");
ensign::trigger!(when_not = READY, clear = "d");

fn registry() -> Registry {
    Registry::linked(CrateOrder::new(["registration"]))
}

fn handler(name: &str) -> &'static Handler {
    let id = format!("registration::{name}");
    registry()
        .handlers()
        .iter()
        .find(|h| h.id == id)
        .unwrap_or_else(|| panic!("no handler `{id}`"))
}

/// The lines of this test's own binary that stand in `crate` `registration`.
fn lines(kind: &str) -> Vec<Value> {
    let path = std::env::current_exe().expect("a path");
    let bytes = std::fs::read(path).expect("the binary");
    let file = object::File::parse(bytes.as_slice()).expect("an ELF file");
    let section = file.section_by_name(".ensign").expect("the section");
    let text = String::from_utf8(section.data().expect("bytes").to_vec()).expect("UTF-8");
    text.lines()
        .map(|line| serde_json::from_str::<Value>(line).unwrap_or_else(|e| panic!("{e}: {line}")))
        .filter(|line| line["kind"] == kind && line["crate"] == "registration")
        .collect()
}

fn by_id(list: impl IntoIterator<Item = Value>) -> BTreeMap<String, Value> {
    list.into_iter().map(|h| (h["id"].to_string(), h)).collect()
}

#[test]
fn the_section_says_what_the_slice_says() {
    let mut section = by_id(lines("handler"));
    for line in section.values_mut() {
        let line = line.as_object_mut().expect("an object");
        assert_eq!(line.remove("schema"), Some(json!(1)));
        assert_eq!(line.remove("kind"), Some(json!("handler")));
    }
    let described = describe(&registry());
    let slice = described["handlers"].as_array().expect("an array").clone();
    let slice = by_id(slice.into_iter().filter(|h| h["crate"] == "registration"));
    assert_eq!(section, slice);
    assert_eq!(section.len(), 10);
}

#[test]
fn triggers_stand_in_slice_and_section() {
    let shown = |line: &Value| json!([line["when"], line["when_not"], line["set"], line["clear"]]);
    let mut section: Vec<Value> = lines("trigger").iter().map(shown).collect();
    section.sort_by_key(Value::to_string);
    assert_eq!(
        section,
        [
            json!(["a", null, ["b", "my-charm.ready"], ["c"]]),
            json!([null, "my-charm.ready", [], ["d"]]),
        ]
    );
    let names = |flags: &[Flag]| flags.iter().map(|f| f.name()).collect::<Vec<_>>();
    let mut slice: Vec<Value> = TRIGGERS
        .iter()
        .filter(|t| t.krate == "registration")
        .inspect(|t| assert_eq!(t.file, "tests/registration.rs"))
        .map(|t| {
            json!([
                t.when.map(|f| f.name()),
                t.when_not.map(|f| f.name()),
                names(t.set),
                names(t.clear)
            ])
        })
        .collect();
    slice.sort_by_key(Value::to_string);
    assert_eq!(slice, section);
}

#[test]
fn b18_b19_all_attributes_of_a_function_are_one_handler_in_the_order_they_stand() {
    let all = handler("everything");
    let kinds: Vec<_> = all
        .clauses
        .iter()
        .map(|c| match c {
            Clause::When(f) => format!("when {}", f.len()),
            Clause::WhenAny(f) => format!("any {}", f.len()),
            Clause::WhenNot(f) => format!("not {}", f.len()),
            Clause::WhenNotAll(f) => format!("not_all {}", f.len()),
            Clause::WhenChanged(s) => format!("changed {}", s.len()),
            Clause::OnlyOnce => "once".to_owned(),
            Clause::NotUnless(f) => format!("unless {}", f.len()),
            other => panic!("{other:?}"),
        })
        .collect();
    assert_eq!(
        kinds,
        [
            "when 2",
            "when 1",
            "any 2",
            "not 1",
            "not 1",
            "not_all 2",
            "changed 5",
            "once",
            "unless 2"
        ]
    );
}

#[test]
fn declared_flags_come_first_then_those_seen_in_the_body() {
    let all = handler("everything");
    assert_eq!(all.sets, ["j", "k.*", "my-charm.ready", "m", "n"]);
    assert_eq!(all.clears, ["l", "n"]);
    assert_eq!(all.before, ["registration::other"]);
    assert_eq!(all.after, ["registration::one", "registration::two"]);
    assert_eq!(all.was, ["old", "older"]);
}

#[test]
fn a_handler_is_called_by_its_path_unless_it_says_otherwise() {
    for name in [
        "modifiers_first",
        "inner::nested",
        "fn",
        "made_by_a_macro",
        "inside_a_function",
        "everything",
    ] {
        assert_eq!(handler(name).krate, "registration");
    }
}

#[test]
fn a_handler_knows_its_file_in_the_package_and_the_line_of_its_name() {
    let source = include_str!("registration.rs");
    let line = |text: &str| {
        source
            .lines()
            .position(|l| l.starts_with(text))
            .expect(text)
            + 1
    };
    for (name, text) in [
        ("everything", "fn everything("),
        ("metrics", "fn metrics("),
        ("made_by_a_macro", "handler!("),
    ] {
        assert_eq!(handler(name).file, "tests/registration.rs");
        assert_eq!(handler(name).line as usize, line(text), "{name}");
    }
}

#[test]
fn an_action_without_a_name_has_the_functions() {
    let names = |name: &str| match handler(name).clauses {
        [Clause::Action(names)] => names.to_vec(),
        other => panic!("{other:?}"),
    };
    assert_eq!(names("back_up_all"), ["back-up-all"]);
    assert_eq!(names("fn"), ["restore", "restore-all"]);
}

#[test]
fn b38_only_once_needs_no_parentheses_but_may_have_them() {
    assert!(matches!(
        handler("parenthesised").clauses,
        [Clause::OnlyOnce]
    ));
}
