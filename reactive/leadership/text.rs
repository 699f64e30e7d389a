//! Values as the text of a setting: strings as they are, everything else as JSON.

use std::fmt;

use serde::Serialize;
use serde::de::value::StrDeserializer;
use serde::de::{DeserializeOwned, Deserializer, IgnoredAny, IntoDeserializer, Visitor};
use serde_json::{Error, Value};

/// Why a value cannot be written. What serde says about it might show the value, and is not kept.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Unwritable {
    /// Serde fails.
    NotJson,
    /// It is JSON's `null`.
    Null,
    /// The text means something else to its type.
    ReadsBackDifferently,
}

impl fmt::Display for Unwritable {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::NotJson => "that cannot be written as JSON",
            Self::Null => "that is `null`; write the type of what may be absent as `Option<…>`",
            Self::ReadsBackDifferently => {
                "that would not read back as it was written; its strings look like something else"
            }
        })
    }
}

/// The text of a value.
pub(super) fn write<T: Serialize + DeserializeOwned>(value: &T) -> Result<String, Unwritable> {
    // `Value` keeps objects sorted, so equal maps are equal texts (D10).
    match serde_json::to_value(value).map_err(|_| Unwritable::NotJson)? {
        Value::Null => Err(Unwritable::Null),
        Value::String(text) => {
            // Only strings can be mistaken: a type that takes several things may take this one for JSON.
            let back = read::<T>(&text).and_then(serde_json::to_value).ok();
            match back {
                Some(Value::String(back)) if back == text => Ok(text),
                _ => Err(Unwritable::ReadsBackDifferently),
            }
        }
        json => Ok(json.to_string()),
    }
}

/// The value of a text.
pub(super) fn read<T: DeserializeOwned>(text: &str) -> Result<T, Error> {
    T::deserialize(Text(text))
}

/// A text whose type decides what it means.
pub(crate) struct Text<'a>(pub(crate) &'a str);

impl Text<'_> {
    /// For types that take anything: JSON if it is any, except that strings stand without quotes.
    fn is_json(&self) -> bool {
        !self.0.starts_with('"') && serde_json::from_str::<IgnoredAny>(self.0).is_ok()
    }
}

macro_rules! json {
    ($($method:ident($($arg:ident: $ty:ty),*))*) => {$(
        fn $method<V: Visitor<'de>>(self, $($arg: $ty,)* visitor: V) -> Result<V::Value, Error> {
            let mut json = serde_json::Deserializer::from_str(self.0);
            let value = json.$method($($arg,)* visitor)?;
            json.end()?;
            Ok(value)
        }
    )*};
}

macro_rules! string {
    ($($method:ident)*) => {$(
        fn $method<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Error> {
            visitor.visit_str(self.0)
        }
    )*};
}

impl<'de> Deserializer<'de> for Text<'de> {
    type Error = Error;

    string! { deserialize_char deserialize_str deserialize_string deserialize_identifier }

    json! {
        deserialize_bool()
        deserialize_i8() deserialize_i16() deserialize_i32() deserialize_i64() deserialize_i128()
        deserialize_u8() deserialize_u16() deserialize_u32() deserialize_u64() deserialize_u128()
        deserialize_f32() deserialize_f64()
        deserialize_bytes() deserialize_byte_buf()
        deserialize_unit() deserialize_unit_struct(name: &'static str)
        deserialize_seq() deserialize_tuple(len: usize)
        deserialize_tuple_struct(name: &'static str, len: usize)
        deserialize_map() deserialize_struct(name: &'static str, fields: &'static [&'static str])
    }

    /// A text that nobody asks for may be anything.
    fn deserialize_ignored_any<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Error> {
        visitor.visit_unit()
    }

    fn deserialize_any<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Error> {
        if !self.is_json() {
            return visitor.visit_str(self.0);
        }
        let mut json = serde_json::Deserializer::from_str(self.0);
        json.deserialize_any(visitor)
    }

    fn deserialize_option<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Error> {
        // `null` is never written.
        visitor.visit_some(self)
    }

    fn deserialize_newtype_struct<V: Visitor<'de>>(
        self,
        _name: &'static str,
        visitor: V,
    ) -> Result<V::Value, Error> {
        visitor.visit_newtype_struct(self)
    }

    fn deserialize_enum<V: Visitor<'de>>(
        self,
        name: &'static str,
        variants: &'static [&'static str],
        visitor: V,
    ) -> Result<V::Value, Error> {
        if !self.0.starts_with('{') {
            let variant: StrDeserializer<'_, Error> = self.0.into_deserializer();
            return visitor.visit_enum(variant);
        }
        let mut json = serde_json::Deserializer::from_str(self.0);
        let value = json.deserialize_enum(name, variants, visitor)?;
        json.end()?;
        Ok(value)
    }
}

#[cfg(test)]
mod tests {
    use std::collections::{BTreeMap, HashMap};
    use std::fmt::Debug;
    use std::net::IpAddr;

    use serde::Deserialize;

    use super::*;

    #[derive(Debug, PartialEq, Serialize, Deserialize)]
    #[serde(rename_all = "kebab-case")]
    enum Mode {
        ReadOnly,
        Shards(u8),
        Copy { from: String },
        Range(u8, u8),
    }

    #[derive(Debug, PartialEq, Serialize, Deserialize)]
    struct Host(String);

    #[derive(Debug, PartialEq, Serialize, Deserialize)]
    struct Replica {
        host: Host,
        mode: Option<Mode>,
    }

    #[derive(Debug, PartialEq, Serialize, Deserialize)]
    #[serde(untagged)]
    enum Either {
        Number(u32),
        Text(String),
    }

    #[derive(Debug, PartialEq, Serialize, Deserialize)]
    #[serde(tag = "kind")]
    enum Tagged {
        One { n: u8 },
    }

    #[track_caller]
    fn stands_as<T: Serialize + DeserializeOwned + PartialEq + Debug>(value: T, text: &str) {
        assert_eq!(write(&value).as_deref(), Ok(text));
        assert_eq!(read::<T>(text).ok(), Some(value));
    }

    #[test]
    fn strings_stand_as_they_are() {
        for text in [
            "db",
            "5",
            "true",
            "null",
            "\"quoted\"",
            "{\"a\":1}",
            "a\nb",
            "ä",
        ] {
            stands_as(text.to_owned(), text);
            stands_as(Host(text.to_owned()), text);
        }
        stands_as('5', "5");
        stands_as(IpAddr::from([10, 0, 0, 1]), "10.0.0.1");
        stands_as(Mode::ReadOnly, "read-only");
    }

    #[test]
    fn everything_else_is_json() {
        stands_as(5432_u16, "5432");
        stands_as(-1_i64, "-1");
        stands_as(0.5_f64, "0.5");
        stands_as(true, "true");
        stands_as(vec!["a".to_owned(), "b".to_owned()], "[\"a\",\"b\"]");
        stands_as((1, 'x', Host("y".to_owned())), "[1,\"x\",\"y\"]");
        stands_as(BTreeMap::from([(1, "a".to_owned())]), "{\"1\":\"a\"}");
        stands_as(Mode::Shards(3), "{\"shards\":3}");
        stands_as(Mode::Range(1, 2), "{\"range\":[1,2]}");
        let from = "5".to_owned();
        stands_as(Mode::Copy { from }, "{\"copy\":{\"from\":\"5\"}}");
        stands_as(Tagged::One { n: 1 }, "{\"kind\":\"One\",\"n\":1}");
        let host = Host("h".to_owned());
        let mode = None;
        stands_as(Replica { host, mode }, "{\"host\":\"h\",\"mode\":null}");
    }

    #[test]
    fn equal_maps_are_equal_texts() {
        let text = |n: i32| write(&(0..n).map(|i| (i, i)).collect::<HashMap<_, _>>());
        assert_eq!(text(40), text(40));
    }

    #[test]
    fn an_option_that_nobody_knew_of_is_refused_when_it_is_none() {
        stands_as(Some("null".to_owned()), "null");
        stands_as(Some(5), "5");
        assert_eq!(write(&None::<u8>), Err(Unwritable::Null));
        assert_eq!(write(&f64::NAN), Err(Unwritable::Null));
    }

    #[test]
    fn a_string_that_its_type_would_take_for_something_else_is_refused() {
        stands_as(Either::Number(5), "5");
        stands_as(Either::Text("five".to_owned()), "five");
        stands_as(Either::Text("\"5\"".to_owned()), "\"5\"");
        stands_as(Value::from("five"), "five");
        for ambiguous in ["5", "null", "[1]"] {
            let value = Value::from(ambiguous);
            assert_eq!(write(&value), Err(Unwritable::ReadsBackDifferently));
        }
        let text = Either::Text("5".to_owned());
        assert_eq!(write(&text), Err(Unwritable::ReadsBackDifferently));
    }

    #[derive(Debug, Serialize, Deserialize)]
    #[serde(from = "String")]
    struct Lower(String);

    impl From<String> for Lower {
        fn from(text: String) -> Self {
            Self(text.to_lowercase())
        }
    }

    #[test]
    fn a_type_that_changes_its_strings_as_it_reads_them_is_refused_for_those() {
        assert_eq!(write(&Lower("db".to_owned())).as_deref(), Ok("db"));
        let upper = Lower("DB".to_owned());
        assert_eq!(write(&upper), Err(Unwritable::ReadsBackDifferently));
    }

    #[test]
    fn what_is_no_json_is_refused() {
        assert_eq!(
            write(&BTreeMap::from([((1, 2), 3)])),
            Err(Unwritable::NotJson),
            "a key that is no string"
        );
    }

    #[test]
    fn a_text_of_another_type_does_not_read() {
        assert!(read::<u16>("70000").is_err());
        assert!(read::<u16>("80 81").is_err(), "all of it counts");
        assert!(read::<u16>("").is_err());
        assert!(read::<bool>("yes").is_err());
        assert!(read::<char>("ab").is_err());
        assert!(read::<Vec<u8>>("1,2").is_err());
        assert!(read::<Mode>("write-only").is_err());
        assert!(
            read::<Mode>("shards").is_err(),
            "a variant without its data"
        );
        assert!(read::<Mode>("{\"shards\":3} x").is_err());
        assert!(read::<Replica>("{}").is_err());
    }
}
