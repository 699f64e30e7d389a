//! Programs that would wait for their own hook.
//!
//! One process at a time has the unit's state. A handler's child that opens it instead of taking part in the hook's
//! transaction would wait for the hook, and the hook for it.

use std::fs;
use std::os::unix::fs::MetadataExt;

use crate::error::{Error, ErrorKind, Result};
use crate::hook::HookEnv;

/// Refuses to run a hook inside a handler's process.
pub(crate) fn refuse_inside_handler() -> Result {
    if HookEnv::transaction().is_none() {
        return Ok(());
    }
    Err(Error::new(
        ErrorKind::Unavailable,
        "a handler has started the charm itself, which would wait for the handler's own hook",
    )
    .hint("call `charms.reactive` to change flags; Juju runs the hooks"))
}

/// Refuses to open the state below a process of this very charm, which has it open.
pub(super) fn refuse_below_handler() -> Result {
    if !has_own_ancestor() {
        return Ok(());
    }
    Err(Error::new(
        ErrorKind::Unavailable,
        "a handler of this charm has started this without its environment, so it cannot take part in the hook",
    )
    .hint("pass `ENSIGN_TRANSACTION` on, as `sudo --preserve-env=ENSIGN_TRANSACTION` does; in Rust use the context's own methods"))
}

/// Whether a process above this one runs the same file. One that cannot be looked at counts as another.
fn has_own_ancestor() -> bool {
    let identity = |pid: u32| {
        fs::metadata(format!("/proc/{pid}/exe"))
            .ok()
            .map(|file| (file.dev(), file.ino()))
    };
    let own = std::process::id();
    let Some(wanted) = identity(own) else {
        return false;
    };
    let mut pid = own;
    while let Some(parent) = parent(pid).filter(|parent| *parent > 1) {
        if identity(parent) == Some(wanted) {
            return true;
        }
        pid = parent;
    }
    false
}

fn parent(pid: u32) -> Option<u32> {
    let stat = fs::read_to_string(format!("/proc/{pid}/stat")).ok()?;
    // The second field is the program's name in brackets, which may hold anything.
    let (_, rest) = stat.rsplit_once(')')?;
    rest.split_whitespace().nth(1)?.parse().ok()
}
