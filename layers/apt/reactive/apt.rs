//! Debian packages: queued, installed together, and tried again in the next hook when it did not work.
//!
//! | flag | set while |
//! |---|---|
//! | `apt.installed.PACKAGE` | the package was installed through this layer |
//! | `apt.queued_installs` | something is to be installed, removed or held, and is not yet |
//! | `apt.needs_update` | a source is new, and apt's lists are older |

mod attempt;
mod package;
mod queue;
mod source;
mod words;

use ensign::prelude::*;
use layer_status::PartStatus;

use package::{Package, flag, upstream};
use queue::Queue;
pub use source::Source;

const QUEUED: &str = "apt.queued_installs";
const NEEDS_UPDATE: &str = "apt.needs_update";
/// Never set when a handler is looked at: its change tells that more is asked for.
const CHANGED: &str = "layer.apt.changed";
/// Set once the packages of the options have been queued, by this build of the charm.
const OPTIONS: &str = "layer.apt.options";
/// The part of the unit's status that tells of apt.
const PART: &str = "apt";

ensign::functions_set!("apt.queued_installs", "layer.apt.changed");

/// Packages, for handlers.
pub trait Apt {
    /// Asks for packages: `redis-server`, `redis-server=5:7.0*` or `redis-server/bookworm-backports`. All that this
    /// hook asks for is installed at once, after the handlers that run now; `apt.installed.PACKAGE` tells when.
    /// Asking again for what is there changes nothing; for another version, it is installed instead.
    ///
    /// What cannot be installed makes the unit *blocked*, with the reason, and is tried again in every hook.
    ///
    /// # Errors
    /// `Invalid` when one is no name of a package.
    fn apt_install<P: AsRef<str>>(&mut self, packages: impl IntoIterator<Item = P>) -> Result;

    /// Removes packages with their configuration, in the same way.
    ///
    /// # Errors
    /// `Invalid` when one is no name of a package.
    fn apt_purge<P: AsRef<str>>(&mut self, packages: impl IntoIterator<Item = P>) -> Result;

    /// Holds packages, so that upgrades of the machine leave them as they are.
    ///
    /// # Errors
    /// `Invalid` when one is no name of a package.
    fn apt_hold<P: AsRef<str>>(&mut self, packages: impl IntoIterator<Item = P>) -> Result;

    /// Holds them no longer.
    ///
    /// # Errors
    /// `Invalid` when one is no name of a package.
    fn apt_unhold<P: AsRef<str>>(&mut self, packages: impl IntoIterator<Item = P>) -> Result;

    /// Has apt find packages there, too, from the next installation on. Each source has a name of its own.
    ///
    /// # Errors
    /// `Invalid` when a line is no source, a key no key, or the name none; or when a file cannot be written.
    fn apt_source(&mut self, name: &str, source: &Source) -> Result;

    /// Has apt forget that source. What was installed from it stays.
    ///
    /// # Errors
    /// `Invalid` for what is no name; or when its file cannot be removed.
    fn apt_source_remove(&mut self, name: &str) -> Result;

    /// The version of a package on this machine, with Debian's epoch and revision; `None` if it is not installed.
    ///
    /// # Errors
    /// `Invalid` when that is no name of a package; or when `dpkg-query` cannot be started.
    fn package_version(&mut self, package: &str) -> Result<Option<String>>;
}

impl Apt for Context {
    fn apt_install<P: AsRef<str>>(&mut self, packages: impl IntoIterator<Item = P>) -> Result {
        let packages = parsed(packages)?;
        queue::install(self, &packages)
    }

    fn apt_purge<P: AsRef<str>>(&mut self, packages: impl IntoIterator<Item = P>) -> Result {
        let names = names(packages)?;
        Queue::change(self, |queue| {
            for name in names {
                queue.install.remove(&name);
                queue.hold.remove(&name);
                queue.purge.insert(name);
            }
        })
    }

    fn apt_hold<P: AsRef<str>>(&mut self, packages: impl IntoIterator<Item = P>) -> Result {
        mark(self, names(packages)?, true)
    }

    fn apt_unhold<P: AsRef<str>>(&mut self, packages: impl IntoIterator<Item = P>) -> Result {
        mark(self, names(packages)?, false)
    }

    fn apt_source(&mut self, name: &str, source: &Source) -> Result {
        if source.write(self, name)? {
            self.set_flag(NEEDS_UPDATE)?;
        }
        Ok(())
    }

    fn apt_source_remove(&mut self, name: &str) -> Result {
        source::remove(self, name)
    }

    fn package_version(&mut self, package: &str) -> Result<Option<String>> {
        let name = Package::parse(package)?.name;
        let output = self
            .command("dpkg-query")
            .args([
                "--show",
                "--showformat=${db:Status-Status} ${Version}\n",
                "--",
            ])
            .arg(name)
            .wait()?;
        let text = String::from_utf8_lossy(&output.stdout);
        // One line an architecture; dpkg fails where it knows no such package.
        let version = text
            .lines()
            .find_map(|line| line.strip_prefix("installed "));
        Ok(version.map(str::to_owned))
    }
}

/// Options may differ in another build of the charm.
#[hook("upgrade-charm")]
#[clears("layer.apt.options")]
fn look_at_options_again(ctx: &mut Context) -> Result {
    ctx.clear_flag(OPTIONS)
}

#[when_not("layer.apt.options")]
#[sets("layer.apt.options")]
fn queue_options(ctx: &mut Context) -> Result {
    let packages = ctx.metadata().option("apt", "packages").cloned();
    let packages: Vec<String> = packages.map_or(Ok(Vec::new()), serde_json::from_value)?;
    ctx.apt_install(packages)?;
    ctx.set_flag(OPTIONS)
}

#[when_changed(config = "extra_packages")]
fn queue_extra_packages(ctx: &mut Context) -> Result {
    let wanted = configured(ctx, "extra_packages")?;
    let queued = ctx.apt_install(wanted.split_whitespace());
    accept(ctx, "extra_packages", queued)
}

#[when_changed(config = "install_sources")]
fn use_other_sources(ctx: &mut Context) -> Result {
    use_configured_sources(ctx)
}

#[when_changed(config = "install_keys")]
fn use_other_keys(ctx: &mut Context) -> Result {
    use_configured_sources(ctx)
}

#[when_changed(config = "package_status")]
fn hold_or_release(ctx: &mut Context) -> Result {
    let status = configured(ctx, "package_status")?;
    let held = match &*status {
        "hold" => true,
        "install" | "" => false,
        _ => {
            let error = format!("`{status}` is neither `install` nor `hold`");
            let error = Err(Error::new(ErrorKind::Invalid, error));
            return accept(ctx, "package_status", error);
        }
    };
    let packages = queue::done(ctx)?;
    let marked = mark(ctx, packages.into_keys().collect(), held);
    accept(ctx, "package_status", marked)
}

/// After all handlers that ask for packages: in the iteration that follows theirs.
#[when("apt.queued_installs")]
#[when_not("layer.apt.changed")]
#[sets("apt.installed.*")]
#[clears("apt.queued_installs", "apt.needs_update", "apt.installed.*")]
fn carry_out(ctx: &mut Context) -> Result {
    let mut queue = Queue::of(ctx)?;
    if configured(ctx, "package_status")? == "hold" {
        let held = queue.install.keys().map(|name| (name.clone(), true));
        queue.hold.extend(held.collect::<Vec<_>>());
    }
    // Who is blocked stays so until it works: a status that flaps in every hook hides the reason.
    if !matches!(ctx.part_statuses()?.get(PART), Some(Status::Blocked(_))) {
        let at_work = Status::Maintenance(format!("about to {}", queue.told()));
        ctx.part_status(PART, at_work, &[QUEUED])?;
    }
    match attempt::carry_out(ctx, &queue)? {
        Ok(()) => {
            queue.finish(ctx)?;
            show_version(ctx)
        }
        Err(failure) => {
            // The flag stays, and with it the status; the next hook tries again.
            let why = queue.failed(&failure.cause);
            let status = Status::Blocked(why.clone());
            // Told once: from then on the status tells it.
            let level = match ctx.part_statuses()?.get(PART) == Some(&status) {
                true => Level::Info,
                false => Level::Warning,
            };
            ctx.log(level, &why);
            ctx.part_status(PART, status, &[QUEUED])
        }
    }
}

fn show_version(ctx: &mut Context) -> Result {
    let option = |name| ctx.metadata().option("apt", name);
    let package = option("version_package").and_then(serde_json::Value::as_str);
    let package = package.unwrap_or_default().to_owned();
    let full = option("full_version").and_then(serde_json::Value::as_bool) == Some(true);
    if package.is_empty() || !ctx.is_flag_set(flag(&package))? {
        return Ok(());
    }
    match ctx.package_version(&package)? {
        Some(version) if full => ctx.version_set(&version),
        Some(version) => ctx.version_set(upstream(&version)),
        None => Ok(()),
    }
}

/// An option of the charm, which may have been left out of it.
fn configured(ctx: &mut Context, option: &str) -> Result<String> {
    Ok(ctx.config()?.string(option)?.unwrap_or_default())
}

fn use_configured_sources(ctx: &mut Context) -> Result {
    const NAME: &str = "config";
    let lines = configured(ctx, "install_sources")?;
    let keys = configured(ctx, "install_keys")?;
    let used = Source::of_config(&lines, &keys).and_then(|source| match source.is_empty() {
        true => ctx.apt_source_remove(NAME),
        false => ctx.apt_source(NAME, &source),
    });
    accept(ctx, "install_sources", used)
}

/// What an operator mistyped is told where operators look; the hook goes on.
fn accept(ctx: &mut Context, option: &str, result: Result) -> Result {
    let part = format!("{PART}-{option}");
    match result {
        Err(error) if error.kind() == ErrorKind::Invalid => {
            let why = format!("`{option}`: {}", error.line());
            ctx.part_status(&part, Status::Blocked(why), &[])
        }
        Err(error) => Err(error),
        Ok(()) if ctx.part_statuses()?.contains_key(&part) => ctx.part_clear(&part),
        Ok(()) => Ok(()),
    }
}

fn mark(ctx: &mut Context, names: Vec<String>, held: bool) -> Result {
    Queue::change(ctx, |queue| {
        queue
            .hold
            .extend(names.into_iter().map(|name| (name, held)));
    })
}

fn parsed<P: AsRef<str>>(packages: impl IntoIterator<Item = P>) -> Result<Vec<Package>> {
    let packages = packages.into_iter();
    packages.map(|p| Package::parse(p.as_ref())).collect()
}

fn names<P: AsRef<str>>(packages: impl IntoIterator<Item = P>) -> Result<Vec<String>> {
    let packages = parsed(packages)?.into_iter();
    Ok(packages.map(|package| package.name).collect())
}
