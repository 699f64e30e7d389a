//! Running apt and dpkg: waiting for others, and mending what an interrupted run left behind.

use std::process::Output;

use ensign::prelude::*;

use crate::NEEDS_UPDATE;
use crate::queue::Queue;
use crate::words;

/// Seconds between two looks whether another apt has finished.
const PAUSE: u64 = 5;
/// The context that fetched apt's lists last.
const UPDATED: &str = "layer.apt.updated-in";

/// Why apt did not do what it should.
#[derive(Debug)]
pub(crate) struct Failure {
    /// In a line.
    pub(crate) cause: String,
    /// Another apt was at work all the time: it has been waited for long enough.
    is_locked: bool,
}

impl Failure {
    fn new(cause: String) -> Self {
        Self {
            cause,
            is_locked: false,
        }
    }
}

/// What a program made of it. An [`Error`] is a failure of the hook; this is one of the machine, for its operator.
pub(crate) type Attempt = std::result::Result<(), Failure>;

/// Does all of it, in two tries. Between them is done whatever may help: a run that was interrupted is completed, and
/// apt's lists are fetched.
pub(crate) fn carry_out(ctx: &mut Context, queue: &Queue) -> Result<Attempt> {
    if ctx.is_flag_set(NEEDS_UPDATE)?
        && let Err(failure) = update(ctx)?
    {
        return Ok(Err(failure));
    }
    let Err(first) = all(ctx, queue)? else {
        return Ok(Ok(()));
    };
    if first.is_locked {
        return Ok(Err(first));
    }
    ctx.log(
        Level::Info,
        format!("apt failed, and gets another try: {}", first.cause),
    );
    // It may complain of packages that the next try completes: that one counts.
    let _mended = program(ctx, "dpkg", &["--configure", "-a"], &[])?;
    let unfetched = if is_updated(ctx)? {
        Ok(())
    } else {
        update(ctx)?
    };
    Ok(match all(ctx, queue)? {
        Ok(()) => Ok(()),
        // Lists that could not be fetched are why a package is not in them.
        Err(_) if unfetched.is_err() => unfetched,
        Err(second) => Err(second),
    })
}

/// One try.
fn all(ctx: &mut Context, queue: &Queue) -> Result<Attempt> {
    let released: Vec<_> = marked(queue, false);
    let steps: [(&str, &[&str], Vec<String>); 4] = [
        ("apt-mark", &["unhold"], released),
        ("apt-get", &install_options(ctx, queue), queue.installs()),
        (
            "apt-get",
            &["purge", "--assume-yes", "--allow-change-held-packages"],
            queue.purge.iter().cloned().collect(),
        ),
        ("apt-mark", &["hold"], marked(queue, true)),
    ];
    for (name, options, packages) in steps {
        if packages.is_empty() {
            continue;
        }
        if let Err(failure) = program(ctx, name, options, &packages)? {
            return Ok(Err(failure));
        }
        ctx.note_immediate(format!(
            "`{name} {}` of {}",
            options[0],
            packages.join(", ")
        ));
    }
    Ok(Ok(()))
}

fn marked(queue: &Queue, held: bool) -> Vec<String> {
    let marks = queue.hold.iter().filter(|(_, hold)| **hold == held);
    marks.map(|(name, _)| name.clone()).collect()
}

fn install_options(ctx: &Context, queue: &Queue) -> Vec<&'static str> {
    let mut options = vec![
        "install",
        "--assume-yes",
        "--option=Acquire::Retries=3",
        // The charm's configuration stays, unless the package has never had any of its own.
        "--option=Dpkg::Options::=--force-confdef",
        "--option=Dpkg::Options::=--force-confold",
    ];
    let recommends = ctx.metadata().option("apt", "install_recommends");
    if recommends.and_then(serde_json::Value::as_bool) == Some(false) {
        options.push("--no-install-recommends");
    }
    // A version that was asked for is meant, even if there is a later one, or the package is held.
    if queue.install.values().any(|choice| !choice.is_empty()) {
        options.extend(["--allow-downgrades", "--allow-change-held-packages"]);
    }
    options
}

/// Fetches apt's lists.
fn update(ctx: &mut Context) -> Result<Attempt> {
    let options = [
        "update",
        "--option=Acquire::Retries=3",
        // By itself apt calls it a success when a source cannot be reached.
        "--option=APT::Update::Error-Mode=any",
    ];
    // Tried is enough: a network that is down is not up again within the hook.
    let context = ctx.env().context_id.clone();
    ctx.kv().set(UPDATED, &context)?;
    let attempt = program(ctx, "apt-get", &options, &[])?;
    if attempt.is_ok() {
        ctx.clear_flag(NEEDS_UPDATE)?;
    }
    Ok(attempt.map_err(|failure| Failure {
        cause: format!("cannot fetch the lists of packages: {}", failure.cause),
        ..failure
    }))
}

/// Whether this hook has fetched the lists, or tried to.
fn is_updated(ctx: &mut Context) -> Result<bool> {
    let last: Option<String> = ctx.kv().get(UPDATED)?;
    Ok(last.as_ref() == Some(&ctx.env().context_id))
}

/// Runs a program, and waits for others of its kind to finish.
fn program(
    ctx: &mut Context,
    name: &str,
    options: &[&str],
    packages: &[String],
) -> Result<Attempt> {
    let wait = ctx.metadata().option("apt", "lock_wait");
    let mut looks = wait.and_then(serde_json::Value::as_u64).unwrap_or(120) / PAUSE;
    loop {
        let Some(output) = start(ctx, name, options, packages)? else {
            let why =
                format!("there is no `{name}` on this machine, which is for Debian and Ubuntu");
            return Ok(Err(Failure::new(why)));
        };
        if output.status.success() {
            return Ok(Ok(()));
        }
        if looks == 0 || !words::is_locked(&output) {
            tell(ctx, name, options, &output);
            return Ok(Err(Failure {
                cause: words::cause(&output),
                is_locked: words::is_locked(&output),
            }));
        }
        looks -= 1;
        ctx.log(
            Level::Info,
            format!("`{name}` waits for another apt or dpkg to finish"),
        );
        ctx.command("sleep").arg(PAUSE.to_string()).run()?;
    }
}

/// How it ended; `None` where there is no such program.
fn start(
    ctx: &mut Context,
    name: &str,
    options: &[&str],
    packages: &[String],
) -> Result<Option<Output>> {
    let mut command = ctx
        .command(name)
        .args(options)
        .env("APT_LISTCHANGES_FRONTEND", "none")
        // It would restart what it likes, Juju's agent and with it this hook included.
        .env("NEEDRESTART_MODE", "l");
    if !packages.is_empty() {
        command = command.arg("--").args(packages);
    }
    match command.wait() {
        Ok(output) => Ok(Some(output)),
        Err(error) => {
            let cause = error.downcast_ref::<std::io::Error>();
            if cause.is_some_and(|e| e.kind() == std::io::ErrorKind::NotFound) {
                return Ok(None);
            }
            Err(error)
        }
    }
}

/// The end of what it printed, for the log. What it comes down to is told with more weight, once for all tries.
fn tell(ctx: &mut Context, name: &str, options: &[&str], output: &Output) {
    const LINES: usize = 20;
    let texts = [&output.stdout, &output.stderr].map(|text| String::from_utf8_lossy(text));
    let last = texts.each_ref().map(|text| {
        let lines: Vec<_> = text.lines().collect();
        lines[lines.len().saturating_sub(LINES)..].join("\n")
    });
    let told = words::without_passwords(last.join("\n").trim());
    let what = options.first().copied().unwrap_or_default();
    ctx.log(
        Level::Info,
        format!("`{name} {what}` failed with {}:\n{told}", output.status),
    );
}
