//! Handlers that are executables of any language, and the `charms.reactive` command they use.
//!
//! An executable in `reactive/` is asked with `--test` whether it is due and run with `--invoke` (B94–B96).
//! While it runs, this process keeps the hook's transaction open and serves the child's `charms.reactive`
//! calls over a socket in the state folder, so that a flag set by a shell script stands or falls with the hook
//! like any other (D6). A test must change nothing (D4): writes are refused while `--test` runs, except
//! `register_trigger`, which is a declaration and forgotten at the end of the hook.
//!
//! What the child gets besides Juju's own variables:
//!
//! | variable | holds |
//! |---|---|
//! | `PATH` | the charm's `bin/` first: `charms.reactive`, and `source charms.reactive.sh` |
//! | `CHARM_DIR`, `JUJU_CHARM_DIR` | the charm's folder |
//! | `JUJU_HOOK_NAME` | the hook's name; empty in actions |
//! | `ENSIGN_TRANSACTION` | the socket of this very run: another run's is worth nothing |
//! | `ENSIGN_HANDLER` | the path of the executable inside the charm, such as `reactive/web.sh` |
//! | `ENSIGN_PHASE` | `hooks`, `other` or `action`: what kind of handler is being looked for |

mod child;
pub(crate) mod command;
mod condition;
mod discover;
mod executable;
mod function;
mod handler;
mod mailbox;
mod nesting;
mod pipe;
mod serve;
mod shell;
mod socket;
mod wire;

pub(crate) use discover::discover;
use nesting::refuse_below_handler;
pub(crate) use nesting::refuse_inside_handler;
