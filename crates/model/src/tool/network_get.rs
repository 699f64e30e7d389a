//! `network-get`: addresses of a binding.

use super::invocation::no_more;
use super::{Failure, Flags, Help, Invocation};
use crate::context::HookContext;
use crate::format::{Format, Value, go_quote};
use crate::world::{Interface, NetworkInfo};

const HELP: Help = Help {
    name: "network-get",
    args: "<binding-name> [--ingress-address] [--bind-address] [--egress-subnets]",
    purpose: "Print the network configuration of a binding.",
    details: "",
};

pub(super) fn run(context: &mut HookContext<'_>, call: &mut Invocation<'_>) -> Result<(), Failure> {
    let mut flags = Flags::new(&HELP)
        .output()
        .relation(context)?
        .bool(
            &["primary-address"],
            "(deprecated) get the primary address for the binding",
        )
        .bool(
            &["bind-address"],
            "get the address for the binding on which the unit should listen",
        )
        .bool(
            &["ingress-address"],
            "get the ingress address for the binding",
        )
        .bool(
            &["egress-subnets"],
            "get the egress subnets for the binding",
        );
    let args = flags.parse(context, call.args)?;
    let Some((binding, rest)) = args.split_first() else {
        return Err(Failure::usage("no arguments specified"));
    };
    if binding.is_empty() {
        return Err(Failure::usage("no binding name specified"));
    }
    no_more(rest)?;
    let mut info = context.network(binding)?;
    if let Some(of_relation) = flags
        .relation_id()
        .and_then(|id| info.relations.remove(&id))
    {
        info = of_relation;
    }
    if info.interfaces.is_empty() {
        return Err(Failure::run(format!(
            "no network config found for binding {}",
            go_quote(binding)
        )));
    }
    let first = info
        .interfaces
        .first()
        .and_then(|interface| interface.addresses.first());
    let bind = first.map(|address| address.value.clone());
    let detached = || {
        Failure::run(format!(
            "no addresses attached to space for binding {}",
            go_quote(binding)
        ))
    };
    let selected = ["bind-address", "egress-subnets", "ingress-address"].into_iter();
    let selected: Vec<&str> = selected.filter(|name| flags.is_set(name)).collect();
    if flags.is_set("primary-address") {
        if !selected.is_empty() {
            return Err(Failure::run(
                "--primary-address must be the only flag specified",
            ));
        }
        return call.print(&flags, &Value::String(bind.ok_or_else(detached)?));
    }
    let select = |name: &str| {
        let address = match name {
            "bind-address" => bind.clone(),
            // The address it listens on has to do where no other is known.
            "ingress-address" => info.ingress_addresses.first().or(bind.as_ref()).cloned(),
            _ => return Ok(Value::Strings(info.egress_subnets.clone())),
        };
        address.map(Value::String).ok_or_else(detached)
    };
    let value = match selected[..] {
        [] => everything(&info, flags.format() == Format::Json),
        [name] => select(name)?,
        _ => {
            let entries = selected
                .iter()
                .map(|name| Ok(((*name).to_owned(), select(name)?)));
            Value::Map(entries.collect::<Result<_, Failure>>()?)
        }
    };
    call.print(&flags, &value)
}

/// The whole answer; JSON goes without some names that YAML repeats for old charms.
fn everything(info: &NetworkInfo, json: bool) -> Value {
    let mut fields = Vec::new();
    if !info.interfaces.is_empty() {
        let interfaces = info
            .interfaces
            .iter()
            .map(|each| interface(each, json))
            .collect();
        fields.push(("bind-addresses", Value::List(interfaces)));
    }
    if !info.egress_subnets.is_empty() {
        fields.push((
            "egress-subnets",
            Value::Strings(info.egress_subnets.clone()),
        ));
    }
    if !info.ingress_addresses.is_empty() {
        fields.push((
            "ingress-addresses",
            Value::Strings(info.ingress_addresses.clone()),
        ));
    }
    Value::Struct(fields)
}

fn interface(interface: &Interface, json: bool) -> Value {
    let text = |text: &str| Value::String(text.to_owned());
    let addresses = interface.addresses.iter().map(|address| {
        let mut fields = vec![
            ("hostname", text(&address.hostname)),
            ("value", text(&address.value)),
            ("cidr", text(&address.cidr)),
        ];
        if !json {
            fields.push(("address", text(&address.value)));
        }
        Value::Struct(fields)
    });
    let mut fields = vec![
        ("mac-address", text(&interface.mac)),
        ("interface-name", text(&interface.name)),
        ("addresses", Value::List(addresses.collect())),
    ];
    if !json {
        fields.extend([
            ("macaddress", text(&interface.mac)),
            ("interfacename", text(&interface.name)),
        ]);
    }
    Value::Struct(fields)
}
