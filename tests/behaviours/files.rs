//! Files, as handlers write, read and remove them.

use std::os::unix::fs::MetadataExt;
use std::path::Path;

use ensign::host::{Disk, Owner};

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

#[test]
fn a_file_is_its_owners_and_is_left_alone_if_it_is_so_already() {
    let mut unit = Unit::new(&[handler!("charm::a", [hook!("config-changed")], |ctx| {
        ctx.write_file_with_owner("/etc/x", "secret", 0o640, "redis:redis")
    })]);
    let error = unit.hook("config-changed").err().line();
    assert!(error.contains("the machine has no user `redis`"), "{error}");
    assert_eq!(unit.disk.text("/etc/x"), None);
    // What the package does.
    unit.disk
        .put("/etc/passwd", "redis:x:101:102::/:/bin/false\n");
    unit.disk.put("/etc/group", "redis:x:102:\n");
    unit.hook("config-changed").ok();
    let owner = Owner { uid: 101, gid: 102 };
    assert_eq!(unit.disk.owner("/etc/x"), Some(owner));
    assert_eq!(unit.disk.mode("/etc/x"), Some(0o640));
    let inode = |unit: &Unit| unit.disk.stat("/etc/x".as_ref()).unwrap().unwrap().inode;
    let before = inode(&unit);
    unit.hook("config-changed").ok();
    assert_eq!(inode(&unit), before);
    // Somebody takes it away.
    unit.disk.put("/etc/x", "secret");
    unit.hook("config-changed").ok();
    assert_eq!(unit.disk.owner("/etc/x"), Some(owner));
    assert_eq!(unit.disk.mode("/etc/x"), Some(0o640));
}

/// Somebody else for root, who alone can give files away.
fn heir(folder: &Path) -> (u32, u32) {
    let own = std::fs::metadata(folder).unwrap();
    match own.uid() {
        0 => (65_534, 65_533),
        uid => (uid, own.gid()),
    }
}

#[test]
fn a_real_file_is_its_owners() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("x");
    // A leftover of a hook that was killed.
    std::fs::write(folder.path().join(".x.ensign-new"), "old").unwrap();
    let write = handler!("charm::a", [hook!("install")], |ctx| {
        let folder = ctx.env().charm_dir.clone();
        let (uid, gid) = heir(&folder);
        ctx.write_file_with_owner(folder.join("x"), "secret", 0o640, &format!("{uid}:{gid}"))
    });
    let mut unit = Unit::new(&[write]).in_folder(folder.path());
    unit.hook("install").ok();
    let stat = std::fs::metadata(&path).unwrap();
    assert_eq!((stat.uid(), stat.gid()), heir(folder.path()));
    assert_eq!(stat.mode() & 0o7777, 0o640);
    assert_eq!(std::fs::read_to_string(&path).unwrap(), "secret");
    assert!(!folder.path().join(".x.ensign-new").exists());
}
