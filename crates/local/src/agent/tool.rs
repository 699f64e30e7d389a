//! A hook tool: the short-lived process that charms call. (Between tool and agent our own messages are
//! spoken for now; Juju's gob can replace them here and in `server` without touching anything else.)

use std::ffi::OsString;
use std::io::{self, Read, Write};
use std::os::unix::net::UnixStream;
use std::process::ExitCode;

use serde::{Deserialize, Serialize};

use super::protocol::Content;
use super::server::abstract_address;
use crate::wire;

/// On exactly this text a tool reads its stdin and asks again.
pub(super) const NEEDS_STDIN: &str = "hook tool requires stdin, none supplied";

/// A call, as the tool ships it.
#[derive(Debug, Serialize, Deserialize)]
pub(super) struct ToolRequest {
    pub(super) context: String,
    pub(super) dir: String,
    pub(super) command: String,
    pub(super) args: Vec<String>,
    pub(super) stdin: Option<Content>,
}

/// What comes back.
#[derive(Debug, Serialize, Deserialize)]
pub(super) enum ToolAnswer {
    Done {
        code: i32,
        stdout: Content,
        stderr: Content,
    },
    Error(String),
}

/// The process of a hook tool called `name`.
pub(crate) fn hook_tool(name: &str, args: &[OsString]) -> ExitCode {
    match call(name, args) {
        Ok(code) => code,
        Err(text) => {
            // Without a stderr nobody wants to know.
            let _ = writeln!(io::stderr(), "ERROR {text}");
            ExitCode::FAILURE
        }
    }
}

fn call(name: &str, args: &[OsString]) -> Result<ExitCode, String> {
    let variable = |name: &str| {
        std::env::var(name)
            .ok()
            .filter(|value| !value.is_empty())
            .ok_or(format!("{name} not set"))
    };
    let context = variable("JUJU_CONTEXT_ID")?;
    let dir = std::env::current_dir().map_err(|error| format!("getwd: {error}"))?;
    let address = variable("JUJU_AGENT_SOCKET_ADDRESS")?;
    let network = variable("JUJU_AGENT_SOCKET_NETWORK")?;
    let dialled = abstract_address(&address).and_then(|address| UnixStream::connect_addr(&address));
    let stream = dialled
        .map_err(|error| format!("dial {network} {address}: connect: {}", go_text(&error)))?;
    let mut request = ToolRequest {
        context,
        dir: dir.to_string_lossy().into_owned(),
        command: name.to_owned(),
        args: args
            .iter()
            .map(|arg| arg.to_string_lossy().into_owned())
            .collect(),
        stdin: None,
    };
    loop {
        let broken = |error: io::Error| go_text(&error);
        wire::send(&stream, &request).map_err(broken)?;
        match wire::receive(&stream).map_err(broken)? {
            Some(ToolAnswer::Done {
                code,
                stdout,
                stderr,
            }) => {
                let printed = io::stdout()
                    .write_all(&stdout.0)
                    .and_then(|()| io::stdout().flush());
                printed
                    .and_then(|()| io::stderr().write_all(&stderr.0))
                    .map_err(|error| go_text(&error))?;
                return Ok(ExitCode::from(u8::try_from(code & 0xff).unwrap_or(1)));
            }
            Some(ToolAnswer::Error(text)) if text == NEEDS_STDIN && request.stdin.is_none() => {
                let mut stdin = Vec::new();
                io::stdin()
                    .read_to_end(&mut stdin)
                    .map_err(|error| format!("failed to read stdin: {}", go_text(&error)))?;
                request.stdin = Some(Content(stdin));
            }
            Some(ToolAnswer::Error(text)) => return Err(text),
            None => return Err("unexpected EOF".into()),
        }
    }
}

/// What a Go program says of a system error.
fn go_text(error: &io::Error) -> String {
    match error.kind() {
        io::ErrorKind::ConnectionRefused => "connection refused".into(),
        io::ErrorKind::ConnectionReset => "connection reset by peer".into(),
        io::ErrorKind::BrokenPipe => "broken pipe".into(),
        io::ErrorKind::UnexpectedEof => "unexpected EOF".into(),
        io::ErrorKind::NotFound => "no such file or directory".into(),
        io::ErrorKind::PermissionDenied => "permission denied".into(),
        _ => error.to_string(),
    }
}
