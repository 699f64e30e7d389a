//! Other programs: what they are given, and what an error tells of them.

use crate::support::Unit;

#[test]
fn a_program_reads_what_it_is_given_and_nothing_of_the_hook() {
    let mut unit = Unit::new(&[handler!("charm::a", [hook!("install")], |ctx| {
        let said = ctx.command("cat").input("one\ntwo\n").output()?;
        assert_eq!(said, "one\ntwo\n");
        assert_eq!(ctx.command("cat").output()?, "", "its input is closed");
        let environment = ctx.command("env").env("MINE", "1").output()?;
        let names: Vec<&str> = environment
            .lines()
            .filter_map(|l| Some(l.split_once('=')?.0))
            .collect();
        assert!(
            names.contains(&"MINE") && names.contains(&"HOME"),
            "{names:?}"
        );
        assert!(
            !names.iter().any(|name| name.starts_with("JUJU_")),
            "{names:?}"
        );
        Ok(())
    })]);
    unit.env("JUJU_SECRET", "hunter2");
    unit.hook("install").ok();
}

#[test]
fn more_input_than_a_pipe_holds_arrives_and_a_program_need_not_read_it() {
    let mut unit = Unit::new(&[handler!("charm::a", [hook!("install")], |ctx| {
        let much = "0123456789abcdef".repeat(20_000);
        assert_eq!(ctx.command("cat").input(&much).output()?, much);
        ctx.command("true").input(&much).run()
    })]);
    unit.hook("install").ok();
}

#[test]
fn an_error_has_the_programs_last_words_and_nothing_secret() {
    let mut unit = Unit::new(&[handler!("charm::a", [hook!("install")], |ctx| {
        ctx.command("sh")
            .args([
                "-c",
                "cat >/dev/null; echo first >&2; echo no such user >&2; exit 3",
            ])
            .secret_arg("hunter2")
            .env("PASSWORD", "hunter3")
            .input("hunter4")
            .run()
    })]);
    let error = unit.hook("install").err().line();
    assert!(error.contains("exit status: 3: no such user"), "{error}");
    assert!(!error.contains("hunter"), "{error}");
}

#[test]
fn a_program_that_is_not_there_is_said_to_be_missing() {
    let mut unit = Unit::new(&[handler!("charm::a", [hook!("install")], |ctx| {
        ctx.command("no-such-program").arg("--now").run()
    })]);
    let error = unit.hook("install").err();
    let line = error.line();
    assert!(
        line.contains("cannot start `no-such-program --now`"),
        "{line}"
    );
    let advice = "is the package that brings `no-such-program` installed?";
    assert_eq!(error.advice(), Some(advice));
}
