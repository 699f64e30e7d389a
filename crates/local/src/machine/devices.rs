//! The kernel's own filesystems in a machine: `/proc`, `/sys`, `/dev`, `/run`, `/tmp`.

use std::fs::{self, File};
use std::os::unix::fs::{PermissionsExt, symlink};
use std::path::Path;

use rustix::fs::StatVfsMountFlags;
use rustix::mount::{MountFlags, mount, mount_bind, mount_bind_recursive, mount_remount};

use super::spec::Kind;
use super::tree::make_folder;
use crate::error::{Doing, Error, Result};

/// Devices shown from the host: making them needs more rights than showing them.
const DEVICES: [&str; 6] = ["null", "zero", "full", "random", "urandom", "tty"];

/// Mounts all of them below `root`.
pub(super) fn mount_all(root: &Path, kind: &Kind) -> Result<()> {
    let safe = MountFlags::NOSUID | MountFlags::NODEV;
    kernel(root, "proc", "proc", safe | MountFlags::NOEXEC)?;
    kernel(
        root,
        "sys",
        "sysfs",
        safe | MountFlags::NOEXEC | MountFlags::RDONLY,
    )?;
    tmpfs(&root.join("run"), safe, c"mode=755")?;
    // Modes are set by hand: the process's umask takes bits away.
    folder(&root.join("run/lock"), 0o1777)?;
    tmpfs(&root.join("tmp"), safe, c"mode=1777")?;
    let dev = root.join("dev");
    tmpfs(&dev, MountFlags::NOSUID, c"mode=755")?;
    for device in DEVICES {
        let (from, to) = (Path::new("/dev").join(device), dev.join(device));
        File::create(&to).doing(|| format!("make `{}`", to.display()))?;
        mount_bind(&from, &to).doing(|| format!("show `{}` in the machine", from.display()))?;
    }
    let pts = match kind {
        Kind::Root => c"newinstance,ptmxmode=0666,mode=620,gid=5",
        // Group 5 need not exist in the user namespace.
        Kind::Rootless { .. } => c"newinstance,ptmxmode=0666,mode=620",
    };
    folder(&dev.join("pts"), 0o755)?;
    mount(
        "devpts",
        dev.join("pts"),
        "devpts",
        MountFlags::NOSUID | MountFlags::NOEXEC,
        pts,
    )
    .doing(|| "mount `/dev/pts`".into())?;
    folder(&dev.join("shm"), 0o755)?;
    tmpfs(&dev.join("shm"), safe, c"mode=1777")?;
    folder(&dev.join("mqueue"), 0o755)?;
    mount(
        "mqueue",
        dev.join("mqueue"),
        "mqueue",
        safe | MountFlags::NOEXEC,
        None,
    )
    .doing(|| "mount `/dev/mqueue`".into())?;
    for (link, to) in [
        ("ptmx", "pts/ptmx"),
        ("fd", "/proc/self/fd"),
        ("stdin", "/proc/self/fd/0"),
        ("stdout", "/proc/self/fd/1"),
        ("stderr", "/proc/self/fd/2"),
    ] {
        symlink(to, dev.join(link)).doing(|| format!("link `/dev/{link}`"))?;
    }
    Ok(())
}

/// Shows `shared` at `/run/ensign`, read-only.
pub(super) fn show_shared(root: &Path, shared: &Path) -> Result<()> {
    let target = root.join("run/ensign");
    folder(&target, 0o755)?;
    mount_bind(shared, &target).doing(|| format!("show `{}` in the machine", shared.display()))?;
    // In a user namespace the host's restrictions must be repeated to be kept.
    let found = rustix::fs::statvfs(&target)
        .doing(|| format!("look at `{}`", target.display()))?
        .f_flag;
    let kept = [
        (StatVfsMountFlags::NOSUID, MountFlags::NOSUID),
        (StatVfsMountFlags::NODEV, MountFlags::NODEV),
        (StatVfsMountFlags::NOEXEC, MountFlags::NOEXEC),
    ]
    .into_iter()
    .filter(|(restriction, _)| found.contains(*restriction))
    .fold(MountFlags::BIND | MountFlags::RDONLY, |flags, (_, flag)| {
        flags | flag
    });
    mount_remount(&target, kept, c"").doing(|| format!("make `{}` read-only", target.display()))
}

/// A filesystem of the kernel, fresh for this machine's namespaces; where a container masks parts of the
/// host's, only those may be shown.
fn kernel(root: &Path, name: &str, kind: &str, flags: MountFlags) -> Result<()> {
    let target = root.join(name);
    match mount(kind, &target, kind, flags, None) {
        Ok(()) => Ok(()),
        Err(rustix::io::Errno::PERM) => mount_bind_recursive(Path::new("/").join(name), &target)
            .doing(|| format!("show `/{name}` in the machine")),
        Err(error) => Err(Error::io(format!("mount `/{name}`"), error)),
    }
}

fn tmpfs(target: &Path, flags: MountFlags, data: &std::ffi::CStr) -> Result<()> {
    mount("tmpfs", target, "tmpfs", flags, data)
        .doing(|| format!("mount a tmpfs on `{}`", target.display()))
}

fn folder(path: &Path, mode: u32) -> Result<()> {
    make_folder(path, mode)?;
    fs::set_permissions(path, fs::Permissions::from_mode(mode))
        .doing(|| format!("set the mode of `{}`", path.display()))
}
