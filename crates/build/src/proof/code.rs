//! Numbers for mistakes in the charm's files: one a file, since each file has its own rules.

use crate::finding::Finding;

/// The files that Juju and the build read.
const FILES: [(&str, u16); 9] = [
    ("metadata.yaml", 101),
    ("config.yaml", 102),
    ("actions.yaml", 103),
    ("manifest.yaml", 104),
    ("layer.yaml", 105),
    ("lxd-profile.yaml", 106),
    ("metrics.yaml", 107),
    ("charmcraft.yaml", 108),
    ("main.rs", 109),
];

/// Any other file.
const OTHER: u16 = 100;

/// The same finding with a number, if it had none.
pub(super) fn numbered(finding: Finding) -> Finding {
    if finding.number > 0 {
        return finding;
    }
    let name = finding.file.file_name().unwrap_or_default();
    let known = FILES.iter().find(|(file, _)| name == *file);
    let number = known.map_or(OTHER, |(_, number)| *number);
    finding.numbered(number)
}
