//! The wire against Juju's own bytes, against hostile ones, and against agents that are not there.

mod agent;
mod fallback;
mod hostile;
mod recorded;

use std::io::Read;

use super::client::Answers;
use super::{Reply, WireError};

/// Bytes as the recordings show them; white space does not count.
fn hex(text: &str) -> Vec<u8> {
    let digits: Vec<u8> = text.bytes().filter(|b| !b.is_ascii_whitespace()).collect();
    let pairs = digits.chunks(2).map(|pair| str::from_utf8(pair).unwrap());
    pairs
        .map(|pair| u8::from_str_radix(pair, 16).unwrap())
        .collect()
}

/// Reads the answer to the first call.
fn listen(bytes: &[u8]) -> Result<Reply, WireError> {
    let mut from = bytes;
    Answers::default().read(&mut |room| from.read(room), 0)
}
