//! Values of a lower layer that a higher one replaced.

use crate::finding::{Findings, Level};
use crate::layers::Files;
use crate::yaml::Node;

/// Where conflicts in one file of the charm are noted.
pub(crate) struct Conflicts<'a> {
    /// The file, such as `config.yaml`.
    pub(crate) document: &'a str,
    /// The section of `layer.yaml` with its `deletes`, and what its paths leave out.
    pub(crate) section: Option<(&'a str, Option<&'a str>)>,
    pub(crate) files: &'a Files,
    pub(crate) findings: &'a mut Findings,
    /// What a conflict is: a warning, or an error.
    pub(crate) level: Level,
}

/// Keys of `metadata.yaml` that tell charms apart: of course the highest layer decides.
const OF_THE_CHARM: [&str; 11] = [
    "name",
    "display-name",
    "summary",
    "description",
    "maintainer",
    "maintainers",
    "docs",
    "website",
    "source",
    "issues",
    "min-juju-version",
];

/// Keys of `layer.yaml` that speak of one layer.
const OF_THE_LAYER: [&str; 7] = ["is", "name", "repo", "docs", "labels", "tactics", "summary"];

impl Conflicts<'_> {
    /// `new` took the place of `old`.
    pub(crate) fn replaced(&mut self, path: &[&str], old: &Node, new: &Node) {
        if self.is_expected(path) {
            return;
        }
        let key = path.join(".");
        let message = format!(
            "`{key}` is {} in {}, and {} in {}",
            old.describe(),
            self.files.whence(old.place),
            new.describe(),
            self.files.whence(new.place),
        );
        let hint = match self.section {
            Some((section, prefix)) if prefix.is_none_or(|prefix| path[0] == prefix) => {
                let inner = match prefix {
                    Some(_) => path[1..].join("."),
                    None => key,
                };
                format!(
                    "the higher layer wins; if that is meant, say so in its `layer.yaml`: `{section}: {{deletes: [{inner}]}}`"
                )
            }
            _ => "the higher layer wins".to_owned(),
        };
        let mut reader = self.files.reader(self.findings);
        match self.level {
            Level::Error => reader.error(new.place, message, hint),
            _ => reader.warning(new.place, message, hint),
        }
    }

    /// True for what layers are supposed to say anew.
    fn is_expected(&self, path: &[&str]) -> bool {
        let first = path.first().copied().unwrap_or_default();
        match self.document {
            "metadata.yaml" if OF_THE_CHARM.contains(&first) => true,
            "layer.yaml" => first == "options" || OF_THE_LAYER.contains(&first),
            _ => path.len() > 1 && path.last() == Some(&"description"),
        }
    }
}
