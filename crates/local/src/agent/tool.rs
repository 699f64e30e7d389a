//! A hook tool: the short-lived process that charms call. It speaks to the agent as Juju's own does.

use std::ffi::OsString;
use std::io::{self, Read, Write};
use std::process::ExitCode;

use ensign::tools::wire::{Connection, NEEDS_STDIN, Reply, Request, WireError};

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
    let token = variable("JUJU_AGENT_TOKEN").unwrap_or_default();
    let args: Vec<String> = args
        .iter()
        .map(|arg| arg.to_string_lossy().into_owned())
        .collect();
    let mut connection = Connection::dial(&address)
        .map_err(|error| format!("dial {network} {address}: connect: {}", go_text(&error)))?;
    let mut stdin = None;
    loop {
        let request = Request {
            context: &context,
            dir: &dir,
            command: name,
            args: &args,
            stdin: stdin.as_deref(),
            token: &token,
        };
        connection.send(&request).map_err(|error| go_text(&error))?;
        match connection.receive().map_err(broken)? {
            Reply::Done(output) => {
                let printed = io::stdout()
                    .write_all(&output.stdout)
                    .and_then(|()| io::stdout().flush());
                printed
                    .and_then(|()| io::stderr().write_all(&output.stderr))
                    .map_err(|error| go_text(&error))?;
                return Ok(ExitCode::from(
                    u8::try_from(output.code & 0xff).unwrap_or(1),
                ));
            }
            Reply::Refused(text) if text == NEEDS_STDIN && stdin.is_none() => {
                let mut all = Vec::new();
                io::stdin()
                    .read_to_end(&mut all)
                    .map_err(|error| format!("failed to read stdin: {}", go_text(&error)))?;
                stdin = Some(all);
            }
            Reply::Refused(text) => return Err(text),
        }
    }
}

fn broken(error: WireError) -> String {
    match error {
        WireError::Io(error) => go_text(&error),
        WireError::Closed => "unexpected EOF".into(),
        error => error.to_string(),
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
