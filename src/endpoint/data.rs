//! What somebody has published, to read.

use std::collections::BTreeMap;
use std::fmt;
use std::rc::Rc;

use serde::de::value::StringDeserializer;
use serde::de::{
    DeserializeOwned, DeserializeSeed, Error as _, IntoDeserializer, MapAccess, Visitor,
};
use serde::forward_to_deserialize_any;

use super::foreign;
use super::reference::Reference;
use crate::context::{Context, Secret};
use crate::error::{Error, ErrorKind, Result};
use crate::leadership::text;

/// A data bag of somebody else, or several of them merged. It cannot be written to (B80); `Debug` shows its keys only.
#[derive(Clone, PartialEq, Eq, Default)]
pub struct Data {
    texts: Rc<BTreeMap<String, String>>,
    /// Of our own: secret values that are to be published.
    pending: Rc<BTreeMap<String, String>>,
    /// The endpoint it was received over, where that leads to another application.
    theirs: Option<Rc<str>>,
}

impl Data {
    pub(super) fn new(texts: Rc<BTreeMap<String, String>>) -> Self {
        Self {
            texts,
            ..Self::default()
        }
    }

    /// The same as another application's.
    pub(super) fn of(mut self, endpoint: &str) -> Self {
        self.theirs = Some(endpoint.into());
        self
    }

    /// The same with secret values that Juju does not have yet.
    pub(super) fn with_pending(mut self, pending: BTreeMap<String, String>) -> Self {
        self.pending = Rc::new(pending);
        self
    }

    /// The text under a key.
    #[must_use]
    pub fn get(&self, key: &str) -> Option<&str> {
        self.texts.get(key).map(String::as_str)
    }

    /// What the text under a key says as JSON; the text itself where it is no JSON (B81).
    #[must_use]
    pub fn json(&self, key: &str) -> Option<serde_json::Value> {
        let text = self.get(key)?;
        Some(serde_json::from_str(text).unwrap_or_else(|_| text.into()))
    }

    /// What a field says, in clear: of a field that holds a secret's URI the newest value of that secret, of any other
    /// one its text. `None` where nothing is published, or the secret has been removed.
    ///
    /// Whoever publishes a [`Secret`] need not care whether this Juju has secrets, and nor need who reads it with this.
    /// It is one call of `secret-get` each time, and one of `secret-info-get` the first time: a secret of this
    /// application's own is never read as if it were the other end's.
    ///
    /// ```no_run
    /// # use ensign::prelude::*;
    /// #[when_changed(endpoint = "db.password")]
    /// fn log_in(ctx: &mut Context) -> Result {
    ///     for relation in ctx.endpoint("db")?.relations(ctx)? {
    ///         if let Some(password) = relation.received_app(ctx)?.secret(ctx, "password")? {
    ///             ctx.write_secret_file("/etc/db.password", &password)?;
    ///         }
    ///     }
    ///     Ok(())
    /// }
    /// ```
    ///
    /// # Errors
    /// When this unit may not read the secret, when that is this application's own and another one published it, and
    /// when it has several values none of which is named after the field:
    /// [`secrets`](Self::secrets) reads those.
    pub fn secret(&self, ctx: &mut Context, field: &str) -> Result<Option<Secret>> {
        if let Some(value) = self.pending.get(field) {
            return Ok(Some(Secret::new(value)));
        }
        let Some(text) = self.get(field) else {
            return Ok(None);
        };
        let Some(reference) = Reference::parse(text) else {
            return Ok(Some(Secret::new(text)));
        };
        let content = self.follow(ctx, reference, field)?;
        content.map(|all| reference.part(field, all)).transpose()
    }

    /// All values of the secret whose URI a field holds, by key. `None` where the field holds none, or the secret has
    /// been removed.
    ///
    /// # Errors
    /// When this unit may not read the secret, and when that is this application's own and another one published it.
    pub fn secrets(
        &self,
        ctx: &mut Context,
        field: &str,
    ) -> Result<Option<BTreeMap<String, Secret>>> {
        let Some(reference) = self.get(field).and_then(Reference::parse) else {
            return Ok(None);
        };
        let content = self.follow(ctx, reference, field)?;
        Ok(content.map(|all| all.into_iter().map(|(k, v)| (k, Secret::new(v))).collect()))
    }

    fn follow(
        &self,
        ctx: &mut Context,
        reference: Reference<'_>,
        field: &str,
    ) -> Result<Option<BTreeMap<String, String>>> {
        let Some(endpoint) = &self.theirs else {
            return reference.follow(ctx, field);
        };
        foreign::before(ctx, endpoint, reference, field)?;
        let content = reference.follow(ctx, field)?;
        if let Some(content) = &content {
            foreign::after(ctx, content, field)?;
        }
        Ok(content)
    }

    /// The same data with every field as [`secret`](Self::secret) says it: for [`read`](Self::read), and not to be
    /// logged.
    ///
    /// # Errors
    /// As [`secret`](Self::secret).
    pub fn opened(&self, ctx: &mut Context) -> Result<Self> {
        let mut texts = BTreeMap::new();
        for field in self.texts.keys() {
            if let Some(value) = self.secret(ctx, field)? {
                texts.insert(field.clone(), value.expose().to_owned());
            }
        }
        Ok(Self::new(Rc::new(texts)))
    }

    /// Keys and texts, by key.
    pub fn iter(&self) -> impl Iterator<Item = (&str, &str)> {
        self.texts.iter().map(|(k, v)| (k.as_str(), v.as_str()))
    }

    /// Whether nothing is published.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.texts.is_empty()
    }

    /// The whole bag as a struct whose fields are keys. A field that is a string is the text as it stands, any other
    /// type is read from JSON; keys that are no field are passed over. `None` while a key is missing that is neither
    /// an `Option` nor has a default.
    ///
    /// ```no_run
    /// # use ensign::prelude::*;
    /// #[derive(serde::Deserialize)]
    /// struct Database {
    ///     host: String,
    ///     port: u16,
    ///     replicas: Option<Vec<String>>,
    /// }
    ///
    /// # fn f(ctx: &mut Context) -> Result {
    /// if let Some(database) = ctx.endpoint("db")?.received(ctx)?.read::<Database>()? {
    ///     ctx.write_file("/etc/db", format!("{}:{}", database.host, database.port))?;
    /// }
    /// # Ok(())
    /// # }
    /// ```
    ///
    /// # Errors
    /// When a value is not what its field can be. The error names the key and never shows the value.
    pub fn read<T: DeserializeOwned>(&self) -> Result<Option<T>> {
        let fields = Fields {
            rest: self.texts.iter(),
            next: None,
        };
        match T::deserialize(fields) {
            Ok(read) => Ok(Some(read)),
            Err(Unreadable::Missing) => Ok(None),
            Err(Unreadable::Field(key)) => Err(Error::new(
                ErrorKind::Invalid,
                format!(
                    "what is published under `{}` cannot be read",
                    key.escape_debug()
                ),
            )),
            Err(Unreadable::Other) => Err(Error::new(
                ErrorKind::Invalid,
                format!(
                    "what is published is not a `{}`",
                    std::any::type_name::<T>()
                ),
            )),
        }
    }
}

impl fmt::Debug for Data {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_set().entries(self.texts.keys()).finish()
    }
}

/// Why a bag is no such struct. What serde says about a value might show it, and is not kept.
#[derive(Debug)]
enum Unreadable {
    Missing,
    Field(String),
    Other,
}

impl fmt::Display for Unreadable {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("cannot be read")
    }
}

impl std::error::Error for Unreadable {}

impl serde::de::Error for Unreadable {
    fn custom<T: fmt::Display>(_: T) -> Self {
        Self::Other
    }

    fn missing_field(_: &'static str) -> Self {
        Self::Missing
    }
}

/// Keys and texts as serde wants to see them.
struct Fields<'a> {
    rest: std::collections::btree_map::Iter<'a, String, String>,
    next: Option<(&'a String, &'a String)>,
}

impl<'de> MapAccess<'de> for Fields<'de> {
    type Error = Unreadable;

    fn next_key_seed<K: DeserializeSeed<'de>>(
        &mut self,
        seed: K,
    ) -> std::result::Result<Option<K::Value>, Unreadable> {
        self.next = self.rest.next();
        let Some((key, _)) = self.next else {
            return Ok(None);
        };
        let key: StringDeserializer<Unreadable> = key.clone().into_deserializer();
        seed.deserialize(key).map(Some)
    }

    fn next_value_seed<V: DeserializeSeed<'de>>(
        &mut self,
        seed: V,
    ) -> std::result::Result<V::Value, Unreadable> {
        let Some((key, value)) = self.next.take() else {
            return Err(Unreadable::custom("no key"));
        };
        seed.deserialize(text::Text(value))
            .map_err(|_| Unreadable::Field(key.clone()))
    }
}

impl<'de> serde::Deserializer<'de> for Fields<'de> {
    type Error = Unreadable;

    fn deserialize_any<V: Visitor<'de>>(
        self,
        visitor: V,
    ) -> std::result::Result<V::Value, Unreadable> {
        visitor.visit_map(self)
    }

    forward_to_deserialize_any! {
        bool i8 i16 i32 i64 i128 u8 u16 u32 u64 u128 f32 f64 char str string bytes byte_buf option unit unit_struct
        newtype_struct seq tuple tuple_struct map struct enum identifier ignored_any
    }
}

#[cfg(test)]
mod tests {
    use serde::Deserialize;

    use super::*;

    fn data(pairs: &[(&str, &str)]) -> Data {
        let texts = pairs.iter().map(|(k, v)| ((*k).into(), (*v).into()));
        Data::new(Rc::new(texts.collect()))
    }

    #[derive(Debug, PartialEq, Deserialize)]
    struct Database {
        host: String,
        port: u16,
        replicas: Option<Vec<String>>,
        #[serde(default)]
        tls: bool,
    }

    #[test]
    fn a_bag_is_a_struct_whose_fields_are_keys() {
        let bag = data(&[
            ("host", "10"),
            ("port", "5432"),
            ("replicas", "[\"a\"]"),
            ("other", "{"),
        ]);
        let database = Database {
            host: "10".to_owned(),
            port: 5432,
            replicas: Some(vec!["a".to_owned()]),
            tls: false,
        };
        assert_eq!(bag.read::<Database>().unwrap(), Some(database));
        assert_eq!(data(&[("host", "x")]).read::<Database>().unwrap(), None);
    }

    #[test]
    fn errors_and_debug_show_no_values() {
        let bag = data(&[("host", "x"), ("port", "hunter2")]);
        let error = bag.read::<Database>().unwrap_err().line();
        assert_eq!(error, "what is published under `port` cannot be read");
        let error = bag.read::<Vec<String>>().unwrap_err().line();
        assert!(!error.contains("hunter2"), "{error}");
        assert_eq!(format!("{bag:?}"), "{\"host\", \"port\"}");
    }
}
