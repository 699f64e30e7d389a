//! The operating system a machine says it runs.

use std::fmt;
use std::path::Path;
use std::str::FromStr;

use serde::{Deserialize, Serialize};

use crate::error::{Doing, Result};

/// Code names of the releases that charms are built for.
const CODENAMES: [(&str, &str, &str); 10] = [
    ("ubuntu", "20.04", "focal"),
    ("ubuntu", "22.04", "jammy"),
    ("ubuntu", "24.04", "noble"),
    ("ubuntu", "24.10", "oracular"),
    ("ubuntu", "25.04", "plucky"),
    ("ubuntu", "25.10", "questing"),
    ("debian", "11", "bullseye"),
    ("debian", "12", "bookworm"),
    ("debian", "13", "trixie"),
    ("debian", "14", "forky"),
];

/// An operating system and its version, written `ubuntu@24.04` as Juju does.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct Base {
    /// Lower case, as in `ID=` of os-release.
    pub os: String,
    /// As in `VERSION_ID=`; empty on a rolling system.
    pub version: String,
}

impl Base {
    /// What this host's `/etc/os-release` says: whose packages a machine gets.
    ///
    /// # Errors
    /// When the file cannot be read.
    pub fn of_this_host() -> Result<Self> {
        let path = Path::new("/etc/os-release");
        let text = std::fs::read_to_string(path).doing(|| format!("read `{}`", path.display()))?;
        let field = |key: &str| {
            text.lines()
                .find_map(|line| line.strip_prefix(key)?.strip_prefix('='))
                .map(|value| value.trim_matches(['"', '\'']).to_owned())
                .unwrap_or_default()
        };
        let os = field("ID");
        Ok(Self {
            os: if os.is_empty() { "linux".into() } else { os },
            version: field("VERSION_ID"),
        })
    }

    /// The release's code name, as in `VERSION_CODENAME=`.
    pub fn codename(&self) -> Option<&'static str> {
        CODENAMES
            .iter()
            .find(|(os, version, _)| *os == self.os && *version == self.version)
            .map(|(_, _, codename)| *codename)
    }

    /// The text of `/etc/os-release` on a machine of this base.
    pub(super) fn os_release(&self) -> String {
        let name = match self.os.as_str() {
            "ubuntu" => "Ubuntu",
            "debian" => "Debian GNU/Linux",
            "centos" => "CentOS Linux",
            other => other,
        };
        let title = |word: &str| {
            let mut letters = word.chars();
            letters.next().map_or_else(String::new, |first| {
                first.to_uppercase().chain(letters).collect()
            })
        };
        let mut text = format!(
            "PRETTY_NAME=\"{}\"\nNAME=\"{name}\"\nVERSION_ID=\"{}\"\n",
            format!("{name} {}", self.version).trim_end(),
            self.version
        );
        match self.codename() {
            Some(codename) => {
                let version = format!("{} ({})", self.version, title(codename));
                text.push_str(&format!(
                    "VERSION=\"{version}\"\nVERSION_CODENAME={codename}\nID={}\n",
                    self.os
                ));
                if self.os == "ubuntu" {
                    text.push_str(&format!("ID_LIKE=debian\nUBUNTU_CODENAME={codename}\n"));
                }
            }
            None => text.push_str(&format!("VERSION=\"{}\"\nID={}\n", self.version, self.os)),
        }
        text
    }
}

impl fmt::Display for Base {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}@{}", self.os, self.version)
    }
}

impl FromStr for Base {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let (os, channel) = text
            .split_once('@')
            .ok_or_else(|| format!("`{text}` is no base: write `ubuntu@24.04`"))?;
        // Juju's bases may carry a risk, as in `22.04/stable`; a machine has none.
        let version = channel.split('/').next().unwrap_or_default();
        let plain = |part: &str| {
            part.chars()
                .all(|c| c.is_ascii_alphanumeric() || ".-_".contains(c))
        };
        if os.is_empty() || !plain(os) || !plain(version) {
            return Err(format!("`{text}` is no base: write `ubuntu@24.04`"));
        }
        Ok(Self {
            os: os.to_ascii_lowercase(),
            version: version.to_owned(),
        })
    }
}

impl TryFrom<String> for Base {
    type Error = String;

    fn try_from(text: String) -> Result<Self, String> {
        text.parse()
    }
}

impl From<Base> for String {
    fn from(base: Base) -> Self {
        base.to_string()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_machine_of_ubuntu_says_so() {
        let base: Base = "ubuntu@24.04".parse().unwrap();
        let text = base.os_release();
        assert!(text.contains("\nID=ubuntu\n"), "{text}");
        assert!(text.contains("VERSION=\"24.04 (Noble)\"\n"), "{text}");
        assert!(text.contains("UBUNTU_CODENAME=noble\n"), "{text}");
    }

    #[test]
    fn a_base_of_no_known_release_still_has_id_and_version() {
        let base: Base = "fedora@42".parse().unwrap();
        assert!(
            base.os_release()
                .contains("VERSION_ID=\"42\"\nVERSION=\"42\"\nID=fedora\n")
        );
    }

    #[test]
    fn a_base_that_would_break_out_of_its_line_is_refused() {
        assert!("ubuntu@24\nX=1".parse::<Base>().is_err());
        assert!("ubuntu".parse::<Base>().is_err());
    }
}
