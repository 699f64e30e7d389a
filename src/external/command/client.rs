//! The command inside a handler: it hands its arguments to the process that runs the hook.

use std::io::{self, Read, Write};
use std::path::Path;

use crate::error::{Error, ErrorKind, Result};
use crate::external::socket;
use crate::external::wire::{ANSWER_LIMIT, Answer, REQUEST_LIMIT, Request};

/// Calls whoever listens at `socket`.
pub(super) fn call(path: &Path, args: &[String]) -> Result<Answer> {
    let mut line = serde_json::to_vec(&Request {
        args: args.to_vec(),
    })?;
    line.push(b'\n');
    if line.len() as u64 > REQUEST_LIMIT {
        return Ok(Answer::failed(
            2,
            &format!("the call is longer than {REQUEST_LIMIT} bytes"),
        ));
    }
    let mut stream = socket::connect(path).map_err(|e| gone(path, e))?;
    stream.write_all(&line).map_err(|e| gone(path, e))?;
    let mut answer = Vec::new();
    (&stream)
        .take(ANSWER_LIMIT)
        .read_to_end(&mut answer)
        .map_err(|e| gone(path, e))?;
    if answer.is_empty() {
        return Err(gone(path, io::Error::from(io::ErrorKind::UnexpectedEof)));
    }
    serde_json::from_slice(&answer)
        .map_err(|e| Error::from(e).context("cannot understand the answer of the hook"))
}

/// Nobody answers. It must not go on with a transaction of its own: the hook's may have failed by now.
fn gone(path: &Path, error: io::Error) -> Error {
    let kind = error.kind();
    let error = Error::from(error)
        .with_kind(ErrorKind::Unavailable)
        .context(format!(
            "the handler that this belongs to has no hook any more (`{}`)",
            path.display()
        ));
    match kind {
        io::ErrorKind::PermissionDenied => {
            error.hint("only the user that the hook runs as can take part in it")
        }
        _ => error.hint(
            "what a handler leaves in the background outlives its hook: \
             let it call `charms.reactive` without `ENSIGN_TRANSACTION` and `JUJU_CONTEXT_ID`",
        ),
    }
}
