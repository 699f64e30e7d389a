//! A unit file with its drop-ins, as text: sections, keys, values.

use std::collections::BTreeMap;

/// All values of all keys, in the order of their lines.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(super) struct UnitFile {
    values: BTreeMap<(String, String), Vec<String>>,
}

impl UnitFile {
    /// Reads a file; drop-ins follow with [`Self::add`].
    pub(super) fn read(text: &str) -> Self {
        let mut file = Self::default();
        file.add(text);
        file
    }

    /// Adds the lines of another file: an empty value takes back those before.
    pub(super) fn add(&mut self, text: &str) {
        let mut section = String::new();
        for line in logical_lines(text) {
            let line = line.trim();
            if let Some(name) = line
                .strip_prefix('[')
                .and_then(|rest| rest.strip_suffix(']'))
            {
                name.clone_into(&mut section);
            } else if let Some((key, value)) = line.split_once('=') {
                let (key, value) = (key.trim().to_owned(), value.trim());
                let values = self.values.entry((section.clone(), key)).or_default();
                if value.is_empty() {
                    values.clear();
                } else {
                    values.push(value.to_owned());
                }
            }
        }
    }

    /// All values of a key.
    pub(super) fn all(&self, section: &str, key: &str) -> &[String] {
        self.values
            .get(&(section.to_owned(), key.to_owned()))
            .map_or(&[], Vec::as_slice)
    }

    /// The value of a key that has one: the last.
    pub(super) fn one(&self, section: &str, key: &str) -> Option<&str> {
        self.all(section, key).last().map(String::as_str)
    }

    /// All values of a key of `[Service]`.
    pub(super) fn service(&self, key: &str) -> &[String] {
        self.all("Service", key)
    }

    /// The last value of a key of `[Service]`.
    pub(super) fn setting(&self, key: &str) -> Option<&str> {
        self.one("Service", key)
    }

    /// A value that is yes or no.
    pub(super) fn is(&self, key: &str) -> bool {
        matches!(self.setting(key), Some("yes" | "true" | "on" | "1"))
    }
}

/// Lines that end with a backslash go on in the next; comments between them are left out.
fn logical_lines(text: &str) -> Vec<String> {
    let mut lines = Vec::new();
    let mut open = String::new();
    for line in text.lines() {
        let bare = line.trim_start();
        if bare.starts_with(['#', ';']) {
            continue;
        }
        match line.strip_suffix('\\') {
            Some(part) => {
                open.push_str(part);
                open.push(' ');
            }
            None => {
                open.push_str(line);
                lines.push(std::mem::take(&mut open));
            }
        }
    }
    if !open.is_empty() {
        lines.push(open);
    }
    lines
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn values_are_found_by_section_and_key() {
        let file = UnitFile::read(
            "# a comment\n[Unit]\nDescription=x = y\n\n[Service]\nExecStart=/bin/a \\\n  # between\n  --flag\nUser = redis\n",
        );
        assert_eq!(file.one("Unit", "Description"), Some("x = y"));
        assert_eq!(
            file.setting("ExecStart")
                .map(|line| line.split_whitespace().collect::<Vec<_>>()),
            Some(vec!["/bin/a", "--flag"])
        );
        assert_eq!(file.setting("User"), Some("redis"));
        assert_eq!(file.setting("Group"), None);
    }

    #[test]
    fn a_drop_in_adds_replaces_and_takes_back() {
        let mut file = UnitFile::read("[Service]\nExecStart=/bin/a\nEnvironment=A=1\nUser=a\n");
        file.add("[Service]\nExecStart=\nExecStart=/bin/b\nEnvironment=B=2\nUser=b\nRemainAfterExit=yes\n");
        assert_eq!(file.service("ExecStart"), ["/bin/b"]);
        assert_eq!(file.service("Environment"), ["A=1", "B=2"]);
        assert_eq!(file.setting("User"), Some("b"));
        assert!(file.is("RemainAfterExit") && !file.is("User"));
    }
}
