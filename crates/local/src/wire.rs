//! Messages between our processes: a length of four bytes, big-endian, then JSON.

use std::io::{self, Read, Write};

use serde::Serialize;
use serde::de::DeserializeOwned;

/// Longer ones are a mistake on the other side: the largest honest one carries a file a charm handed to a tool.
const LIMIT: u32 = 256 << 20;

/// Writes one message.
pub(crate) fn send<T: Serialize + ?Sized>(mut to: impl Write, message: &T) -> io::Result<()> {
    let mut bytes = vec![0; 4];
    serde_json::to_writer(&mut bytes, message)?;
    let length = u32::try_from(bytes.len() - 4)
        .ok()
        .filter(|length| *length <= LIMIT);
    let length = length
        .ok_or_else(|| io::Error::new(io::ErrorKind::InvalidData, "a message is too long"))?;
    bytes[..4].copy_from_slice(&length.to_be_bytes());
    to.write_all(&bytes)?;
    to.flush()
}

/// Reads one message; `None` when the other side has closed.
pub(crate) fn receive<T: DeserializeOwned>(mut from: impl Read) -> io::Result<Option<T>> {
    let mut length = [0; 4];
    let mut filled = 0;
    while filled < length.len() {
        match from.read(&mut length[filled..]) {
            Ok(0) if filled == 0 => return Ok(None),
            Ok(0) => return Err(io::ErrorKind::UnexpectedEof.into()),
            Ok(count) => filled += count,
            Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
            Err(error) if error.kind() == io::ErrorKind::ConnectionReset && filled == 0 => {
                return Ok(None);
            }
            Err(error) => return Err(error),
        }
    }
    let length = u32::from_be_bytes(length);
    if length > LIMIT {
        return Err(io::Error::new(
            io::ErrorKind::InvalidData,
            "a message is too long",
        ));
    }
    let mut bytes = Vec::new();
    from.take(u64::from(length)).read_to_end(&mut bytes)?;
    if bytes.len() < length as usize {
        return Err(io::ErrorKind::UnexpectedEof.into());
    }
    Ok(Some(serde_json::from_slice(&bytes)?))
}

/// Bytes in JSON, as a string with one character per byte: short for text, exact for everything.
pub(crate) mod bytes {
    use serde::de::Error;
    use serde::{Deserialize, Deserializer, Serializer};

    pub(crate) fn serialize<S: Serializer>(bytes: &[u8], serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(
            &bytes
                .iter()
                .map(|byte| char::from(*byte))
                .collect::<String>(),
        )
    }

    pub(crate) fn deserialize<'de, D: Deserializer<'de>>(
        deserializer: D,
    ) -> Result<Vec<u8>, D::Error> {
        let text = String::deserialize(deserializer)?;
        text.chars()
            .map(|c| u8::try_from(u32::from(c)).map_err(D::Error::custom))
            .collect()
    }
}

#[cfg(test)]
mod tests {
    use serde::Deserialize;

    use super::*;

    #[derive(Debug, PartialEq, Serialize, Deserialize)]
    struct Message {
        #[serde(with = "bytes")]
        data: Vec<u8>,
    }

    #[test]
    fn every_byte_arrives_as_it_was_sent() {
        let sent = Message {
            data: (0..=255).collect(),
        };
        let mut line = Vec::new();
        send(&mut line, &sent).unwrap();
        assert_eq!(receive(&line[..]).unwrap(), Some(sent));
    }

    #[test]
    fn a_closed_line_is_no_message_and_a_cut_one_is_an_error() {
        assert_eq!(receive::<Message>(&b""[..]).unwrap(), None);
        let mut line = Vec::new();
        send(
            &mut line,
            &Message {
                data: vec![1, 2, 3],
            },
        )
        .unwrap();
        line.pop();
        assert!(receive::<Message>(&line[..]).is_err());
        assert!(receive::<Message>(&[255, 255, 255, 255][..]).is_err());
    }
}
