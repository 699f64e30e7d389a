//! The end that calls: what a hook tool says to the unit agent, and what it hears.

use std::io::{self, Read, Write};
use std::os::unix::ffi::OsStrExt;
use std::os::unix::net::UnixStream;
use std::path::Path;
use std::time::Duration;

use super::decode::{Decoder, Source};
use super::encode::Value;
use super::{METHOD, WireError, socket_address};
use crate::tools::ToolOutput;

/// `net/rpc`'s `Request` as type 64.
const HEADER: &[u8] = b"\x2e\x7f\x03\x01\x01\x07Request\x01\xff\x80\x00\x01\x02\
    \x01\x0dServiceMethod\x01\x0c\x00\x01\x03Seq\x01\x06\x00\x00\x00";

/// Juju's `Request` as type 65, and its `[]string` as type 66.
const BODY: &[u8] = b"\x66\xff\x81\x03\x01\x01\x07Request\x01\xff\x82\x00\x01\x07\
    \x01\x09ContextId\x01\x0c\x00\x01\x03Dir\x01\x0c\x00\x01\x0bCommandName\x01\x0c\x00\
    \x01\x04Args\x01\xff\x84\x00\x01\x08StdinSet\x01\x02\x00\x01\x05Stdin\x01\x0a\x00\
    \x01\x05Token\x01\x0c\x00\x00\x00\
    \x16\xff\x83\x02\x01\x01\x08[]string\x01\xff\x84\x00\x01\x0c\x00\x00";

/// A call of a hook tool.
#[derive(Clone, Copy)]
#[expect(
    missing_debug_implementations,
    reason = "arguments and input may be secret"
)]
pub struct Request<'a> {
    /// `JUJU_CONTEXT_ID`.
    pub context: &'a str,
    /// The caller's folder, as an absolute path.
    pub dir: &'a Path,
    /// The tool's name.
    pub command: &'a str,
    /// Its arguments, without the name.
    pub args: &'a [String],
    /// All of the caller's standard input, once it has been read.
    pub stdin: Option<&'a [u8]>,
    /// `JUJU_AGENT_TOKEN`; mostly empty.
    pub token: &'a str,
}

impl Request<'_> {
    /// The messages of this call, the `seq`th of its connection. The first one defines the types.
    pub(super) fn encode(&self, seq: u64) -> Vec<u8> {
        let mut out = Vec::new();
        let define = |out: &mut Vec<u8>, types: &[u8]| {
            if seq == 0 {
                out.extend_from_slice(types);
            }
        };
        define(&mut out, HEADER);
        let mut header = Value::of(64);
        header.bytes(1, METHOD.as_bytes());
        header.uint(2, seq);
        header.finish(&mut out);
        define(&mut out, BODY);
        let mut body = Value::of(65);
        body.bytes(1, self.context.as_bytes());
        body.bytes(2, self.dir.as_os_str().as_bytes());
        body.bytes(3, self.command.as_bytes());
        body.texts(4, self.args);
        body.uint(5, u64::from(self.stdin.is_some()));
        body.bytes(6, self.stdin.unwrap_or_default());
        body.bytes(7, self.token.as_bytes());
        body.finish(&mut out);
        out
    }
}

/// What the agent answers.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Reply {
    /// The tool ran.
    Done(ToolOutput),
    /// The call was refused, in these words. Nothing has run, or nothing that counts.
    Refused(String),
}

/// A connection to the agent: one call after the other.
#[derive(Debug)]
pub struct Connection {
    stream: UnixStream,
    answers: Answers,
    seq: u64,
}

impl Connection {
    /// Connects to the agent that listens at `address`.
    ///
    /// # Errors
    /// What the system says, such as that nobody listens.
    pub fn dial(address: &str) -> io::Result<Self> {
        let stream = UnixStream::connect_addr(&socket_address(address)?)?;
        Ok(Self {
            stream,
            answers: Answers::default(),
            seq: 0,
        })
    }

    /// From now on either side may keep the other waiting so long; `None` is for ever.
    pub(super) fn patience(&self, patience: Option<Duration>) -> io::Result<()> {
        self.stream.set_read_timeout(patience)?;
        self.stream.set_write_timeout(patience)
    }

    /// Says what is to be run. As long as this has not succeeded, nothing is.
    ///
    /// # Errors
    /// What the system says.
    pub fn send(&mut self, request: &Request<'_>) -> io::Result<()> {
        let bytes = request.encode(self.seq);
        self.stream.write_all(&bytes)
    }

    /// Waits for the answer to what was said last.
    ///
    /// # Errors
    /// If none comes, or one that cannot be read: what was asked for may have been done.
    pub fn receive(&mut self) -> Result<Reply, WireError> {
        let reply = self
            .answers
            .read(&mut |room| self.stream.read(room), self.seq)?;
        self.seq += 1;
        Ok(reply)
    }
}

/// The agent's half of a connection, as it is read.
#[derive(Debug, Default)]
pub(super) struct Answers(Decoder);

impl Answers {
    /// Reads the answer to the `seq`th call.
    pub(super) fn read(&mut self, from: &mut Source<'_>, seq: u64) -> Result<Reply, WireError> {
        let (mut number, mut error) = (0, String::new());
        let there = self.0.value(from, &mut |name, item| {
            match name {
                b"Seq" => number = item.uint()?,
                b"Error" => error = item.text()?,
                _ => {}
            }
            Ok(())
        })?;
        if there && number != seq {
            return Err(WireError::Malformed("it is the answer to another call"));
        }
        let mut output = ToolOutput::default();
        let there = there
            && self.0.value(from, &mut |name, item| {
                match name {
                    b"Code" => {
                        output.code = i32::try_from(item.int()?)
                            .map_err(|_| WireError::Malformed("an exit code is out of range"))?;
                    }
                    b"Stdout" => output.stdout = item.bytes()?.to_owned(),
                    b"Stderr" => output.stderr = item.bytes()?.to_owned(),
                    _ => {}
                }
                Ok(())
            })?;
        match (there, error.is_empty()) {
            (false, _) => Err(WireError::Closed),
            (true, true) => Ok(Reply::Done(output)),
            (true, false) => Ok(Reply::Refused(error)),
        }
    }
}
