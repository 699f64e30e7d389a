//! One call of a tool while it is answered: arguments, files, output.

use std::io;

use super::{Failure, Flags};
use crate::format::{Value, go_quote_list};
use crate::{AgentFiles, ToolResult};

pub(super) struct Invocation<'a> {
    /// The arguments, without the tool's name.
    pub(super) args: &'a [String],
    /// All of stdin, if the client has sent it.
    pub(super) stdin: Option<&'a [u8]>,
    /// The caller's working directory.
    pub(super) cwd: &'a str,
    pub(super) files: &'a mut dyn AgentFiles,
    pub(super) result: ToolResult,
}

impl Invocation<'_> {
    /// Prints `value` as the flags say: to stdout or into a file.
    pub(super) fn print(&mut self, flags: &Flags, value: &Value) -> Result<(), Failure> {
        let bytes = flags.format().print(value);
        let target = flags.text("output");
        if target.is_empty() {
            self.result.stdout.extend_from_slice(&bytes);
            return Ok(());
        }
        let path = self.absolute(target);
        self.files
            .write(&path, &bytes)
            .map_err(|error| open_failed(&path, &error))
    }

    /// The content of the file a `--file` option names; `-` is stdin.
    pub(super) fn read_file(&mut self, name: &str) -> Result<Vec<u8>, Failure> {
        if name == "-" {
            return self.stdin.map(<[u8]>::to_vec).ok_or(Failure::Stdin);
        }
        let expanded = match name.strip_prefix('~') {
            Some(rest) if rest.is_empty() || rest.starts_with('/') => {
                format!("{}{rest}", self.files.home())
            }
            _ => name.to_owned(),
        };
        self.read_path(&expanded)
    }

    /// The content of a file, whatever it is called.
    pub(super) fn read_path(&mut self, name: &str) -> Result<Vec<u8>, Failure> {
        let path = self.absolute(name);
        self.files
            .read(&path)
            .map_err(|error| open_failed(&path, &error))
    }

    /// Makes sure that the file at `path`, which is absolute, holds `content`.
    pub(super) fn keep_file(&mut self, path: &str, content: &[u8]) -> Result<(), Failure> {
        if self.files.read(path).is_ok_and(|there| there == content) {
            return Ok(());
        }
        self.files
            .write(path, content)
            .map_err(|error| open_failed(path, &error))
    }

    /// Writes the note that an option no longer does anything. It has no newline in Juju either.
    pub(super) fn note_deprecated_format(&mut self, flags: &Flags, tool: &str) {
        if !flags.text("format").is_empty() {
            let note = format!("--format flag deprecated for command {tool:?}");
            self.result.stderr.extend_from_slice(note.as_bytes());
        }
    }

    fn absolute(&self, path: &str) -> String {
        if path.starts_with('/') {
            clean(path)
        } else {
            clean(&format!("{}/{path}", self.cwd))
        }
    }
}

/// An absolute path without `.`, `..` and doubled slashes.
fn clean(path: &str) -> String {
    let mut parts: Vec<&str> = Vec::new();
    for part in path.split('/') {
        match part {
            "" | "." => {}
            ".." => {
                parts.pop();
            }
            part => parts.push(part),
        }
    }
    format!("/{}", parts.join("/"))
}

/// What Go says when a file cannot be opened.
fn open_failed(path: &str, error: &io::Error) -> Failure {
    Failure::run(format!("open {path}: {}", reason(error)))
}

/// What the system says about a file.
pub(super) fn reason(error: &io::Error) -> String {
    match (error.kind(), error.raw_os_error()) {
        (io::ErrorKind::NotFound, _) => "no such file or directory".to_owned(),
        (io::ErrorKind::PermissionDenied, Some(1)) => "operation not permitted".to_owned(),
        (io::ErrorKind::PermissionDenied, _) => "permission denied".to_owned(),
        (io::ErrorKind::IsADirectory, _) => "is a directory".to_owned(),
        (io::ErrorKind::NotADirectory, _) => "not a directory".to_owned(),
        (io::ErrorKind::ReadOnlyFilesystem, _) => "read-only file system".to_owned(),
        (kind, _) => kind.to_string(),
    }
}

/// Refuses arguments that are left over.
pub(super) fn no_more(args: &[String]) -> Result<(), Failure> {
    if args.is_empty() {
        Ok(())
    } else {
        Err(Failure::usage(format!(
            "unrecognized args: {}",
            go_quote_list(args)
        )))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn paths_are_cleaned_as_go_cleans_them() {
        assert_eq!(clean("/a//b/./c/../d/"), "/a/b/d");
        assert_eq!(clean("/.."), "/");
    }
}
