//! The server's file: one of our own, which the package's `redis.conf` includes last, so that all that is not said
//! here stays as the distribution has it.

use ensign::prelude::*;

use crate::server::quoted;
use crate::source::Source;

const MODE: u32 = 0o640;

/// What the server is to be: settings by name, and a second password that it accepts as well.
#[derive(Debug, PartialEq)]
pub struct Conf {
    pub settings: Vec<(&'static str, Secret)>,
    pub also: Option<Secret>,
}

/// Settings that only a start applies.
pub const FIXED: [&str; 4] = [
    "cluster-enabled",
    "cluster-config-file",
    "cluster-port",
    "databases",
];

impl Conf {
    /// The value of a setting; empty where there is none.
    pub fn get(&self, name: &str) -> &str {
        let found = self.settings.iter().find(|(setting, _)| *setting == name);
        found.map_or("", |(_, value)| value.expose())
    }

    fn text(&self) -> String {
        let mut text =
            "# Written by the charm. What stands here overrides redis.conf.\n".to_owned();
        for (name, value) in &self.settings {
            text += &match *name {
                "bind" | "replicaof" => format!("{name} {}\n", value.expose()),
                _ => format!("{name} {}\n", quoted(value.expose())),
            };
        }
        if let Some(also) = &self.also {
            let both = [self.get("requirepass"), also.expose()];
            let [first, second] = both.map(|password| quoted(&format!(">{password}")));
            text += &format!("user default on {first} {second} ~* &* +@all\n");
        }
        text
    }

    /// Writes the file, and has the package's include it.
    ///
    /// # Errors
    /// When a file cannot be written, or the package's is not there.
    pub fn write(&self, ctx: &mut Context) -> Result {
        let source = Source::of(ctx)?;
        ctx.write_file_with_mode(source.ours, self.text(), MODE)?;
        let (include, mut packaged) = packaged(ctx, source)?;
        if !packaged.lines().any(|line| line == include) {
            packaged += &format!("\n# Added by the charm.\n{include}\n");
            ctx.write_file_with_mode(source.packaged, packaged, MODE)?;
        }
        ctx.command("chown")
            .args([source.owner, source.packaged, source.ours])
            .run()
    }
}

/// The line that includes our file, and the package's file.
fn packaged(ctx: &mut Context, source: &Source) -> Result<(String, String)> {
    let packaged = ctx.read_file(source.packaged)?.unwrap_or_default();
    let packaged = String::from_utf8_lossy(&packaged).into_owned();
    Ok((format!("include {}", source.ours), packaged))
}

/// Whether our file has been written, and the package's does not include it.
///
/// # Errors
/// When a file cannot be read.
pub fn is_left_out(ctx: &mut Context) -> Result<bool> {
    let source = Source::of(ctx)?;
    let (include, packaged) = packaged(ctx, source)?;
    let is_included = packaged.lines().any(|line| line == include);
    Ok(!is_included && ctx.read_file(source.ours)?.is_some())
}

/// Port and password of the file as it is; those of the package where there is none.
///
/// # Errors
/// When it cannot be read.
pub fn written(ctx: &mut Context) -> Result<(u16, Secret)> {
    let ours = Source::of(ctx)?.ours;
    let bytes = ctx.read_file(ours)?.unwrap_or_default();
    let text = String::from_utf8_lossy(&bytes);
    let setting = |name: &str| {
        let value = text
            .lines()
            .find_map(|line| line.strip_prefix(name)?.strip_prefix(' '))?;
        Some(
            value
                .trim_matches('"')
                .replace("\\\"", "\"")
                .replace("\\\\", "\\"),
        )
    };
    let port = setting("port").and_then(|port| port.parse().ok());
    let password = setting("requirepass").unwrap_or_default();
    Ok((port.unwrap_or(6379), Secret::new(password)))
}
