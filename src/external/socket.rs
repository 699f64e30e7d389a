//! The socket of a run: where it lies, and how to reach it however long its path is.

use std::fs::{self, File};
use std::io;
use std::os::fd::AsRawFd;
use std::os::unix::net::{UnixListener, UnixStream};
use std::path::{Path, PathBuf};

/// How the sockets' names begin.
const PREFIX: &str = "transaction-";

/// The kernel's limit is 108 bytes with the final NUL; charm folders of long application names come close.
const SHORT: usize = 100;

/// A listening socket, gone when this is.
#[derive(Debug)]
pub(super) struct Door {
    pub(super) listener: UnixListener,
    path: PathBuf,
}

impl Door {
    /// Opens a socket in `folder`. The name is as good as a key: whoever is left over from an earlier run of
    /// this unit's hooks must not reach this one.
    pub(super) fn open(folder: &Path, key: u64) -> io::Result<Self> {
        let path = std::path::absolute(folder)?.join(format!("{PREFIX}{key:016x}"));
        let listener = through_folder(&path, UnixListener::bind)?;
        Ok(Self { listener, path })
    }

    /// What the child is told.
    pub(super) fn path(&self) -> &Path {
        &self.path
    }
}

impl Drop for Door {
    fn drop(&mut self) {
        let _swept_by_the_next_hook = fs::remove_file(&self.path);
    }
}

/// Calls whoever listens at `path`.
pub(super) fn connect(path: &Path) -> io::Result<UnixStream> {
    through_folder(path, UnixStream::connect)
}

/// Removes what killed hooks left behind. Only under the state folder's lock.
pub(super) fn sweep(folder: &Path) -> io::Result<()> {
    for entry in fs::read_dir(folder)? {
        let entry = entry?;
        if entry
            .file_name()
            .as_encoded_bytes()
            .starts_with(PREFIX.as_bytes())
        {
            fs::remove_file(entry.path())?;
        }
    }
    Ok(())
}

/// Hands on `path`, or, where that is too long for a socket, a short one through a descriptor of its folder.
fn through_folder<R>(path: &Path, call: impl Fn(PathBuf) -> io::Result<R>) -> io::Result<R> {
    if path.as_os_str().len() < SHORT {
        return call(path.to_owned());
    }
    let (Some(parent), Some(name)) = (path.parent(), path.file_name()) else {
        return Err(io::Error::from(io::ErrorKind::InvalidInput));
    };
    let folder = File::open(parent)?;
    let short = Path::new("/proc/self/fd").join(folder.as_raw_fd().to_string());
    call(short.join(name))
}

#[cfg(test)]
mod tests {
    use std::io::{Read, Write};

    use super::*;

    /// A folder so many long names below one that goes when the test ends.
    fn folder(depth: usize) -> (tempfile::TempDir, PathBuf) {
        let top = tempfile::tempdir().unwrap();
        let mut path = top.path().to_owned();
        for _ in 0..depth {
            path.push("a-rather-long-folder-name-of-forty-bytes");
        }
        fs::create_dir_all(&path).unwrap();
        (top, path)
    }

    fn talk(folder: &Path) {
        let door = Door::open(folder, 7).unwrap();
        let path = door.path().to_owned();
        let caller =
            std::thread::spawn(move || connect(&path).unwrap().write_all(b"hello").unwrap());
        let mut heard = String::new();
        door.listener
            .accept()
            .unwrap()
            .0
            .read_to_string(&mut heard)
            .unwrap();
        caller.join().unwrap();
        assert_eq!(heard, "hello");
        let path = door.path().to_owned();
        drop(door);
        assert!(!path.exists());
        assert_eq!(connect(&path).unwrap_err().kind(), io::ErrorKind::NotFound);
    }

    #[test]
    fn a_path_longer_than_socket_addresses_is_reached_through_its_folder() {
        let ((_one, short), (_other, long)) = (folder(0), folder(20));
        assert!(long.as_os_str().len() > 800);
        talk(&short);
        talk(&long);
    }

    #[test]
    fn a_sweep_takes_sockets_and_nothing_else() {
        let (_top, folder) = folder(1);
        fs::write(folder.join("transaction-left"), "").unwrap();
        fs::write(folder.join("state.json"), "").unwrap();
        sweep(&folder).unwrap();
        let left: Vec<_> = fs::read_dir(&folder)
            .unwrap()
            .map(|e| e.unwrap().file_name())
            .collect();
        assert_eq!(left, ["state.json"]);
    }
}
