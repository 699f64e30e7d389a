//! `credential-get`: the cloud the model runs on, and how to get into it, for applications that are trusted.

use std::collections::BTreeMap;

use super::invocation::no_more;
use super::{Failure, Flags, Help, Invocation};
use crate::context::HookContext;
use crate::format::{Format, Value};
use crate::world::{Cloud, CloudCredential};

const HELP: Help = Help {
    name: "credential-get",
    args: "",
    purpose: "Print the model's cloud and the credential for it.",
    details: "Only for applications that have been trusted with it.",
};

pub(super) fn run(context: &mut HookContext<'_>, call: &mut Invocation<'_>) -> Result<(), Failure> {
    let mut flags = Flags::new(&HELP).output();
    no_more(&flags.parse(context, call.args)?)?;
    let cloud = context
        .cloud()
        .map_err(|cause| Failure::run(format!("cannot access cloud credentials: {cause}")))?;
    let value = if flags.format() == Format::Json {
        as_json(&cloud)
    } else {
        as_yaml(&cloud)
    };
    call.print(&flags, &value)
}

fn text(text: &str) -> Value {
    Value::String(text.to_owned())
}

/// Dashed names, without what is empty.
fn as_json(cloud: &Cloud) -> Value {
    let mut fields = vec![("type", text(&cloud.kind)), ("name", text(&cloud.name))];
    for (name, value) in [
        ("region", &cloud.region),
        ("endpoint", &cloud.endpoint),
        ("identity-endpoint", &cloud.identity_endpoint),
        ("storage-endpoint", &cloud.storage_endpoint),
    ] {
        if !value.is_empty() {
            fields.push((name, text(value)));
        }
    }
    if let Some(credential) = &cloud.credential {
        let mut inner = vec![("auth-type", text(&credential.auth_type))];
        if !credential.attributes.is_empty() {
            inner.push(("attrs", Value::strings(&credential.attributes)));
        }
        if !credential.redacted.is_empty() {
            inner.push(("redacted", Value::Strings(credential.redacted.clone())));
        }
        fields.push(("credential", Value::Struct(inner)));
    }
    if !cloud.ca_certificates.is_empty() {
        fields.push((
            "cacertificates",
            Value::Strings(cloud.ca_certificates.clone()),
        ));
    }
    for (name, set) in [
        ("skip-tls-verify", cloud.skip_tls_verify),
        ("is-controller-cloud", cloud.is_controller_cloud),
    ] {
        if set {
            fields.push((name, Value::Bool(true)));
        }
    }
    Value::Struct(fields)
}

/// Names in one word, and all of them.
fn as_yaml(cloud: &Cloud) -> Value {
    Value::Struct(vec![
        ("type", text(&cloud.kind)),
        ("name", text(&cloud.name)),
        ("region", text(&cloud.region)),
        ("endpoint", text(&cloud.endpoint)),
        ("identityendpoint", text(&cloud.identity_endpoint)),
        ("storageendpoint", text(&cloud.storage_endpoint)),
        (
            "credential",
            cloud.credential.as_ref().map_or(Value::Nil, credential),
        ),
        (
            "cacertificates",
            Value::Strings(cloud.ca_certificates.clone()),
        ),
        ("skiptlsverify", Value::Bool(cloud.skip_tls_verify)),
        ("iscontrollercloud", Value::Bool(cloud.is_controller_cloud)),
    ])
}

fn credential(credential: &CloudCredential) -> Value {
    let attributes: &BTreeMap<String, String> = &credential.attributes;
    Value::Struct(vec![
        ("authtype", text(&credential.auth_type)),
        ("attributes", Value::strings(attributes)),
        ("redacted", Value::Strings(credential.redacted.clone())),
    ])
}
