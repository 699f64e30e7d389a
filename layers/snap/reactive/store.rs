//! A Snap Store Proxy: it says who it is by assertions, which snapd takes before it asks there.

use ensign::prelude::*;

use crate::program::{Attempt, Failed, run};
use crate::{snapd, words};

/// Seconds in which the proxy has to answer.
const PATIENCE: u64 = 60;

/// The id of the store at this URL, once snapd has taken its assertions; none without a URL.
pub(crate) fn acknowledged(ctx: &mut Context, url: &str) -> Result<Attempt<String>> {
    if url.is_empty() {
        return Ok(Ok(String::new()));
    }
    let assertions = match fetched(ctx, url)? {
        Ok(assertions) => assertions,
        Err(failed) => return Ok(Err(failed)),
    };
    let Some(id) = store_id(&assertions) else {
        let why = "what is there is no assertion of a store".to_owned();
        return Ok(Err(Failed::Because(why)));
    };
    let attempt = snapd::snap(ctx, &["ack", "/dev/stdin"], &assertions)?;
    Ok(attempt.map(|()| id.to_owned()))
}

fn fetched(ctx: &mut Context, url: &str) -> Result<Attempt<String>> {
    let url = url.trim_end_matches('/');
    let what = format!(
        "url = \"{url}/v2/auth/store/assertions\"\nproto = \"=http,https\"\nlocation\nfail\nsilent\nshow-error\n"
    );
    let output = match run(ctx, PATIENCE, "curl", &["--config", "-"], &what, "curl")? {
        Ok(output) => output,
        Err(failed) => return Ok(Err(failed)),
    };
    Ok(if output.status.success() {
        Ok(String::from_utf8_lossy(&output.stdout).into_owned())
    } else {
        Err(Failed::Because(words::cause(&output)))
    })
}

/// An assertion is headers, an empty line and a signature.
fn store_id(assertions: &str) -> Option<&str> {
    let is_of_id = |b: u8| b.is_ascii_alphanumeric() || b == b'-' || b == b'_';
    let mut paragraphs = assertions.split("\n\n");
    let store = paragraphs.find(|headers| headers.lines().any(|line| line == "type: store"))?;
    let id = store
        .lines()
        .find_map(|line| line.strip_prefix("store: "))?;
    (!id.is_empty() && id.bytes().all(is_of_id)).then_some(id)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_store_is_found_among_assertions() {
        let account = "type: account\nauthority-id: canonical\nstore: no\n\nabc\n";
        let store = "type: store\nauthority-id: canonical\nstore: A1b-2\noperator-id: x\n\nabc\n";
        assert_eq!(store_id(&format!("{account}\n{store}")), Some("A1b-2"));
        assert_eq!(store_id(account), None);
        assert_eq!(store_id("<html>"), None);
        assert_eq!(store_id("type: store\nstore: a b\n\nabc"), None);
    }
}
