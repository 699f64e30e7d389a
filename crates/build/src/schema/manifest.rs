//! `manifest.yaml`: the bases that the charm runs on.

use crate::yaml::{Node, Reader};

/// An operating system at a version.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct Base {
    /// `ubuntu`, `centos`, ….
    pub name: String,
    /// Its channel: `22.04`, `22.04/stable`.
    pub channel: String,
    /// Processors, as Juju names them; empty for whatever the binary is for.
    pub architectures: Vec<String>,
}

const SYSTEMS: [&str; 6] = [
    "ubuntu",
    "centos",
    "windows",
    "osx",
    "opensuse",
    "genericlinux",
];
const PROCESSORS: [&str; 7] = [
    "amd64", "i386", "armhf", "arm64", "ppc64el", "s390x", "riscv64",
];
const RISKS: [&str; 4] = ["stable", "candidate", "beta", "edge"];

impl Base {
    /// Ubuntu at that version.
    #[must_use]
    pub fn ubuntu(version: &str) -> Self {
        Self {
            name: "ubuntu".into(),
            channel: format!("{version}/stable"),
            architectures: Vec::new(),
        }
    }

    /// As `juju status` prints it: `ubuntu@22.04`.
    #[must_use]
    pub fn short(&self) -> String {
        format!("{}@{}", self.name, self.version())
    }

    /// The version without the risk: `22.04`.
    #[must_use]
    pub fn version(&self) -> &str {
        self.channel.split('/').next().unwrap_or(&self.channel)
    }
}

/// Reads and checks the bases of the file.
pub(crate) fn read(node: &Node, reader: &mut Reader<'_>) -> Vec<Base> {
    let entries = reader.entries(node, "manifest");
    match entries.iter().find(|entry| entry.key.name() == "bases") {
        Some(entry) => bases(&entry.node, reader),
        None => Vec::new(),
    }
}

/// Reads and checks a list of bases.
pub(crate) fn bases(node: &Node, reader: &mut Reader<'_>) -> Vec<Base> {
    let mut all = Vec::new();
    for (index, item) in reader.items(node, "bases").iter().enumerate() {
        let path = format!("bases[{index}]");
        let mut base = Base {
            name: String::new(),
            channel: String::new(),
            architectures: Vec::new(),
        };
        for field in reader.entries(item, &path) {
            let path = format!("{path}.{}", field.key.name());
            match field.key.name() {
                "name" => {
                    base.name = reader
                        .choice(&field.node, &path, &SYSTEMS)
                        .unwrap_or_else(|| "ubuntu".into())
                }
                "channel" => base.channel = channel(&field.node, &path, reader),
                "architectures" => {
                    for (index, item) in reader.items(&field.node, &path).iter().enumerate() {
                        base.architectures.extend(reader.choice(
                            item,
                            &format!("{path}[{index}]"),
                            &PROCESSORS,
                        ));
                    }
                }
                _ => {}
            }
        }
        for (key, empty) in [
            ("name", base.name.is_empty()),
            ("channel", base.channel.is_empty()),
        ] {
            if empty && item.as_map().is_none_or(|map| map.get(key).is_none()) {
                let hint = "a base looks like `{name: ubuntu, channel: \"22.04\"}`";
                reader.error(item.place, format!("`{path}` has no `{key}`"), hint);
            }
        }
        all.push(base);
    }
    all
}

fn channel(node: &Node, path: &str, reader: &mut Reader<'_>) -> String {
    let Some(text) = reader.text(node, path) else {
        return String::new();
    };
    let mut parts = text.split('/');
    let (track, risk) = (parts.next().unwrap_or_default(), parts.next());
    if track.is_empty() || risk.is_some_and(|risk| !RISKS.contains(&risk)) {
        reader.error(
            node.place,
            format!("`{path}` is no channel: {text:?}"),
            "write a version, such as \"22.04\"",
        );
    }
    text
}
