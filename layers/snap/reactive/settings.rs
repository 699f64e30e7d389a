//! What the operator wants snapd to be like: proxies, and when it refreshes snaps.

use ensign::prelude::*;
use layer_status::PartStatus;

use crate::program::{Attempt, Failed};
use crate::{PART, snapd, store};

/// In the order in which they are applied: a store is reached through the proxy.
const OPTIONS: [&str; 3] = ["snap_proxy", "snap_proxy_url", "snapd_refresh"];
/// The value of an option that snapd has been told.
const APPLIED: &str = "layer.snap.applied.";

/// Which options snapd has been told.
#[derive(Debug, Default)]
pub(crate) struct Settings {
    failed: Vec<&'static str>,
}

impl Settings {
    pub(crate) fn are_applied(&self) -> bool {
        self.failed.is_empty()
    }

    /// Whether the store is reached in the way the operator wants.
    pub(crate) fn lead_to_store(&self) -> bool {
        self.failed.iter().all(|option| *option == "snapd_refresh")
    }
}

/// An option of the charm, which may have been left out of it.
fn configured(ctx: &mut Context, option: &str) -> Result<String> {
    let text = ctx.config()?.string(option)?.unwrap_or_default();
    Ok(text.trim().to_owned())
}

fn applied(ctx: &mut Context, option: &str) -> Result<String> {
    ctx.kv()
        .get_or(&format!("{APPLIED}{option}"), String::new())
}

/// Whether snapd has to be told something.
pub(crate) fn differ(ctx: &mut Context) -> Result<bool> {
    for option in OPTIONS {
        if configured(ctx, option)? != applied(ctx, option)? {
            return Ok(true);
        }
    }
    Ok(false)
}

/// Tells snapd what it has not been told yet. What it does not take is told where operators look, by option.
pub(crate) fn apply(ctx: &mut Context) -> Result<Attempt<Settings>> {
    let mut settings = Settings::default();
    for option in OPTIONS {
        let wanted = configured(ctx, option)?;
        let part = format!("{PART}-{option}");
        let is_new = wanted != applied(ctx, option)?;
        let attempt = if is_new {
            tell(ctx, option, &wanted)?
        } else {
            Ok(())
        };
        match attempt {
            Ok(()) => {
                if is_new {
                    ctx.kv().set(&format!("{APPLIED}{option}"), &wanted)?;
                }
                if ctx.part_statuses()?.contains_key(&part) {
                    ctx.part_clear(&part)?;
                }
            }
            Err(Failed::Missing) => return Ok(Err(Failed::Missing)),
            Err(Failed::Because(why)) => {
                let why = format!("`{option}`: {why}");
                ctx.log(Level::Warning, &why);
                ctx.part_status(&part, Status::Blocked(why), &[])?;
                settings.failed.push(option);
            }
        }
    }
    Ok(Ok(settings))
}

fn tell(ctx: &mut Context, option: &str, wanted: &str) -> Result<Attempt> {
    if option != "snapd_refresh"
        && let Some(wrong) = wrong(wanted)
    {
        return Ok(Err(Failed::Because(wrong.to_owned())));
    }
    match option {
        "snap_proxy" => {
            let [http, https] = ["http", "https"].map(|s| format!("proxy.{s}={wanted}"));
            snapd::snap(ctx, &["set", "system", &http, &https], "")
        }
        "snap_proxy_url" => match store::acknowledged(ctx, wanted)? {
            Ok(id) => {
                let store = format!("proxy.store={id}");
                snapd::snap(ctx, &["set", "system", &store], "")
            }
            Err(failed) => Ok(Err(failed)),
        },
        _ => {
            let timer = match wanted {
                "max" => seldom(ctx)?,
                timer => timer.to_owned(),
            };
            let timer = format!("refresh.timer={timer}");
            snapd::snap(ctx, &["set", "system", &timer], "")
        }
    }
}

/// As seldom as snapd lets it be: a weekday of a week of the month, and that is today's. Units that came at different
/// times are not refreshed at once.
fn seldom(ctx: &mut Context) -> Result<String> {
    let today = ctx.command("date").args(["--utc", "+%u %d"]).output()?;
    let (weekday, day) = today.trim().split_once(' ').unwrap_or_default();
    let (weekday, day): (usize, usize) = (weekday.parse()?, day.parse()?);
    let days = ["mon", "tue", "wed", "thu", "fri", "sat", "sun"];
    let name = days[weekday.clamp(1, 7) - 1];
    // The fifth is not in every month: snapd takes it for the last.
    Ok(format!("{name}{}", day.saturating_sub(1) / 7 + 1))
}

/// What is wrong with the URL of a proxy; nothing is wrong with none.
fn wrong(url: &str) -> Option<&'static str> {
    const LONGEST: usize = 1024;
    if url.is_empty() {
        return None;
    }
    let schemes = ["http://", "https://"];
    let rest = schemes.iter().find_map(|scheme| url.strip_prefix(scheme));
    let is_of_url = |b: u8| b.is_ascii_graphic() && !b"\"'\\<>`{}|^".contains(&b);
    match rest {
        // It would be read by everybody: in snapd's arguments, and in /etc/environment, where it writes proxies.
        Some(rest) if rest.contains('@') => {
            Some("must not hold a user or a password: snapd does not keep them to itself")
        }
        Some(rest)
            if !rest.is_empty()
                && !rest.starts_with(['/', ':', '?', '#'])
                && url.len() <= LONGEST
                && url.bytes().all(is_of_url) =>
        {
            None
        }
        _ => Some("must be the URL of a host, such as `http://proxy.example:3128`"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_url_is_one_of_a_host_and_holds_no_secret() {
        for url in ["", "http://proxy:3128", "https://snaps.example/"] {
            assert_eq!(wrong(url), None, "{url}");
        }
        for url in [
            "proxy:3128",
            "ftp://proxy",
            "http://",
            "http:///x",
            "http://:80",
            "http://a b",
            "http://a\"b",
            "http://a\nurl = x",
            &format!("http://{}", "x".repeat(1024)),
        ] {
            assert!(wrong(url).is_some_and(|w| w.contains("URL")), "{url}");
        }
        assert!(wrong("http://me:pw@proxy").is_some_and(|w| w.contains("password")));
    }
}
