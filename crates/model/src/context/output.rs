//! What a running process prints: lines for the log, everything for an action's results.

use base64::Engine as _;
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

use crate::Stream;

/// The most bytes of a line that go into one log record.
const LINE: usize = 4096;

/// Both streams of a process.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
pub(crate) struct Output {
    stdout: Capture,
    stderr: Capture,
}

#[derive(Debug, Clone, Default, Serialize, Deserialize)]
struct Capture {
    /// The line that has not ended yet.
    line: Vec<u8>,
    /// All of it, where results want it.
    all: Vec<u8>,
}

impl Output {
    /// Takes bytes; returns the lines that are complete now. Keeps everything if `collect`.
    pub(crate) fn take(&mut self, stream: Stream, bytes: &[u8], collect: bool) -> Vec<String> {
        let capture = self.capture(stream);
        if collect {
            capture.all.extend_from_slice(bytes);
        }
        let mut lines = Vec::new();
        for &byte in bytes {
            if byte != b'\n' {
                capture.line.push(byte);
            }
            if byte == b'\n' || capture.line.len() == LINE {
                lines.push(text(&capture.line));
                capture.line.clear();
            }
        }
        lines
    }

    /// The line that was never ended.
    pub(crate) fn rest(&mut self, stream: Stream) -> Option<String> {
        let line = std::mem::take(&mut self.capture(stream).line);
        (!line.is_empty()).then(|| text(&line))
    }

    const fn capture(&mut self, stream: Stream) -> &mut Capture {
        match stream {
            Stream::Stdout => &mut self.stdout,
            Stream::Stderr => &mut self.stderr,
        }
    }

    /// Adds what was printed to an action's results.
    pub(crate) fn report(&self, results: &mut Map<String, Value>, code: i32) {
        for (name, capture) in [("stdout", &self.stdout), ("stderr", &self.stderr)] {
            match std::str::from_utf8(&capture.all) {
                Ok("") => {}
                Ok(text) => {
                    results.insert(name.to_owned(), text.into());
                }
                Err(_) => {
                    let encoded = base64::engine::general_purpose::STANDARD.encode(&capture.all);
                    results.insert(name.to_owned(), encoded.into());
                    results.insert(format!("{name}-encoding"), "base64".into());
                }
            }
        }
        results.insert("return-code".to_owned(), code.into());
    }
}

fn text(line: &[u8]) -> String {
    let line = line.strip_suffix(b"\r").unwrap_or(line);
    String::from_utf8_lossy(line).into_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines_are_cut_at_4096_bytes_and_at_their_ends() {
        let mut output = Output::default();
        assert_eq!(output.take(Stream::Stdout, b"a\nb", false), ["a"]);
        assert_eq!(output.take(Stream::Stdout, b"c\n", false), ["bc"]);
        let long = "x".repeat(5000);
        let lines = output.take(Stream::Stdout, long.as_bytes(), false);
        assert_eq!(lines.iter().map(String::len).collect::<Vec<_>>(), [4096]);
        assert_eq!(
            output.rest(Stream::Stdout).map(|line| line.len()),
            Some(904)
        );
    }

    #[test]
    fn what_is_no_utf8_is_reported_as_base64() {
        let mut output = Output::default();
        output.take(Stream::Stderr, &[0xff, 0xfe], true);
        let mut results = Map::new();
        output.report(&mut results, 3);
        assert_eq!(
            Value::Object(results),
            serde_json::json!({
                "stderr": "//4=", "stderr-encoding": "base64", "return-code": 3
            })
        );
    }
}
