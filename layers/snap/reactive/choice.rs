//! Which snap, and which of its revisions.

use ensign::prelude::*;
use serde::{Deserialize, Serialize};

/// A snap, and how it is wanted.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Snap {
    pub(crate) name: String,
    pub(crate) channel: String,
    pub(crate) classic: bool,
}

impl Snap {
    /// The snap of this name, from the channel that its publisher made the default.
    pub fn new(name: impl Into<String>) -> Self {
        Self {
            name: name.into(),
            channel: String::new(),
            classic: false,
        }
    }

    /// From this channel, such as `7/stable`.
    #[must_use]
    pub fn channel(mut self, channel: impl Into<String>) -> Self {
        self.channel = channel.into();
        self
    }

    /// With access to the whole machine: snapd asks for that where a snap needs it.
    #[must_use]
    pub const fn classic(mut self, classic: bool) -> Self {
        self.classic = classic;
        self
    }

    /// # Errors
    /// `Invalid` for what is no name, or no channel.
    pub(crate) fn check(&self) -> Result {
        checked(&self.name)?;
        let is_of_channel = |b: u8| b.is_ascii_alphanumeric() || b"._-+/".contains(&b);
        if self.channel.starts_with(['-', '/']) || !self.channel.bytes().all(is_of_channel) {
            let error = format!("`{}` is no channel of `{}`", self.channel, self.name);
            return Err(Error::new(ErrorKind::Invalid, error)
                .hint("write TRACK/RISK, such as `latest/stable`"));
        }
        Ok(())
    }

    /// As `snap install` and `snap refresh` take it.
    pub(crate) fn arguments(&self) -> Vec<String> {
        let mut all = Vec::new();
        if !self.channel.is_empty() {
            all.push(format!("--channel={}", self.channel));
        }
        if self.classic {
            all.push("--classic".to_owned());
        }
        all.push(self.name.clone());
        all
    }
}

/// A snap's name, which is no option, file or set of snaps.
///
/// # Errors
/// `Invalid` for anything else.
pub(crate) fn checked(name: &str) -> Result<&str> {
    let is_of_name = |b: u8| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'-';
    let good = (2..=40).contains(&name.len())
        && name.bytes().all(is_of_name)
        && name.bytes().any(|b| b.is_ascii_lowercase())
        && !name.starts_with('-')
        && !name.ends_with('-')
        && !name.contains("--");
    if !good {
        let error = Error::new(ErrorKind::Invalid, format!("`{name}` is no snap"));
        return Err(error.hint("names are lower case letters, digits and single `-` between them"));
    }
    Ok(name)
}

/// The flag of an installed snap.
pub(crate) fn flag(name: &str) -> String {
    format!("snap.installed.{name}")
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    #[test]
    fn names_and_channels_are_no_options() {
        for (name, channel) in [
            ("redis", ""),
            ("core22", "latest/stable"),
            ("k8s", "1.30-classic/edge/fix-1"),
        ] {
            Snap::new(name).channel(channel).check().unwrap();
        }
        for (name, channel) in [
            ("", ""),
            ("x", ""),
            ("-redis", ""),
            ("redis-", ""),
            ("re--dis", ""),
            ("Redis", ""),
            ("22", ""),
            ("./redis.snap", ""),
            ("redis", "-x"),
            ("redis", "a b"),
            ("redis", "/stable"),
        ] {
            let error = Snap::new(name).channel(channel).check().unwrap_err();
            assert_eq!(error.kind(), ErrorKind::Invalid, "{name} {channel}");
        }
    }

    #[test]
    fn what_is_wanted_is_said_to_snapd() {
        let snap = Snap::new("redis").channel("7/stable").classic(true);
        assert_eq!(
            snap.arguments(),
            ["--channel=7/stable", "--classic", "redis"]
        );
        assert_eq!(Snap::new("redis").arguments(), ["redis"]);
    }
}
