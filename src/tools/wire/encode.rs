//! Writing: one value of a struct is one message. The types are constants, written as Go writes them.

/// A struct's value under construction. Fields come in ascending order, and empty ones are left out.
pub(super) struct Value {
    body: Vec<u8>,
    last: u64,
}

impl Value {
    /// A value of the type that was defined under this number.
    pub(super) fn of(id: i64) -> Self {
        let mut body = Vec::new();
        put_int(&mut body, id);
        Self { body, last: 0 }
    }

    /// Makes a field the current one; they count from 1.
    fn field(&mut self, number: u64) {
        put_uint(&mut self.body, number - self.last);
        self.last = number;
    }

    /// A string or bytes.
    pub(super) fn bytes(&mut self, number: u64, bytes: &[u8]) {
        if !bytes.is_empty() {
            self.field(number);
            put_bytes(&mut self.body, bytes);
        }
    }

    /// An unsigned number, or 1 for true.
    pub(super) fn uint(&mut self, number: u64, value: u64) {
        if value != 0 {
            self.field(number);
            put_uint(&mut self.body, value);
        }
    }

    pub(super) fn int(&mut self, number: u64, value: i64) {
        if value != 0 {
            self.field(number);
            put_int(&mut self.body, value);
        }
    }

    pub(super) fn texts(&mut self, number: u64, texts: &[String]) {
        if !texts.is_empty() {
            self.field(number);
            put_uint(&mut self.body, texts.len() as u64);
            for text in texts {
                put_bytes(&mut self.body, text.as_bytes());
            }
        }
    }

    /// Ends the struct and appends the message.
    pub(super) fn finish(mut self, out: &mut Vec<u8>) {
        self.body.push(0);
        put_bytes(out, &self.body);
    }
}

pub(super) fn put_bytes(out: &mut Vec<u8>, bytes: &[u8]) {
    put_uint(out, bytes.len() as u64);
    out.extend_from_slice(bytes);
}

/// Below 128 the byte itself; else how many bytes follow, negated, and these, big-endian without leading zeros.
fn put_uint(out: &mut Vec<u8>, value: u64) {
    let bytes = value.to_be_bytes();
    match bytes.split_at((value.leading_zeros() / 8) as usize).1 {
        [] => out.push(0),
        [one] if *one < 128 => out.push(*one),
        all => {
            out.push((all.len() as u8).wrapping_neg());
            out.extend_from_slice(all);
        }
    }
}

/// The sign in the lowest bit.
pub(super) fn put_int(out: &mut Vec<u8>, value: i64) {
    put_uint(out, ((value << 1) ^ (value >> 63)).cast_unsigned());
}
