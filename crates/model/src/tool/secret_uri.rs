//! Secret URIs, parsed as Go's `net/url` and Juju do it: `secret:ID`, a bare `ID`, or either behind a model's UUID.

use super::Failure;
use crate::format::go_quote;
use crate::world::Secrets;

/// Whose secret it is, if that is said, and its id.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct SecretUri {
    pub(super) source: String,
    pub(super) id: String,
}

/// The parts of a URL that count here.
struct Url {
    scheme: String,
    opaque: String,
    host: String,
    path: String,
}

impl SecretUri {
    /// Reads a URI; the failure tells the cause.
    pub(super) fn parse(text: &str) -> Result<Self, Failure> {
        let url = parse_url(text).map_err(|(shown, problem)| {
            Failure::usage(format!("parse {}: {problem}", go_quote(shown)))
        })?;
        let not_valid = |what: &str| Failure::usage(format!("{what} not valid"));
        if !url.scheme.is_empty() && url.scheme != "secret" {
            let scheme = go_quote(&url.scheme);
            return Err(not_valid(&format!("secret URI scheme {scheme}")));
        }
        if !url.host.is_empty() && !holds_uuid(&url.host) {
            let host = go_quote(&url.host);
            return Err(not_valid(&format!("host controller UUID {host}")));
        }
        let path = url.path.trim_start_matches('/');
        let spec = if path.is_empty() { &url.opaque } else { path };
        let (source, id) = match spec.rsplit_once('/') {
            Some((source, id)) if is_uuid(source) => (source.to_owned(), id),
            Some(_) => (String::new(), ""),
            None => (url.host.clone(), spec),
        };
        if Secrets::is_id(id) {
            let id = id.to_owned();
            Ok(Self { source, id })
        } else {
            Err(not_valid(&format!("secret URI {}", go_quote(text))))
        }
    }

    /// The same for tools that hide the cause.
    pub(super) fn parse_quietly(text: &str) -> Result<Self, Failure> {
        Self::parse(text)
            .map_err(|_| Failure::usage(format!("secret URI {} not valid", go_quote(text))))
    }

    /// Whether it names a secret of another model.
    pub(super) fn is_foreign(&self, uuid: &str) -> bool {
        !self.source.is_empty() && self.source != uuid
    }

    /// What is said of one that is not there.
    pub(super) fn not_found(&self) -> Failure {
        let Self { source, id } = self;
        Failure::run(if source.is_empty() {
            format!("secret \"secret:{id}\" not found")
        } else {
            format!("secret \"secret://{source}/{id}\" not found")
        })
    }
}

/// Splits a URL; the error holds what is shown of it, and why it is none.
fn parse_url(text: &str) -> Result<Url, (&str, String)> {
    let (whole, fragment) = text.split_once('#').unwrap_or((text, ""));
    let failed = |problem: &str| (whole, problem.to_owned());
    if whole.bytes().any(|byte| byte < b' ' || byte == 0x7f) {
        return Err(failed("net/url: invalid control character in URL"));
    }
    let (scheme, rest) = match scheme(whole) {
        Some("") => return Err(failed("missing protocol scheme")),
        Some(scheme) => (scheme.to_ascii_lowercase(), &whole[scheme.len() + 1..]),
        None => (String::new(), whole),
    };
    let rest = rest.split_once('?').map_or(rest, |(rest, _)| rest);
    let mut url = Url {
        scheme,
        opaque: String::new(),
        host: String::new(),
        path: String::new(),
    };
    let mut path = rest;
    if !rest.starts_with('/') {
        if !url.scheme.is_empty() {
            rest.clone_into(&mut url.opaque);
            path = "";
        } else if rest.split('/').next().unwrap_or_default().contains(':') {
            return Err(failed("first path segment in URL cannot contain colon"));
        }
    } else if let Some(authority) = rest
        .strip_prefix("//")
        .filter(|_| !url.scheme.is_empty() || !rest.starts_with("///"))
    {
        let end = authority.find('/').unwrap_or(authority.len());
        let host = &authority[..end];
        path = &authority[end..];
        let host = host.rsplit_once('@').map_or(host, |(_, host)| host);
        if let Some((_, port)) = host.rsplit_once(':')
            && !port.bytes().all(|byte| byte.is_ascii_digit())
        {
            let port = go_quote(&format!(":{port}"));
            return Err(failed(&format!("invalid port {port} after host")));
        }
        let special = |letter: &char| letter.is_ascii() && " \"\\^`{}|".contains(*letter);
        if let Some(letter) = host.chars().find(special) {
            let letter = go_quote(&letter.to_string());
            return Err(failed(&format!("invalid character {letter} in host name")));
        }
        url.host = unescape(host).map_err(|problem| failed(&problem))?;
    }
    url.path = unescape(path).map_err(|problem| failed(&problem))?;
    unescape(fragment).map_err(|problem| (text, problem))?;
    Ok(url)
}

/// What stands before the colon, if that can be a scheme; empty if the colon comes first.
fn scheme(text: &str) -> Option<&str> {
    for (at, letter) in text.char_indices() {
        match letter {
            'a'..='z' | 'A'..='Z' => {}
            '0'..='9' | '+' | '-' | '.' if at > 0 => {}
            ':' => return Some(&text[..at]),
            _ => return None,
        }
    }
    None
}

/// Undoes `%XX`.
fn unescape(text: &str) -> Result<String, String> {
    let bytes = text.as_bytes();
    let mut out = Vec::with_capacity(bytes.len());
    let mut at = 0;
    while let Some(&byte) = bytes.get(at) {
        if byte != b'%' {
            out.push(byte);
            at += 1;
            continue;
        }
        let digit = |at: usize| char::from(*bytes.get(at)?).to_digit(16);
        let (Some(high), Some(low)) = (digit(at + 1), digit(at + 2)) else {
            let end = bytes.len().min(at + 3);
            let shown = String::from_utf8_lossy(&bytes[at..end]).into_owned();
            return Err(format!("invalid URL escape {}", go_quote(&shown)));
        };
        out.push(u8::try_from(high * 16 + low).unwrap_or_default());
        at += 3;
    }
    Ok(String::from_utf8_lossy(&out).into_owned())
}

fn is_uuid(text: &str) -> bool {
    let hexadecimal = |byte: u8| byte.is_ascii_digit() || (b'a'..=b'f').contains(&byte);
    text.len() == 36
        && text.bytes().enumerate().all(|(at, byte)| match at {
            8 | 13 | 18 | 23 => byte == b'-',
            _ => hexadecimal(byte),
        })
}

/// Juju only asks that there is a UUID somewhere in it.
fn holds_uuid(text: &str) -> bool {
    (0..text.len()).any(|at| text.get(at..at + 36).is_some_and(is_uuid))
}

#[cfg(test)]
mod tests {
    use super::*;

    const ID: &str = "9m4e2mr0ui3e8a215n4g";
    const UUID: &str = "0b501e7e-1f1b-4b5a-8a1d-3f1c1f0b6d11";

    #[test]
    fn every_spelling_gives_the_id() {
        for (text, source) in [
            (ID.to_owned(), ""),
            (format!("secret:{ID}"), ""),
            (format!("Secret:{ID}"), ""),
            (format!("secret:/{ID}"), ""),
            (format!("{ID}?x=1"), ""),
            (format!("{ID}#token"), ""),
            (format!("secret://{UUID}/{ID}"), UUID),
            (format!("{UUID}/{ID}"), UUID),
            (format!("secret:{UUID}/{ID}"), UUID),
        ] {
            let uri = SecretUri::parse(&text).unwrap();
            assert_eq!(
                (uri.id.as_str(), uri.source.as_str()),
                (ID, source),
                "{text}"
            );
        }
    }

    #[test]
    fn wrong_ones_are_refused_with_their_cause() {
        for (text, problem) in [
            ("", "secret URI \"\" not valid"),
            ("bad", "secret URI \"bad\" not valid"),
            ("http://x/y", "secret URI scheme \"http\" not valid"),
            ("secret://abc/x", "host controller UUID \"abc\" not valid"),
            ("%zz", "parse \"%zz\": invalid URL escape \"%zz\""),
            (":x", "parse \":x\": missing protocol scheme"),
            (
                "1:x",
                "parse \"1:x\": first path segment in URL cannot contain colon",
            ),
            (
                "a\nb#c",
                "parse \"a\\nb\": net/url: invalid control character in URL",
            ),
        ] {
            assert_eq!(SecretUri::parse(text).unwrap_err().text(), problem);
        }
    }
}
