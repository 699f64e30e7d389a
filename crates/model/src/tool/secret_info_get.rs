//! `secret-info-get`: what the owner of a secret knows about it.

use super::invocation::no_more;
use super::secret_uri::SecretUri;
use super::{Failure, Flags, Help, Invocation};
use crate::context::HookContext;
use crate::date;
use crate::format::Value;
use crate::world::Metadata;

const HELP: Help = Help {
    name: "secret-info-get",
    args: "<ID>",
    purpose: "Print what is known about a secret.",
    details: "By its id or by the owner's label.",
};

pub(super) fn run(context: &mut HookContext<'_>, call: &mut Invocation<'_>) -> Result<(), Failure> {
    let mut flags = Flags::new(&HELP).machine_output().string(
        &["label"],
        "",
        "a label used to identify the secret",
    );
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
    if uri.is_some() && !label.is_empty() {
        return Err(Failure::usage(
            "specify either a secret URI or label but not both",
        ));
    }
    no_more(args.as_slice())?;
    let all = context.secret_metadata()?;
    let found = match &uri {
        Some(uri) => all.get_key_value(&uri.id),
        None => all.iter().find(|(_, secret)| secret.label == label),
    };
    let (id, secret) = found.ok_or_else(|| {
        let wanted = uri.as_ref().map_or(label, |uri| uri.id.as_str());
        let wanted = crate::format::go_quote(wanted);
        Failure::run(format!("secret {wanted} not found"))
    })?;
    let value = Value::Map(vec![(id.clone(), shown(secret))]);
    call.print(&flags, &value)
}

fn shown(secret: &Metadata) -> Value {
    let text = |text: &str| Value::String(text.to_owned());
    let time = |seconds| Value::Time(date::rfc3339(seconds));
    let mut fields = vec![
        ("revision", Value::Int(i64::from(secret.latest))),
        ("label", text(&secret.label)),
        ("owner", text(secret.owner.kind())),
    ];
    if !secret.description.is_empty() {
        fields.push(("description", text(&secret.description)));
    }
    if let Some(rotate) = secret.rotate {
        fields.push(("rotation", text(rotate.name())));
    }
    if let Some(expires) = secret.expires {
        fields.push(("expiry", time(expires)));
    }
    if let Some(next) = secret.next_rotate {
        fields.push(("rotates", time(next)));
    }
    if !secret.access.is_empty() {
        let access = secret.access.iter().map(|each| {
            Value::Struct(vec![
                ("target", text(&each.target)),
                ("scope", text(&each.scope)),
                ("role", text("view")),
            ])
        });
        fields.push(("access", Value::List(access.collect())));
    }
    Value::Struct(fields)
}
