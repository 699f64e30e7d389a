//! Snaps, and the settings of snapd: queued, and tried again in the next hook when it did not work.
//!
//! | flag | set while |
//! |---|---|
//! | `snap.installed.NAME` | the snap was installed through this layer |
//! | `snap.queued` | something is to be installed, refreshed, removed or set, and is not yet |

mod choice;
mod program;
mod queue;
mod settings;
mod snapd;
mod store;
mod words;

use ensign::prelude::*;
use layer_status::PartStatus;

pub use choice::Snap;
use choice::{checked, flag};
use program::Failed;
use queue::Queue;

const QUEUED: &str = "snap.queued";
/// Never set when a handler is looked at: its change tells that more is asked for.
const CHANGED: &str = "layer.snap.changed";
/// Set once the charm has asked for a snap. Before that, snapd is none of its business.
const ASKED: &str = "layer.snap.asked";
/// The part of the unit's status that tells of snaps.
const PART: &str = "snap";

ensign::functions_set!("snap.queued", "layer.snap.changed", "layer.snap.asked");

/// Snaps, for handlers.
pub trait Snaps {
    /// Asks for a snap: after the handlers that run now it is installed, and snapd with it where that is missing.
    /// `snap.installed.NAME` tells when. Asking again changes nothing; for another channel, it is refreshed from there.
    ///
    /// What cannot be installed makes the unit *blocked*, with the reason, and is tried again in every hook.
    ///
    /// # Errors
    /// `Invalid` for what is no name of a snap, or no channel.
    fn snap_install(&mut self, snap: &Snap) -> Result;

    /// Has snapd look now whether there is a newer revision of a snap, in the same way.
    ///
    /// # Errors
    /// `Invalid` for what is no name of a snap.
    fn snap_refresh(&mut self, name: &str) -> Result;

    /// Removes a snap, in the same way. snapd keeps what it had saved for some time.
    ///
    /// # Errors
    /// `Invalid` for what is no name of a snap.
    fn snap_remove(&mut self, name: &str) -> Result;

    /// The version of a snap on this machine; `None` if it is not installed, or snapd does not run.
    ///
    /// # Errors
    /// `Invalid` for what is no name of a snap; or when a program cannot be started.
    fn snap_version(&mut self, name: &str) -> Result<Option<String>>;
}

impl Snaps for Context {
    fn snap_install(&mut self, snap: &Snap) -> Result {
        snap.check()?;
        queue::install(self, snap)
    }

    fn snap_refresh(&mut self, name: &str) -> Result {
        let name = checked(name)?.to_owned();
        Queue::change(self, |queue| queue.refresh.extend([name]))
    }

    fn snap_remove(&mut self, name: &str) -> Result {
        let name = checked(name)?.to_owned();
        Queue::change(self, |queue| {
            queue.install.remove(&name);
            queue.refresh.remove(&name);
            queue.remove.insert(name);
        })
    }

    fn snap_version(&mut self, name: &str) -> Result<Option<String>> {
        let name = checked(name)?;
        if !snapd::is_possible(self)? {
            return Ok(None);
        }
        snapd::version(self, name)
    }
}

/// In every hook: options may have changed.
#[when("layer.snap.asked")]
#[when_not("snap.queued")]
fn look_at_options(ctx: &mut Context) -> Result {
    if settings::differ(ctx)? {
        ctx.set_flag(QUEUED)?;
    }
    Ok(())
}

/// After all handlers that ask for snaps: in the iteration that follows theirs.
#[when("snap.queued")]
#[when_not("layer.snap.changed")]
#[sets("snap.installed.*")]
#[clears("snap.queued", "snap.installed.*")]
fn carry_out(ctx: &mut Context) -> Result {
    let queue = Queue::of(ctx)?;
    // Who is blocked stays so until it works: a status that flaps in every hook hides the reason.
    if let Some(told) = queue.told()
        && !matches!(ctx.part_statuses()?.get(PART), Some(Status::Blocked(_)))
    {
        let at_work = Status::Maintenance(format!("about to {told}"));
        ctx.part_status(PART, at_work, &[QUEUED])?;
    }
    let done = match snapd::prepare(ctx)? {
        Ok(()) => settings::apply(ctx)?,
        Err(failed) => Err(failed),
    };
    let done = match done {
        // Past the proxies that are wanted nothing is fetched.
        Ok(settings) if !settings.lead_to_store() => return ctx.part_clear(PART),
        Ok(settings) => queue.carry_out(ctx)?.map(|()| settings.are_applied()),
        Err(failed) => Err(failed),
    };
    match done {
        Ok(all) => {
            show_version(ctx)?;
            ctx.part_clear(PART)?;
            ctx.toggle_flag(QUEUED, !all)
        }
        // apt has been asked for what is missing, and this handler runs again when that is there.
        Err(Failed::Missing) => Ok(()),
        Err(Failed::Because(why)) => {
            // The flag stays, and with it the status; the next hook tries again.
            ctx.log(Level::Warning, &why);
            ctx.part_status(PART, Status::Blocked(why), &[QUEUED])
        }
    }
}

fn show_version(ctx: &mut Context) -> Result {
    let snap = ctx.metadata().option("snap", "version_snap");
    let snap = snap.and_then(|snap| snap.as_str()).unwrap_or_default();
    let snap = snap.to_owned();
    if snap.is_empty() || !ctx.is_flag_set(flag(&snap))? {
        return Ok(());
    }
    match snapd::version(ctx, &snap)? {
        Some(version) => ctx.version_set(&version),
        None => Ok(()),
    }
}

/// Has snaps looked at after the handlers that run now.
fn wake(ctx: &mut Context) -> Result {
    ctx.set_flag(QUEUED)?;
    // A set flag that is set again wakes nobody.
    ctx.set_flag(CHANGED)?;
    ctx.clear_flag(CHANGED)
}

/// An error that a trigger's callback cannot return still fails the hook: the context remembers it.
fn look_again(ctx: &mut Context) {
    if let Err(error) = wake(ctx) {
        ctx.log(Level::Error, format!("snaps are not looked at: {error}"));
    }
}
