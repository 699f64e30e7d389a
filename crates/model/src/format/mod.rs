//! Juju's output formats, byte for byte: JSON as Go encodes it, YAML as go-yaml v2 writes it, and "smart".

mod go;
mod json;
mod order;
#[cfg(test)]
mod properties;
mod resolve;
mod value;
mod yaml;

pub(crate) use go::{parse_bool, parse_float, quote as go_quote, quote_list as go_quote_list};
pub(crate) use json::write as json;
pub(crate) use resolve::kind as scalar_kind;
pub(crate) use value::Value;
pub(crate) use yaml::write as yaml;

/// How a tool prints its value.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Format {
    Smart,
    Yaml,
    Json,
}

impl Format {
    pub(crate) const fn name(self) -> &'static str {
        match self {
            Self::Smart => "smart",
            Self::Yaml => "yaml",
            Self::Json => "json",
        }
    }

    /// The bytes a tool prints for `value`, final newline included.
    pub(crate) fn print(self, value: &Value) -> Vec<u8> {
        let mut out = String::new();
        match (self, value) {
            (Self::Json, value) => {
                json(&mut out, value);
                out.push('\n');
            }
            (_, Value::Nil) => {}
            (Self::Smart, Value::String(text)) => line(&mut out, text),
            (Self::Smart, Value::Strings(texts)) => line(&mut out, &texts.join("\n")),
            (Self::Smart, Value::Bool(yes)) => line(&mut out, if *yes { "True" } else { "False" }),
            (Self::Smart | Self::Yaml, value) => {
                yaml(&mut out, value);
                out.truncate(out.trim_end_matches('\n').len());
                out.push('\n');
            }
        }
        out.into_bytes()
    }
}

/// `text` as a line; nothing at all if it is empty.
fn line(out: &mut String, text: &str) {
    if !text.is_empty() {
        out.push_str(text);
        out.push('\n');
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn printed(value: &Value) -> [String; 3] {
        [Format::Smart, Format::Yaml, Format::Json]
            .map(|format| String::from_utf8(format.print(value)).unwrap())
    }

    fn text(text: &str) -> Value {
        Value::String(text.to_owned())
    }

    #[test]
    fn the_table_of_formats_holds() {
        let strings =
            |items: &[&str]| Value::Strings(items.iter().map(|&item| item.to_owned()).collect());
        for (value, expected) in [
            (Value::Nil, ["", "", "null\n"]),
            (text("abc"), ["abc\n", "abc\n", "\"abc\"\n"]),
            (text(""), ["", "\"\"\n", "\"\"\n"]),
            (
                text("pew\npew\n"),
                ["pew\npew\n\n", "|\n  pew\n  pew\n", "\"pew\\npew\\n\"\n"],
            ),
            (text("true"), ["true\n", "\"true\"\n", "\"true\"\n"]),
            (Value::Bool(true), ["True\n", "true\n", "true\n"]),
            (Value::Float(45.0), ["45\n", "45\n", "45\n"]),
            (
                Value::Float(1_048_576.0),
                ["1.048576e+06\n", "1.048576e+06\n", "1048576\n"],
            ),
            (
                strings(&["a/0", "b/1"]),
                ["a/0\nb/1\n", "- a/0\n- b/1\n", "[\"a/0\",\"b/1\"]\n"],
            ),
            (strings(&[]), ["", "[]\n", "[]\n"]),
            (strings(&[""]), ["", "- \"\"\n", "[\"\"]\n"]),
            (Value::Map(Vec::new()), ["{}\n", "{}\n", "{}\n"]),
            (Value::NilMap, ["{}\n", "{}\n", "null\n"]),
        ] {
            assert_eq!(printed(&value), expected, "{value:?}");
        }
    }
}
