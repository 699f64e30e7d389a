//! Files, as handlers write, read and remove them.

use crate::support::Unit;

#[test]
fn a_file_is_written_with_its_mode_read_and_removed() {
    let mut unit = Unit::new(&[handler!("charm::a", [hook!("install")], |ctx| {
        assert_eq!(ctx.read_file("/etc/x/y")?, None);
        ctx.remove_file("/etc/x/y")?;
        ctx.make_folder("/etc/x", 0o755)?;
        ctx.write_file_with_mode("/etc/x/y", "one", 0o640)?;
        assert_eq!(ctx.read_file("/etc/x/y")?.as_deref(), Some(&b"one"[..]));
        ctx.write_file_with_mode("/etc/x/z", "two", 0o600)?;
        ctx.remove_file("/etc/x/z")
    })]);
    unit.hook("install").ok();
    assert_eq!(unit.disk.mode("/etc/x/y"), Some(0o640));
    assert_eq!(unit.disk.text("/etc/x/z"), None);
}
