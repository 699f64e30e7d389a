//! Reading a stream of messages: definitions of types, and values of structs.

use std::io;

use super::types::{Cursor, Type, Types, big_endian};
use super::{LONGEST, WireError};

/// How deep values may nest. Those of this protocol are two deep.
const DEEPEST: usize = 8;

/// More arguments than Linux can give a process.
const MOST_TEXTS: usize = 1 << 20;

/// What a struct's field holds.
#[derive(Debug)]
pub(super) enum Item<'a> {
    Bool(bool),
    Int(i64),
    Uint(u64),
    Bytes(&'a [u8]),
    Text(&'a [u8]),
    Texts(Vec<&'a [u8]>),
    /// Something this protocol has no use for.
    Other,
}

/// The types of the values of this protocol's fields.
impl<'a> Item<'a> {
    pub(super) fn text(self) -> Result<String, WireError> {
        match self {
            Self::Text(text) => Ok(lossy(text)),
            _ => Err(WRONG),
        }
    }

    pub(super) fn texts(self) -> Result<Vec<String>, WireError> {
        match self {
            Self::Texts(all) => Ok(all.into_iter().map(lossy).collect()),
            _ => Err(WRONG),
        }
    }

    pub(super) fn bytes(self) -> Result<&'a [u8], WireError> {
        match self {
            Self::Bytes(bytes) => Ok(bytes),
            _ => Err(WRONG),
        }
    }

    pub(super) fn int(self) -> Result<i64, WireError> {
        match self {
            Self::Int(number) => Ok(number),
            _ => Err(WRONG),
        }
    }

    pub(super) fn uint(self) -> Result<u64, WireError> {
        match self {
            Self::Uint(number) => Ok(number),
            _ => Err(WRONG),
        }
    }

    pub(super) fn bool(self) -> Result<bool, WireError> {
        match self {
            Self::Bool(yes) => Ok(yes),
            _ => Err(WRONG),
        }
    }
}

const WRONG: WireError = WireError::Malformed("a field is of the wrong type");

fn lossy(text: &[u8]) -> String {
    String::from_utf8_lossy(text).into_owned()
}

/// What is done with a struct's fields: their names, and what they hold. Those that are empty do not come.
pub(super) type Sink<'s> = dyn FnMut(&[u8], Item<'_>) -> Result<(), WireError> + 's;

/// Where bytes come from: puts some into the room it is given, none at the end. (Less of a program than `dyn Read`.)
pub type Source<'s> = dyn FnMut(&mut [u8]) -> io::Result<usize> + 's;

/// One direction of a connection, as its reader sees it.
#[derive(Debug, Default)]
pub(super) struct Decoder {
    types: Types,
}

impl Decoder {
    /// Reads the next value. `false` if the other side had hung up before it.
    pub(super) fn value(
        &mut self,
        from: &mut Source<'_>,
        sink: &mut Sink<'_>,
    ) -> Result<bool, WireError> {
        let mut first = true;
        loop {
            let Some(message) = message(from)? else {
                return if first {
                    Ok(false)
                } else {
                    Err(WireError::Closed)
                };
            };
            first = false;
            let mut cursor = Cursor(&message);
            let id = cursor.int()?;
            if id < 0 {
                self.types.define(id.saturating_neg(), &mut cursor)?;
            } else {
                self.fields(id, &mut cursor, 0, sink)?;
            }
            if !cursor.0.is_empty() {
                return Err(WireError::Malformed("a message goes on after its end"));
            }
            if id >= 0 {
                return Ok(true);
            }
        }
    }

    fn fields(
        &self,
        id: i64,
        cursor: &mut Cursor<'_>,
        depth: usize,
        sink: &mut Sink<'_>,
    ) -> Result<(), WireError> {
        let Type::Struct(fields) = self.types.get(id)? else {
            return Err(WRONG);
        };
        let mut last = 0;
        while let Some(number) = cursor.field(&mut last)? {
            let field = usize::try_from(number - 1)
                .ok()
                .and_then(|index| fields.get(index));
            let (name, id) = field.ok_or(WireError::Malformed("a struct has unknown fields"))?;
            let item = self.item(*id, cursor, depth + 1)?;
            sink(name, item)?;
        }
        Ok(())
    }

    fn item<'a>(
        &self,
        id: i64,
        cursor: &mut Cursor<'a>,
        depth: usize,
    ) -> Result<Item<'a>, WireError> {
        if depth > DEEPEST {
            return Err(WireError::Malformed("values nest too deep"));
        }
        Ok(match id {
            1 => Item::Bool(cursor.uint()? != 0),
            2 => Item::Int(cursor.int()?),
            3 => Item::Uint(cursor.uint()?),
            4 => {
                cursor.uint()?;
                Item::Other
            }
            5 => Item::Bytes(cursor.bytes()?),
            6 => Item::Text(cursor.bytes()?),
            7 => {
                cursor.uint()?;
                cursor.uint()?;
                Item::Other
            }
            _ => match self.types.get(id)? {
                Type::List(6) => {
                    let mut texts = Vec::new();
                    for _ in 0..cursor.uint()? {
                        if texts.len() == MOST_TEXTS {
                            return Err(WireError::Malformed("a list is too long"));
                        }
                        texts.push(cursor.bytes()?);
                    }
                    Item::Texts(texts)
                }
                Type::List(element) => self.skip(&[*element], cursor, depth)?,
                Type::Map(key, value) => self.skip(&[*key, *value], cursor, depth)?,
                Type::Struct(_) => {
                    self.fields(id, cursor, depth, &mut |_, _| Ok(()))?;
                    Item::Other
                }
                Type::Opaque => {
                    cursor.bytes()?;
                    Item::Other
                }
            },
        })
    }

    /// As many as are announced of these: each takes a byte at least, so that the message bounds them.
    fn skip<'a>(
        &self,
        ids: &[i64],
        cursor: &mut Cursor<'a>,
        depth: usize,
    ) -> Result<Item<'a>, WireError> {
        for _ in 0..cursor.uint()? {
            for id in ids {
                self.item(*id, cursor, depth + 1)?;
            }
        }
        Ok(Item::Other)
    }
}

/// The next message without its length, or none at the end of the stream.
fn message(from: &mut Source<'_>) -> Result<Option<Vec<u8>>, WireError> {
    let Some(first) = some(from, 1)? else {
        return Ok(None);
    };
    let length = match first.as_slice() {
        [small] if *small < 128 => u64::from(*small),
        _ => {
            let count = first.first().map_or(0, |byte| byte.wrapping_neg());
            big_endian(&some(from, u64::from(count))?.ok_or(WireError::Closed)?)?
        }
    };
    if length > LONGEST {
        return Err(WireError::Malformed("a message is too long"));
    }
    some(from, length)?.ok_or(WireError::Closed).map(Some)
}

/// So many bytes, or none if there are fewer. Room is made as they arrive, whatever length was announced.
fn some(from: &mut Source<'_>, length: u64) -> io::Result<Option<Vec<u8>>> {
    let (mut bytes, mut left) = (Vec::new(), length);
    let mut room = [0; 4096];
    while left > 0 {
        let most = room.len().min(usize::try_from(left).unwrap_or(usize::MAX));
        match from(&mut room[..most]) {
            Ok(0) => return Ok(None),
            Ok(count) => {
                bytes.extend_from_slice(&room[..count]);
                left -= count as u64;
            }
            Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
            Err(error) => return Err(error),
        }
    }
    Ok(Some(bytes))
}
