//! Where apt finds packages besides what the machine came with.

use std::hash::{DefaultHasher, Hash, Hasher};

use ensign::prelude::*;

use crate::words::without_passwords;

const LISTS: &str = "/etc/apt/sources.list.d";
const KEYS: &str = "/etc/apt/keyrings";
const BEGIN: &str = "-----BEGIN PGP PUBLIC KEY BLOCK-----";
const END: &str = "-----END PGP PUBLIC KEY BLOCK-----";
/// What was written for each source when apt's lists were last made of it, as a hash.
const FETCHED: &str = "layer.apt.source.";

/// A source of packages: lines as in `sources.list`, and the keys that its packages are signed with.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Source {
    lines: Vec<String>,
    keys: Vec<String>,
}

impl Source {
    /// A source of this line: `deb https://example.com/debian {codename} main`, or `ppa:owner/name`. `{codename}`
    /// stands for that of the machine's release.
    #[must_use]
    pub fn new(line: impl Into<String>) -> Self {
        Self::default().line(line)
    }

    /// Adds a line.
    #[must_use]
    pub fn line(mut self, line: impl Into<String>) -> Self {
        self.lines.push(line.into());
        self
    }

    /// Adds an ASCII-armoured public key. With keys of its own, a source is trusted for them alone.
    #[must_use]
    pub fn key(mut self, armoured: impl Into<String>) -> Self {
        self.keys.push(armoured.into());
        self
    }

    /// What an operator wrote: a source a line, keys one after another.
    pub(crate) fn of_config(lines: &str, keys: &str) -> Result<Self> {
        let lines = lines.lines().map(str::trim);
        let lines = lines.filter(|line| !line.is_empty() && !line.starts_with('#'));
        Ok(Self {
            lines: lines.map(str::to_owned).collect(),
            keys: blocks(keys)?,
        })
    }

    pub(crate) fn is_empty(&self) -> bool {
        self.lines.is_empty()
    }

    /// The files that make apt use it, the list last: `(path, content, mode)`.
    fn files(&self, base: &str, codename: &str) -> Result<Vec<(String, String, u32)>> {
        let mut files = Vec::new();
        let mut signed_by = Vec::new();
        for (number, key) in self.keys.iter().enumerate() {
            // apt reads the first block of a file only.
            let [key] = &*blocks(key)? else {
                return Err(no_key());
            };
            let path = format!("{KEYS}/{base}-{number}.asc");
            signed_by.push(path.clone());
            files.push((path, format!("{key}\n"), 0o644));
        }
        let mut text = String::from("# Written by the charm; changes do not last.\n");
        for line in &self.lines {
            text.push_str(&entry(line, codename, &signed_by)?);
            text.push('\n');
        }
        let is_open = without_passwords(&text) == text;
        let mode = if is_open { 0o644 } else { 0o600 };
        files.push((format!("{LISTS}/{base}.list"), text, mode));
        Ok(files)
    }

    /// Has apt use it from the next update on. `true` if that is still to come.
    pub(crate) fn write(&self, ctx: &mut Context, name: &str) -> Result<bool> {
        let base = base(ctx, name)?;
        let codename = codename(ctx)?;
        let files = self.files(&base, &codename)?;
        ctx.make_folder(KEYS, 0o755)?;
        ctx.make_folder(LISTS, 0o755)?;
        let mut hasher = DefaultHasher::new();
        files.hash(&mut hasher);
        for (path, content, mode) in files {
            ctx.write_file_with_mode(path, content, mode)?;
        }
        // Not by what the files held before: a hook that was killed may have written them and fetched nothing.
        let hash = format!("{:016x}", hasher.finish());
        let key = format!("{FETCHED}{name}");
        let known: Option<String> = ctx.kv().get(&key)?;
        if known.as_ref() == Some(&hash) {
            return Ok(false);
        }
        ctx.kv().set(&key, &hash)?;
        Ok(true)
    }
}

/// Has apt forget a source. Its keys stay: nothing names them any more.
pub(crate) fn remove(ctx: &mut Context, name: &str) -> Result {
    let base = base(ctx, name)?;
    ctx.remove_file(format!("{LISTS}/{base}.list"))?;
    ctx.kv().unset(&format!("{FETCHED}{name}"));
    Ok(())
}

/// What the files of a source are called: other charms on the machine have sources, too.
fn base(ctx: &Context, name: &str) -> Result<String> {
    let is_of_name = |b: u8| b.is_ascii_alphanumeric() || b == b'-' || b == b'_';
    if name.is_empty() || !name.bytes().all(is_of_name) {
        let error = Error::new(
            ErrorKind::Invalid,
            format!("`{name}` is no name for a source"),
        );
        return Err(error.hint("use letters, digits, `-` and `_`"));
    }
    Ok(format!("juju-{}-{name}", ctx.app()))
}

/// The machine's release, or nothing where it does not tell.
fn codename(ctx: &Context) -> Result<String> {
    let text = ctx.read_file("/etc/os-release")?.unwrap_or_default();
    let text = String::from_utf8_lossy(&text);
    let line = (text.lines()).find_map(|line| line.strip_prefix("VERSION_CODENAME="));
    Ok(line.unwrap_or_default().trim_matches('"').to_owned())
}

/// A line as `sources.list` has it.
fn entry(line: &str, codename: &str, signed_by: &[String]) -> Result<String> {
    let wrong = |why: &str| {
        let line = without_passwords(line);
        Error::new(ErrorKind::Invalid, format!("`{line}` is no source: {why}"))
            .hint("write `deb [OPTIONS] URL SUITE COMPONENTS`, or `ppa:OWNER/NAME`")
    };
    if line.contains(['\n', '\r']) {
        return Err(wrong("it is several lines"));
    }
    let line = match line.strip_prefix("ppa:") {
        None => line.to_owned(),
        Some(ppa) => {
            let is_of_ppa = |c: char| c.is_ascii_alphanumeric() || "+-._".contains(c);
            let parts = ppa.split_once('/');
            let (owner, name) = parts.ok_or_else(|| wrong("the owner or the name is missing"))?;
            if owner.is_empty()
                || name.is_empty()
                || !(owner.chars().chain(name.chars())).all(is_of_ppa)
            {
                return Err(wrong(
                    "owner and name are letters, digits, `+`, `-`, `.` and `_`",
                ));
            }
            format!("deb https://ppa.launchpadcontent.net/{owner}/{name}/ubuntu {{codename}} main")
        }
    };
    if line.contains("{codename}") && codename.is_empty() {
        return Err(wrong("`/etc/os-release` tells no codename of this machine"));
    }
    let line = line.replace("{codename}", codename);
    let (kind, rest) = line.split_once(' ').unwrap_or((&line, ""));
    let rest = rest.trim();
    if !matches!(kind, "deb" | "deb-src") || rest.is_empty() {
        return Err(wrong("it does not begin with `deb`"));
    }
    if signed_by.is_empty() || rest.contains("signed-by=") {
        return Ok(format!("{kind} {rest}"));
    }
    let signed_by = format!("signed-by={}", signed_by.join(","));
    Ok(match rest.strip_prefix('[') {
        Some(options) => format!("{kind} [{signed_by} {}", options.trim_start()),
        None => format!("{kind} [{signed_by}] {rest}"),
    })
}

/// The keys in a text, each on its own.
fn blocks(text: &str) -> Result<Vec<String>> {
    let mut keys = Vec::new();
    let mut rest = text.trim();
    while !rest.is_empty() {
        let end = rest.find(END).map(|at| at + END.len());
        let (key, more) = rest.split_at(end.ok_or_else(no_key)?);
        if !key.starts_with(BEGIN) {
            return Err(no_key());
        }
        keys.push(key.to_owned());
        rest = more.trim_start();
    }
    Ok(keys)
}

fn no_key() -> Error {
    let error = Error::new(
        ErrorKind::Invalid,
        "what stands for a key is no ASCII-armoured public key",
    );
    error.hint(format!("give the key itself, from `{BEGIN}` to its end"))
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    fn key(inside: &str) -> String {
        format!("{BEGIN}\n\n{inside}\n{END}")
    }

    #[test]
    fn entries_are_signed_by_their_keys() {
        let signed = ["/k/a.asc".to_owned(), "/k/b.asc".to_owned()];
        for (line, written) in [
            (
                "deb https://x.example/debian {codename} main",
                "deb [signed-by=/k/a.asc,/k/b.asc] https://x.example/debian jammy main",
            ),
            (
                "deb [arch=amd64] https://x s m",
                "deb [signed-by=/k/a.asc,/k/b.asc arch=amd64] https://x s m",
            ),
            (
                "deb [signed-by=/own.gpg] https://x s m",
                "deb [signed-by=/own.gpg] https://x s m",
            ),
            (
                "ppa:redislabs/redis",
                "deb [signed-by=/k/a.asc,/k/b.asc] https://ppa.launchpadcontent.net/redislabs/redis/ubuntu jammy main",
            ),
        ] {
            assert_eq!(entry(line, "jammy", &signed).unwrap(), written);
        }
        let plain = "deb https://x s m";
        assert_eq!(entry(plain, "", &[]).unwrap(), plain);
    }

    #[test]
    fn what_is_no_source_is_told_without_its_password() {
        for line in [
            "https://me:secret@x.example/debian",
            "deb",
            "ppa:one",
            "ppa:a/b/c",
            "ppa:/x",
            "deb https://x\ndeb https://y",
            "rpm https://x",
            "cloud:jammy-antelope",
        ] {
            let error = entry(line, "jammy", &[]).unwrap_err().line();
            assert!(error.contains("is no source"), "{error}");
            assert!(!error.contains("secret"), "{error}");
        }
        let error = entry("deb https://x {codename} main", "", &[]).unwrap_err();
        assert!(error.line().contains("/etc/os-release"));
    }

    #[test]
    fn each_key_has_its_file_and_passwords_are_not_for_all() {
        let source = Source::of_config(
            "# ours\ndeb https://x s m\n\n",
            &(key("1") + "\n" + &key("2")),
        );
        let files = source.unwrap().files("juju-app-config", "").unwrap();
        let paths: Vec<_> = files
            .iter()
            .map(|(path, _, mode)| (&**path, *mode))
            .collect();
        assert_eq!(
            paths,
            [
                ("/etc/apt/keyrings/juju-app-config-0.asc", 0o644),
                ("/etc/apt/keyrings/juju-app-config-1.asc", 0o644),
                ("/etc/apt/sources.list.d/juju-app-config.list", 0o644),
            ]
        );
        assert_eq!(files[1].1, key("2") + "\n");
        let secret = Source::new("deb https://me:secret@x s m")
            .files("b", "")
            .unwrap();
        assert_eq!(secret[0].2, 0o600);
    }

    #[test]
    fn a_key_is_armoured_and_whole() {
        for text in [
            "0xDEADBEEF",
            "https://x/key.asc",
            BEGIN,
            &format!("x {}", key("1")),
        ] {
            assert!(blocks(text).is_err(), "{text}");
        }
        assert!(
            Source::new("deb https://x s m")
                .key("")
                .files("b", "")
                .is_err()
        );
        assert_eq!(blocks(" \n").unwrap(), Vec::<String>::new());
    }
}
