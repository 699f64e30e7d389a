//! The end that is called: what the unit agent hears of a hook tool, and what it answers.

use super::client::Reply;
use super::decode::{Decoder, Source};
use super::encode::Value;
use super::{METHOD, WireError};

/// `net/rpc`'s `Response` as type 64.
const HEADER: &[u8] = b"\x39\x7f\x03\x01\x01\x08Response\x01\xff\x80\x00\x01\x03\
    \x01\x0dServiceMethod\x01\x0c\x00\x01\x03Seq\x01\x06\x00\x01\x05Error\x01\x0c\x00\x00\x00";

/// Juju's `ExecResponse` as type 65.
const BODY: &[u8] = b"\x39\xff\x81\x03\x01\x01\x0cExecResponse\x01\xff\x82\x00\x01\x03\
    \x01\x04Code\x01\x04\x00\x01\x06Stdout\x01\x0a\x00\x01\x06Stderr\x01\x0a\x00\x00\x00";

/// The struct without name and fields that goes with an error, as type 66.
const NOTHING: &[u8] = b"\x0a\xff\x83\x03\x01\x02\xff\x84\x00\x00\x00";

/// A call as it arrived.
#[derive(Clone, Default, PartialEq, Eq)]
#[expect(
    missing_debug_implementations,
    reason = "arguments, input and token may be secret"
)]
pub struct Call {
    /// The context the caller believes to be in.
    pub context: String,
    /// Its folder.
    pub dir: String,
    /// The tool's name.
    pub command: String,
    /// Its arguments, without the name.
    pub args: Vec<String>,
    /// All of the caller's standard input, if it has been read.
    pub stdin: Option<Vec<u8>>,
    /// What proves that it may ask.
    pub token: String,
}

/// One connection of a hook tool.
#[derive(Debug, Default)]
pub struct Session {
    calls: Decoder,
    method: String,
    seq: u64,
    /// Which of the types have been defined: header, answer, nothing.
    defined: [bool; 3],
}

impl Session {
    /// Reads the next call; `Err` in it is the refusal of one that asks for another method. None at the end.
    ///
    /// # Errors
    /// If the caller breaks off or says what cannot be read. Whatever comes after it cannot be read, either.
    pub fn read(
        &mut self,
        from: &mut Source<'_>,
    ) -> Result<Option<Result<Call, String>>, WireError> {
        self.method.clear();
        self.seq = 0;
        let (method, seq) = (&mut self.method, &mut self.seq);
        let there = self.calls.value(from, &mut |name, item| {
            match name {
                b"ServiceMethod" => *method = item.text()?,
                b"Seq" => *seq = item.uint()?,
                _ => {}
            }
            Ok(())
        })?;
        if !there {
            return Ok(None);
        }
        let ours = self.method == METHOD;
        let mut call = Call::default();
        let (mut set, mut stdin) = (false, Vec::new());
        let there = self.calls.value(from, &mut |name, item| {
            match name {
                _ if !ours => {}
                b"ContextId" => call.context = item.text()?,
                b"Dir" => call.dir = item.text()?,
                b"CommandName" => call.command = item.text()?,
                b"Args" => call.args = item.texts()?,
                b"StdinSet" => set = item.bool()?,
                b"Stdin" => stdin = item.bytes()?.to_owned(),
                b"Token" => call.token = item.text()?,
                _ => {}
            }
            Ok(())
        })?;
        if !there {
            return Err(WireError::Closed);
        }
        call.stdin = set.then_some(stdin);
        Ok(Some(if ours { Ok(call) } else { Err(self.unknown()) }))
    }

    /// What Go's server says of a method it does not have.
    fn unknown(&self) -> String {
        let method = &self.method;
        match method.rsplit_once('.') {
            None => format!("rpc: service/method request ill-formed: {method}"),
            Some(("Jujuc", _)) => format!("rpc: can't find method {method}"),
            Some(_) => format!("rpc: can't find service {method}"),
        }
    }

    /// The messages that answer the call that was read last.
    #[must_use]
    pub fn answer(&mut self, reply: &Reply) -> Vec<u8> {
        let mut out = Vec::new();
        self.define(0, HEADER, &mut out);
        let mut header = Value::of(64);
        header.bytes(1, self.method.as_bytes());
        header.uint(2, self.seq);
        match reply {
            Reply::Done(output) => {
                header.finish(&mut out);
                self.define(1, BODY, &mut out);
                let mut body = Value::of(65);
                body.int(1, i64::from(output.code));
                body.bytes(2, &output.stdout);
                body.bytes(3, &output.stderr);
                body.finish(&mut out);
            }
            Reply::Refused(error) => {
                header.bytes(3, error.as_bytes());
                header.finish(&mut out);
                self.define(2, NOTHING, &mut out);
                Value::of(66).finish(&mut out);
            }
        }
        out
    }

    fn define(&mut self, index: usize, types: &[u8], out: &mut Vec<u8>) {
        if !std::mem::replace(&mut self.defined[index], true) {
            out.extend_from_slice(types);
        }
    }
}
