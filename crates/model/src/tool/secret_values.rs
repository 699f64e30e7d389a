//! What `secret-add` and `secret-set` have in common: options and content.

use std::sync::Arc;

use super::{Failure, Flags, Help, Invocation, secret_data, secret_expiry};
use crate::context::HookContext;
use crate::format::go_quote;
use crate::world::{Rotate, SecretUpdate};

/// The options of both.
pub(super) fn flags(help: &'static Help) -> Flags {
    Flags::new(help)
        .string(
            &["expire"],
            "",
            "when the secret expires: a moment, or how long from now",
        )
        .string(&["rotate"], "", "how often the secret is to be rotated")
        .string(&["description"], "", "what the secret is for")
        .string(&["label"], "", "the name the owner gives the secret")
        .string(&["file"], "", "a YAML or JSON file of keys and values")
        .string(
            &["owner"],
            "application",
            "the owner of the secret, either the application or unit",
        )
}

/// What was given, in the order Juju looks at it.
pub(super) fn parse(
    context: &HookContext<'_>,
    call: &mut Invocation<'_>,
    flags: &Flags,
    args: &[String],
) -> Result<SecretUpdate, Failure> {
    let given = |name: &str| Some(flags.text(name)).filter(|text| !text.is_empty());
    let not_valid =
        |what: &str, text: &str| Failure::usage(format!("{what} {} not valid", go_quote(text)));
    let now = context.world.seconds(context.now);
    let expires = given("expire")
        .map(|text| secret_expiry::parse(text, now))
        .transpose()?;
    let rotate = given("rotate")
        .map(|text| Rotate::parse(text).ok_or_else(|| not_valid("rotate policy", text)))
        .transpose()?;
    let owner = flags.text("owner");
    if !matches!(owner, "application" | "unit") {
        return Err(not_valid("secret owner", owner));
    }
    let mut data = secret_data::from_args(call, args)?;
    if let Some(name) = given("file") {
        data.extend(secret_data::from_file(call, name)?);
    }
    Ok(SecretUpdate {
        label: given("label").map(str::to_owned),
        description: given("description").map(str::to_owned),
        rotate,
        expires,
        content: (!data.is_empty()).then(|| Arc::new(data)),
    })
}
