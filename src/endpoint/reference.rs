//! A field of relation data that refers to a secret.

use std::collections::BTreeMap;

use crate::context::{Context, Secret};
use crate::error::{Error, ErrorKind, Result};
use crate::store::Digest;
use crate::tools::{self, SecretRead, SecretRef, ToolError};

/// What a secret's URI begins with.
const SCHEME: &str = "secret:";

/// A field that holds a secret's URI: `secret:ID`, as other frameworks publish it, or with what Ensign adds,
/// `secret:ID?key=KEY&v=DIGEST`. The key says which part of the content is meant; the digest is another one for every
/// value, so that the other end is told of a new one as of any change of relation data.
#[derive(Debug, Clone, Copy)]
pub(super) struct Reference<'a> {
    uri: &'a str,
    key: Option<&'a str>,
}

impl<'a> Reference<'a> {
    /// What stands for one whose secret Juju has not made yet.
    pub(super) const PENDING: &'static str = SCHEME;

    /// `None` for a plain value.
    pub(super) fn parse(text: &'a str) -> Option<Self> {
        let (uri, query) = text.split_once('?').unwrap_or((text, ""));
        if uri.strip_prefix(SCHEME)?.is_empty() {
            return None;
        }
        let key = query.split('&').find_map(|part| part.strip_prefix("key="));
        Some(Self { uri, key })
    }

    /// Whether Ensign wrote it.
    pub(super) fn is_ours(text: &str) -> bool {
        Reference::parse(text).is_some_and(|found| found.key.is_some()) && text.contains("&v=")
    }

    /// Whether a URI is that of an id.
    pub(super) fn is_of(uri: &str, id: &str) -> bool {
        let bare = |text: &'_ str| text.trim_start_matches(SCHEME).to_owned();
        bare(uri) == bare(id)
    }

    /// The URI, without a query.
    pub(super) fn uri(self) -> &'a str {
        self.uri
    }

    /// What follows the `?` of the URI.
    pub(super) fn query(key: &str, value: Digest) -> String {
        format!("key={key}&v={value}")
    }

    /// The newest content; `None` if there is no such secret any more.
    pub(super) fn follow(
        self,
        ctx: &mut Context,
        field: &str,
    ) -> Result<Option<BTreeMap<String, String>>> {
        // Without the query: what is asked for stands in Juju's own log.
        let read = tools::secret_get(ctx.tools(), SecretRef::Id(self.uri), SecretRead::Refresh);
        read.map_err(|e| unreadable(e, field))
    }

    /// The part of the content that the field means.
    pub(super) fn part(self, field: &str, mut content: BTreeMap<String, String>) -> Result<Secret> {
        let dashed = field.replace(['_', '.'], "-").to_ascii_lowercase();
        let names = [self.key.unwrap_or(field), &dashed];
        let named = names.iter().find_map(|name| content.remove(*name));
        let only = || match content.len() {
            1 if self.key.is_none() => content.pop_first().map(|(_, value)| value),
            _ => None,
        };
        let found = named.or_else(only);
        found.map(Secret::new).ok_or_else(|| {
            let keys: Vec<&str> = content.keys().map(String::as_str).collect();
            Error::new(
                ErrorKind::Invalid,
                format!(
                    "`{}` refers to a secret that has several values: `{}`",
                    field.escape_debug(),
                    keys.join("`, `")
                ),
            )
            .hint("`secrets` reads all of them")
        })
    }
}

/// Juju does not tell of what a field refers to.
pub(super) fn unreadable(error: ToolError, field: &str) -> Error {
    Error::from(error).context(format!(
        "cannot read the secret that `{}` refers to",
        field.escape_debug()
    ))
}
