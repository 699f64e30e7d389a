//! What is mounted here, from `/proc/self/mountinfo`.

use std::ffi::OsString;
use std::os::unix::ffi::OsStringExt;
use std::path::{Path, PathBuf};

use crate::error::{Doing, Result};

/// Filesystems that hold files of a disk and can lie below an overlay.
const DISKS: [&str; 9] = [
    "ext2", "ext3", "ext4", "xfs", "btrfs", "zfs", "f2fs", "jfs", "bcachefs",
];

/// One mount.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Mount {
    /// Where it is mounted.
    pub(super) target: PathBuf,
    /// The filesystem's type, such as `ext4`.
    pub(super) filesystem: String,
}

impl Mount {
    /// True for files on a disk, as opposed to the kernel's own.
    pub(super) fn is_disk(&self) -> bool {
        DISKS.contains(&self.filesystem.as_str())
    }
}

/// All mounts of this process, outer ones first.
pub(super) fn mounts() -> Result<Vec<Mount>> {
    let path = "/proc/self/mountinfo";
    let text = std::fs::read(path).doing(|| format!("read `{path}`"))?;
    let mut all: Vec<Mount> = text
        .split(|byte| *byte == b'\n')
        .filter_map(parse)
        .collect();
    all.sort_by(|a, b| a.target.cmp(&b.target));
    Ok(all)
}

/// The type of the filesystem that holds `path`.
pub(super) fn filesystem_of(path: &Path, mounts: &[Mount]) -> String {
    mounts
        .iter()
        .filter(|mount| path.starts_with(&mount.target))
        .max_by_key(|mount| mount.target.components().count())
        .map_or_else(
            || "an unknown filesystem".to_owned(),
            |mount| mount.filesystem.clone(),
        )
}

/// `36 35 98:0 /root /target opts… - type source superopts`.
fn parse(line: &[u8]) -> Option<Mount> {
    let mut fields = line.split(|byte| *byte == b' ');
    let target = fields.nth(4)?;
    let filesystem = fields.skip_while(|field| *field != b"-").nth(1)?;
    Some(Mount {
        target: PathBuf::from(OsString::from_vec(unescape(target))),
        filesystem: String::from_utf8_lossy(filesystem).into_owned(),
    })
}

/// Spaces and the like are written `\040`.
fn unescape(field: &[u8]) -> Vec<u8> {
    let mut plain = Vec::with_capacity(field.len());
    let mut rest = field;
    while let Some((&byte, tail)) = rest.split_first() {
        let octal = (byte == b'\\')
            .then(|| tail.get(..3))
            .flatten()
            .and_then(|digits| std::str::from_utf8(digits).ok())
            .and_then(|digits| u8::from_str_radix(digits, 8).ok());
        match octal {
            Some(value) => {
                plain.push(value);
                rest = &tail[3..];
            }
            None => {
                plain.push(byte);
                rest = tail;
            }
        }
    }
    plain
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_mount_point_with_a_space_is_read_as_it_is() {
        let mount =
            parse(br"36 35 98:0 / /srv/my\040disk rw,noatime master:1 - ext4 /dev/x rw").unwrap();
        assert_eq!(
            mount,
            Mount {
                target: "/srv/my disk".into(),
                filesystem: "ext4".into()
            }
        );
    }

    #[test]
    fn the_innermost_mount_decides_the_filesystem_of_a_path() {
        let at = |target: &str, filesystem: &str| Mount {
            target: target.into(),
            filesystem: filesystem.into(),
        };
        let all = [
            at("/", "overlay"),
            at("/var/lib", "ext4"),
            at("/var/library", "xfs"),
        ];
        assert_eq!(filesystem_of(Path::new("/var/lib/x"), &all), "ext4");
        assert_eq!(filesystem_of(Path::new("/var/log"), &all), "overlay");
    }
}
