//! `secret-get`: what a secret holds.

use std::collections::BTreeMap;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;

use super::invocation::no_more;
use super::secret_uri::SecretUri;
use super::{Failure, Flags, Help, Invocation};
use crate::context::HookContext;
use crate::format::{Value, go_quote};
use crate::world::Read;

const HELP: Help = Help {
    name: "secret-get",
    args: "<ID> [key[#base64]]",
    purpose: "Print what a secret holds.",
    details: "The revision that was the latest when it was first read, until --refresh says otherwise.",
};

pub(super) fn run(context: &mut HookContext<'_>, call: &mut Invocation<'_>) -> Result<(), Failure> {
    let mut flags = Flags::new(&HELP)
        .machine_output()
        .string(
            &["label"],
            "",
            "a label used to identify the secret in hooks",
        )
        .bool(&["peek"], "get the latest revision just this time")
        .bool(&["refresh"], "get the latest revision from now on");
    let args = flags.parse(context, call.args)?;
    let mut args = args.iter();
    let uri = args
        .next()
        .map(|text| SecretUri::parse_quietly(text))
        .transpose()?;
    let label = flags.text("label");
    if uri.is_none() && label.is_empty() {
        return Err(Failure::usage("require either a secret URI or label"));
    }
    let (peek, refresh) = (flags.is_set("peek"), flags.is_set("refresh"));
    if peek && refresh {
        return Err(Failure::usage(
            "specify one of --peek or --refresh but not both",
        ));
    }
    let key = args.next().map_or("", String::as_str);
    no_more(args.as_slice())?;
    if let Some(uri) = uri
        .as_ref()
        .filter(|uri| uri.is_foreign(&context.world.uuid))
    {
        context.unrestricted()?;
        return Err(uri.not_found());
    }
    let content = context.read_secret(&Read {
        id: uri.as_ref().map(|uri| uri.id.as_str()),
        label,
        refresh,
        peek,
    })?;
    let decoded = content
        .iter()
        .map(|(key, value)| Ok((key.clone(), decode(value)?)))
        .collect::<Result<BTreeMap<String, String>, Failure>>()?;
    let value = if key.is_empty() {
        Value::strings(&decoded)
    } else {
        let found = match key.strip_suffix("#base64") {
            Some(key) => content.get(key),
            None => decoded.get(key),
        };
        let bare = key.strip_suffix("#base64").unwrap_or(key);
        let missing = || Failure::run(format!("secret key value {} not found", go_quote(bare)));
        Value::String(found.ok_or_else(missing)?.clone())
    };
    call.print(&flags, &value)
}

/// A value as its owner gave it; the failure is Go's.
fn decode(value: &str) -> Result<String, Failure> {
    use base64::DecodeError;
    let bytes = STANDARD.decode(value).map_err(|error| {
        let at = match error {
            DecodeError::InvalidByte(at, _) | DecodeError::InvalidLastSymbol(at, _) => at,
            DecodeError::InvalidLength(_) | DecodeError::InvalidPadding => value.len(),
        };
        Failure::run(format!("illegal base64 data at input byte {at}"))
    })?;
    Ok(String::from_utf8_lossy(&bytes).into_owned())
}
