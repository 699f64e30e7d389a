//! Reading within one message: numbers, bytes, and the types that the sender defines.

use super::WireError;

/// No honest peer defines more; Juju's define three.
const MOST_TYPES: usize = 32;

/// No struct of this protocol has more fields.
const MOST_FIELDS: u64 = 64;

/// What is left of a message.
pub(super) struct Cursor<'a>(pub(super) &'a [u8]);

impl<'a> Cursor<'a> {
    pub(super) fn take(&mut self, length: u64) -> Result<&'a [u8], WireError> {
        let split = usize::try_from(length)
            .ok()
            .and_then(|length| self.0.split_at_checked(length));
        let (head, rest) = split.ok_or(WireError::Malformed("a message ends too early"))?;
        self.0 = rest;
        Ok(head)
    }

    pub(super) fn uint(&mut self) -> Result<u64, WireError> {
        match self.take(1)? {
            [small] if *small < 128 => Ok(u64::from(*small)),
            head => {
                let count = head.first().map_or(0, |byte| byte.wrapping_neg());
                big_endian(self.take(u64::from(count))?)
            }
        }
    }

    pub(super) fn int(&mut self) -> Result<i64, WireError> {
        let bits = self.uint()?;
        Ok((bits >> 1).cast_signed() ^ -(bits & 1).cast_signed())
    }

    pub(super) fn bytes(&mut self) -> Result<&'a [u8], WireError> {
        let length = self.uint()?;
        self.take(length)
    }

    /// The number of a struct's next field, counted from 1; none at its end. `last` is that of the one before.
    pub(super) fn field(&mut self, last: &mut u64) -> Result<Option<u64>, WireError> {
        let delta = self.uint()?;
        // Beyond any field that is defined, it is an unknown one.
        *last = last.saturating_add(delta);
        Ok((delta != 0).then_some(*last))
    }

    /// A name and a number: both what types have in common and their fields look like that.
    fn named(&mut self) -> Result<(&'a [u8], i64), WireError> {
        let (mut named, mut last) = ((&[][..], 0), 0);
        while let Some(field) = self.field(&mut last)? {
            match field {
                1 => named.0 = self.bytes()?,
                2 => named.1 = self.int()?,
                _ => return Err(BAD_TYPE),
            }
        }
        Ok(named)
    }
}

pub(super) fn big_endian(bytes: &[u8]) -> Result<u64, WireError> {
    if bytes.len() > 8 {
        return Err(WireError::Malformed("a number has more than 64 bits"));
    }
    Ok(bytes
        .iter()
        .fold(0, |number, byte| number << 8 | u64::from(*byte)))
}

const BAD_TYPE: WireError = WireError::Malformed("a type is not defined as Go does it");

/// A type of the sender's.
#[derive(Debug)]
pub(super) enum Type {
    /// Field names and the types of fields.
    Struct(Vec<(Vec<u8>, i64)>),
    /// A slice or an array of these.
    List(i64),
    Map(i64, i64),
    /// Bytes in a form of its own.
    Opaque,
}

/// The types that were defined in one direction of a connection.
#[derive(Debug, Default)]
pub(super) struct Types(Vec<(i64, Type)>);

impl Types {
    pub(super) fn get(&self, id: i64) -> Result<&Type, WireError> {
        let found = self.0.iter().find(|(known, _)| *known == id);
        Ok(&found
            .ok_or(WireError::Malformed("a value is of an unknown type"))?
            .1)
    }

    /// Reads the definition of type `id`.
    pub(super) fn define(&mut self, id: i64, message: &mut Cursor<'_>) -> Result<(), WireError> {
        // Go numbers its own types up to 63.
        if id < 64 || self.0.len() >= MOST_TYPES || self.get(id).is_ok() {
            return Err(BAD_TYPE);
        }
        let kind = message.uint()?;
        let (mut fields, mut ids, mut last) = (Vec::new(), [0; 2], 0);
        while let Some(field) = message.field(&mut last)? {
            match (kind, field) {
                (1..=7, 1) => {
                    message.named()?;
                }
                (1 | 2 | 4, 2) => ids[0] = message.int()?,
                // An array's length, a map's values.
                (1 | 4, 3) => ids[1] = message.int()?,
                (3, 2) => {
                    let count = message.uint()?;
                    if count > MOST_FIELDS {
                        return Err(BAD_TYPE);
                    }
                    for _ in 0..count {
                        let (name, id) = message.named()?;
                        fields.push((name.to_owned(), id));
                    }
                }
                _ => return Err(BAD_TYPE),
            }
        }
        let defined = match kind {
            1 | 2 => Type::List(ids[0]),
            3 => Type::Struct(fields),
            4 => Type::Map(ids[0], ids[1]),
            5..=7 => Type::Opaque,
            _ => return Err(BAD_TYPE),
        };
        // The end of the definition.
        if message.uint()? != 0 {
            return Err(BAD_TYPE);
        }
        self.0.push((id, defined));
        Ok(())
    }
}
