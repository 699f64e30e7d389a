//! Juju's rules for its YAML files, beyond what a build reads of them.

mod assumes;
mod lxd;
mod metadata;
mod metrics;

use super::charm::Charm;
use crate::finding::Findings;
use crate::yaml::{Node, Reader};

/// Checks one file.
type Rules = fn(&Node, &mut Reader<'_>);

/// Looks at the files that Juju reads besides those that make the charm.
pub(super) fn check(charm: &Charm, findings: &mut Findings) {
    metadata::formats(charm, findings);
    let rules: [(&str, Rules); 3] = [
        ("metadata.yaml", metadata::read),
        ("lxd-profile.yaml", lxd::read),
        ("metrics.yaml", metrics::read),
    ];
    for (file, read) in rules {
        match charm.parsed(file) {
            Some(Ok((source, node))) => read(&node, &mut Reader::new(&source, findings)),
            // A metadata.yaml that is no YAML has been told already.
            Some(Err(finding)) if file != "metadata.yaml" => findings.push(finding),
            _ => {}
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::proof::sample::Sample;

    /// `LINE MESSAGE` of what is wrong with the file.
    pub(super) fn found(file: &str, text: &str) -> Vec<String> {
        let sample = match file {
            "metadata.yaml" => Sample::new().metadata(text),
            _ => Sample::new().file(file, text),
        };
        let found = sample.found(check).into_iter();
        found.map(|f| format!("{} {}", f.line, f.message)).collect()
    }

    #[test]
    fn a_file_that_is_no_yaml_is_told_with_its_line() {
        let all = found("metrics.yaml", "metrics:\n  a: b: c\n");
        assert_eq!(all.len(), 1);
        assert!(all[0].starts_with("2 "), "{all:?}");
    }
}
