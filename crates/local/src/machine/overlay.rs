//! One overlay mount.

use std::ffi::CString;
use std::io;
use std::os::unix::ffi::OsStrExt;
use std::path::Path;

use rustix::mount::MountFlags;

/// The layers of one overlay: what is read, what is written.
#[derive(Debug, Clone, Copy)]
pub(super) struct Overlay<'a> {
    /// Read from these, the first wins.
    pub(super) lower: &'a [&'a Path],
    /// Everything written goes here.
    pub(super) upper: &'a Path,
    /// The kernel's own scratch folder, on the same filesystem as `upper`.
    pub(super) work: &'a Path,
    /// Made in a user namespace: marks are kept in `user.` attributes.
    pub(super) user: bool,
}

impl Overlay<'_> {
    /// Mounts it on `target`.
    pub(super) fn mount(&self, target: &Path) -> io::Result<()> {
        let mut data = b"lowerdir=".to_vec();
        for (index, lower) in self.lower.iter().enumerate() {
            if index > 0 {
                data.push(b':');
            }
            escape(lower, &mut data);
        }
        data.extend_from_slice(b",upperdir=");
        escape(self.upper, &mut data);
        data.extend_from_slice(b",workdir=");
        escape(self.work, &mut data);
        if self.user {
            data.extend_from_slice(b",userxattr");
        }
        let data = CString::new(data)?;
        rustix::mount::mount(
            "overlay",
            target,
            "overlay",
            MountFlags::empty(),
            data.as_c_str(),
        )?;
        Ok(())
    }
}

/// The kernel splits options at commas and lower folders at colons.
fn escape(path: &Path, into: &mut Vec<u8>) {
    for &byte in path.as_os_str().as_bytes() {
        if matches!(byte, b'\\' | b',' | b':') {
            into.push(b'\\');
        }
        into.push(byte);
    }
}
