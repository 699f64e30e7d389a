//! A struct out of options, and which of them it cannot take.

use ensign::prelude::*;
use serde::de::value::MapAccessDeserializer;
use serde::de::{DeserializeOwned, DeserializeSeed, MapAccess, value::StringDeserializer};
use serde_json::Value as Json;

/// Options, one after the other.
struct Fields {
    rest: std::vec::IntoIter<(String, Json)>,
    /// The one that is being read.
    option: Option<String>,
    value: Json,
}

impl<'de> MapAccess<'de> for Fields {
    type Error = serde_json::Error;

    fn next_key_seed<K: DeserializeSeed<'de>>(
        &mut self,
        seed: K,
    ) -> std::result::Result<Option<K::Value>, Self::Error> {
        self.option = None;
        let Some((option, value)) = self.rest.next() else {
            return Ok(None);
        };
        self.value = value;
        let key = seed.deserialize(StringDeserializer::new(option.clone()))?;
        self.option = Some(option);
        Ok(Some(key))
    }

    fn next_value_seed<V: DeserializeSeed<'de>>(
        &mut self,
        seed: V,
    ) -> std::result::Result<V::Value, Self::Error> {
        seed.deserialize(self.value.take())
    }
}

/// The struct, or the name of an option whose value it cannot hold.
///
/// # Errors
/// When it has a field that no option is called after.
pub(crate) fn read<T: DeserializeOwned>(
    options: Vec<(String, Json)>,
) -> Result<std::result::Result<T, String>> {
    let mut fields = Fields {
        rest: options.into_iter(),
        option: None,
        value: Json::Null,
    };
    match T::deserialize(MapAccessDeserializer::new(&mut fields)) {
        Ok(read) => Ok(Ok(read)),
        Err(error) => match fields.option {
            Some(option) => Ok(Err(option)),
            None => Err(Error::from(error).context("options cannot be read")),
        },
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde::Deserialize;
    use serde_json::json;

    #[derive(Debug, PartialEq, Deserialize)]
    #[serde(rename_all = "kebab-case")]
    struct Some {
        log_level: Level,
        port: u16,
        proxy: Option<String>,
    }

    #[derive(Debug, PartialEq, Deserialize)]
    #[serde(rename_all = "lowercase")]
    enum Level {
        Info,
    }

    fn read(options: &Json) -> Result<std::result::Result<Some, String>> {
        let all = options.as_object().unwrap().clone();
        super::read(all.into_iter().collect())
    }

    #[test]
    fn a_struct_takes_what_it_names() {
        let options = json!({"log-level": "info", "other": {"x": 1}, "port": 80});
        let wanted = Some {
            log_level: Level::Info,
            port: 80,
            proxy: None,
        };
        assert_eq!(read(&options).unwrap(), Ok(wanted));
    }

    #[test]
    fn what_it_cannot_take_is_named() {
        let wrong = json!({"log-level": "info", "port": 70000});
        assert_eq!(read(&wrong).unwrap(), Err("port".to_owned()));
        let wrong = json!({"log-level": "loud", "port": 1});
        assert_eq!(read(&wrong).unwrap(), Err("log-level".to_owned()));
        let error = read(&json!({"port": 1})).unwrap_err().line();
        assert!(error.contains("missing field `log-level`"), "{error}");
    }
}
