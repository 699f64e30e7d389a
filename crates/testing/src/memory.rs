//! A host that lives in memory: files, clock and random bytes of a unit in a test.

use std::cell::{Cell, RefCell};
use std::collections::{BTreeMap, BTreeSet};
use std::io;
use std::path::{Path, PathBuf};
use std::rc::Rc;
use std::time::Duration;

use ensign::host::{Access, Clock, Disk, Entropy, FileStat, Owner};

/// Files in memory. Clones share them: keep one to look at what a hook wrote.
#[derive(Debug, Clone, Default)]
pub struct MemoryDisk {
    inner: Rc<RefCell<Files>>,
    clock: TestClock,
}

#[derive(Debug, Default)]
struct Files {
    files: BTreeMap<PathBuf, Stored>,
    folders: BTreeSet<PathBuf>,
    inodes: u64,
    locked: BTreeSet<PathBuf>,
}

#[derive(Debug, Clone)]
struct Stored {
    bytes: Vec<u8>,
    stat: FileStat,
}

impl MemoryDisk {
    /// An empty disk whose time stamps come from `clock`.
    #[must_use]
    pub fn new(clock: TestClock) -> Self {
        Self {
            inner: Rc::default(),
            clock,
        }
    }

    /// A copy of its own, as it is now.
    pub(crate) fn copied(&self) -> Self {
        self.copied_at(&self.clock)
    }

    /// The same, whose time stamps come from another clock.
    pub(crate) fn copied_at(&self, clock: &TestClock) -> Self {
        let files = self.inner.borrow();
        Self {
            inner: Rc::new(RefCell::new(Files {
                files: files.files.clone(),
                folders: files.folders.clone(),
                inodes: files.inodes,
                locked: BTreeSet::new(),
            })),
            clock: clock.clone(),
        }
    }

    /// A file's text, if it is there and is text.
    #[must_use]
    pub fn text(&self, path: impl AsRef<Path>) -> Option<String> {
        let files = self.inner.borrow();
        String::from_utf8(files.files.get(path.as_ref())?.bytes.clone()).ok()
    }

    /// A file's permission bits, if it is there.
    #[must_use]
    pub fn mode(&self, path: impl AsRef<Path>) -> Option<u32> {
        Some(self.inner.borrow().files.get(path.as_ref())?.stat.mode)
    }

    /// Whose a file is, if it is there.
    #[must_use]
    pub fn owner(&self, path: impl AsRef<Path>) -> Option<Owner> {
        Some(self.inner.borrow().files.get(path.as_ref())?.stat.owner)
    }

    /// Writes a file as something outside the charm would.
    pub fn put(&self, path: impl AsRef<Path>, content: impl AsRef<[u8]>) {
        self.store(path.as_ref(), content.as_ref(), 0o644.into());
    }

    /// Writes into a file that is there, in place: the inode stays, and so do time stamps if no time passed.
    pub fn scribble(&self, path: impl AsRef<Path>, content: impl AsRef<[u8]>) {
        let modified = self.clock.wall();
        if let Some(file) = self.inner.borrow_mut().files.get_mut(path.as_ref()) {
            file.bytes = content.as_ref().to_owned();
            file.stat.size = file.bytes.len() as u64;
            file.stat.modified = modified;
        }
    }

    /// Removes a file as something outside the charm would.
    pub fn delete(&self, path: impl AsRef<Path>) {
        self.inner.borrow_mut().files.remove(path.as_ref());
    }

    /// All files, sorted.
    #[must_use]
    pub fn paths(&self) -> Vec<PathBuf> {
        self.inner.borrow().files.keys().cloned().collect()
    }

    fn store(&self, path: &Path, bytes: &[u8], access: Access) {
        let modified = self.clock.wall();
        let mut files = self.inner.borrow_mut();
        files.inodes += 1;
        let stat = FileStat {
            size: bytes.len() as u64,
            mode: access.mode,
            inode: files.inodes,
            modified,
            // As a hook is root's.
            owner: access.owner.unwrap_or(Owner { uid: 0, gid: 0 }),
        };
        files.files.insert(
            path.to_owned(),
            Stored {
                bytes: bytes.to_owned(),
                stat,
            },
        );
    }
}

impl Disk for MemoryDisk {
    fn read(&self, path: &Path) -> io::Result<Option<Vec<u8>>> {
        Ok(self.inner.borrow().files.get(path).map(|f| f.bytes.clone()))
    }

    fn stat(&self, path: &Path) -> io::Result<Option<FileStat>> {
        Ok(self.inner.borrow().files.get(path).map(|f| f.stat))
    }

    fn replace(&mut self, path: &Path, bytes: &[u8], access: Access) -> io::Result<()> {
        self.store(path, bytes, access);
        Ok(())
    }

    fn rename(&mut self, from: &Path, to: &Path) -> io::Result<()> {
        let mut files = self.inner.borrow_mut();
        let moved = files
            .files
            .remove(from)
            .ok_or_else(|| io::Error::from(io::ErrorKind::NotFound))?;
        files.files.insert(to.to_owned(), moved);
        Ok(())
    }

    fn remove(&mut self, path: &Path) -> io::Result<()> {
        self.inner.borrow_mut().files.remove(path);
        Ok(())
    }

    fn make_folder(&mut self, path: &Path, _mode: u32) -> io::Result<()> {
        self.inner.borrow_mut().folders.insert(path.to_owned());
        Ok(())
    }

    fn lock(&mut self, path: &Path) -> io::Result<Box<dyn std::fmt::Debug>> {
        // One thread runs all units: waiting for a lock would wait for ever, so a second taker is an error.
        if !self.inner.borrow_mut().locked.insert(path.to_owned()) {
            return Err(io::Error::from(io::ErrorKind::WouldBlock));
        }
        Ok(Box::new(Guard {
            files: Rc::clone(&self.inner),
            path: path.to_owned(),
        }))
    }
}

/// Gives the lock back.
#[derive(Debug)]
struct Guard {
    files: Rc<RefCell<Files>>,
    path: PathBuf,
}

impl Drop for Guard {
    fn drop(&mut self) {
        self.files.borrow_mut().locked.remove(&self.path);
    }
}

/// Not zero: a machine that has run for a while, on a date after the last release.
const START: Duration = Duration::from_secs(1_800_000_000);

/// A clock that stands still until it is told otherwise. Clones share the time.
#[derive(Debug, Clone)]
pub struct TestClock {
    now: Rc<Cell<Duration>>,
}

impl Default for TestClock {
    fn default() -> Self {
        Self {
            now: Rc::new(Cell::new(START)),
        }
    }
}

impl TestClock {
    /// Moves the time on.
    pub fn advance(&self, by: Duration) {
        self.now.set(self.now.get() + by);
    }

    /// A clock of its own that shows the same time.
    pub(crate) fn copied(&self) -> Self {
        Self {
            now: Rc::new(Cell::new(self.now.get())),
        }
    }

    /// Sets it to so long after its start.
    pub(crate) fn set_since_start(&self, passed: Duration) {
        self.now.set(START + passed);
    }
}

impl Clock for TestClock {
    fn uptime(&self) -> Duration {
        self.now.get()
    }

    fn wall(&self) -> Duration {
        self.now.get()
    }
}

/// Bytes that look random and are the same in every run with the same seed.
#[derive(Debug, Clone)]
pub struct SeededEntropy {
    state: Rc<Cell<u64>>,
}

impl SeededEntropy {
    /// A generator that starts from `seed`.
    #[must_use]
    pub fn new(seed: u64) -> Self {
        Self {
            state: Rc::new(Cell::new(seed)),
        }
    }
}

impl SeededEntropy {
    /// A copy that goes on from here on its own.
    pub(crate) fn copied(&self) -> Self {
        Self::new(self.state.get())
    }
}

impl Entropy for SeededEntropy {
    fn fill(&mut self, buffer: &mut [u8]) -> io::Result<()> {
        for chunk in buffer.chunks_mut(8) {
            // SplitMix64: enough for tests, and nothing else may use it.
            let state = self.state.get().wrapping_add(0x9e37_79b9_7f4a_7c15);
            self.state.set(state);
            let mut z = state;
            z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
            z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
            z ^= z >> 31;
            chunk.copy_from_slice(&z.to_le_bytes()[..chunk.len()]);
        }
        Ok(())
    }
}
