//! Hook tools as processes.

use std::io::{self, Write};
use std::os::unix::process::ExitStatusExt;
use std::process::{Child, Command, Output, Stdio};
use std::thread;

use super::transport::{ToolCall, ToolOutput, Transport, TransportError};

/// Starts each tool as a process found on `PATH`, with this process's environment and directory.
///
/// A call costs what a process start costs, 4 to 6 ms with Juju's own tools.
#[derive(Debug, Clone, Copy, Default)]
pub struct Exec;

impl Transport for Exec {
    fn call(&mut self, call: &ToolCall<'_>) -> Result<ToolOutput, TransportError> {
        let stdin = if call.stdin.is_some() {
            Stdio::piped()
        } else {
            Stdio::null()
        };
        let child = Command::new(call.tool)
            .args(call.args)
            .stdin(stdin)
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .map_err(|source| match source.kind() {
                io::ErrorKind::NotFound => TransportError::Missing,
                _ => TransportError::NotStarted { source },
            })?;
        let output = finish(child, call.stdin)?;
        match (output.status.code(), output.status.signal()) {
            (Some(code), _) => Ok(ToolOutput {
                code,
                stdout: output.stdout,
                stderr: output.stderr,
            }),
            (None, Some(signal)) => Err(TransportError::Killed { signal }),
            (None, None) => Err(TransportError::Lost {
                problem: "it ended without an exit code".to_owned(),
            }),
        }
    }
}

/// Feeds the tool while its output is read: with either after the other, both sides could wait on a full pipe.
fn finish(mut child: Child, stdin: Option<&str>) -> Result<Output, TransportError> {
    let pipe = child.stdin.take();
    thread::scope(|scope| {
        let writer = pipe.zip(stdin).map(|(mut pipe, text)| {
            scope.spawn(move || match pipe.write_all(text.as_bytes()) {
                // A tool that fails before it reads says why in its answer, which is worth more than this.
                Err(e) if e.kind() == io::ErrorKind::BrokenPipe => Ok(()),
                result => result,
            })
        });
        let output = child
            .wait_with_output()
            .map_err(|source| TransportError::Io {
                doing: "read its answer",
                source,
            })?;
        match writer.map(thread::ScopedJoinHandle::join) {
            None | Some(Ok(Ok(()))) => Ok(output),
            Some(Ok(Err(source))) => Err(TransportError::Io {
                doing: "write its input",
                source,
            }),
            Some(Err(_)) => Err(TransportError::Lost {
                problem: "the thread that wrote its input failed".to_owned(),
            }),
        }
    })
}

#[cfg(test)]
mod tests {
    use super::super::{ToolError, Tools};
    use super::*;
    use crate::error::Kind;

    /// The shell stands in for a tool, so that nothing has to be written to the disk first.
    fn sh(script: &str, stdin: Option<&str>) -> Result<ToolOutput, ToolError> {
        let args = ["-c".to_owned(), script.to_owned()];
        Tools::exec().call(&ToolCall {
            tool: "sh",
            args: &args,
            stdin,
            secret: false,
        })
    }

    #[test]
    fn exit_code_and_both_outputs_come_back() {
        let output = sh("printf out; printf err >&2; exit 3", None).unwrap();
        let expected = ToolOutput {
            code: 3,
            stdout: b"out".to_vec(),
            stderr: b"err".to_vec(),
        };
        assert_eq!(output, expected);
    }

    #[test]
    fn standard_input_is_what_is_given_or_empty() {
        assert_eq!(sh("cat", Some("a\n")).unwrap().stdout, b"a\n");
        assert_eq!(sh("cat", None).unwrap().stdout, b"");
    }

    #[test]
    fn more_input_and_output_than_pipes_hold_does_not_block() {
        let big = "x".repeat(1 << 20);
        let script = "head -c 1048576 /dev/zero; head -c 1048576 /dev/zero >&2; cat";
        let output = sh(script, Some(&big)).unwrap();
        assert_eq!(
            (output.stdout.len(), output.stderr.len()),
            (2 << 20, 1 << 20)
        );
    }

    #[test]
    fn a_tool_that_fails_without_reading_its_input_says_why() {
        let output = sh("echo no >&2; exit 1", Some(&"x".repeat(1 << 20))).unwrap();
        assert_eq!(
            (output.code, output.stderr.as_slice()),
            (1, b"no\n".as_slice())
        );
    }

    #[test]
    fn a_killed_tool_is_no_answer() {
        let error = sh("kill -9 $$", None).unwrap_err();
        assert!(error.to_string().contains("killed by signal 9"), "{error}");
    }

    #[test]
    fn a_missing_tool_says_where_tools_are() {
        let call = ToolCall {
            tool: "no-such-hook-tool",
            args: &[],
            stdin: None,
            secret: false,
        };
        let error = Tools::exec().call(&call).unwrap_err();
        assert!(error.is_missing());
        assert!(error.advice().unwrap().contains("juju exec"), "{error}");
    }

    #[test]
    fn calls_are_counted_by_name() {
        let mut tools = Tools::exec();
        for tool in ["true", "false"] {
            let call = ToolCall {
                tool,
                args: &[],
                stdin: None,
                secret: false,
            };
            tools.call(&call).unwrap();
        }
        assert_eq!(tools.called(), ["true", "false"]);
    }
}
