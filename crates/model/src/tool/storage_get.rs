//! `storage-get`: what kind of storage an instance is, and where.

use super::invocation::no_more;
use super::{Failure, Flags, Help, Invocation};
use crate::context::HookContext;
use crate::format::Value;

const HELP: Help = Help {
    name: "storage-get",
    args: "[<key>]",
    purpose: "Print what is known of a storage instance.",
    details: "Without a key: all there is, `kind` and `location`.",
};

pub(super) fn run(context: &mut HookContext<'_>, call: &mut Invocation<'_>) -> Result<(), Failure> {
    let mut flags = Flags::new(&HELP).output().storage(context)?;
    let args = flags.parse(context, call.args)?;
    let id = flags
        .storage_id()
        .ok_or_else(|| Failure::usage("no storage instance specified"))?;
    let key = args.first().map_or("", String::as_str);
    no_more(args.get(1..).unwrap_or_default())?;
    context.connected()?;
    let attachment = context.storage(id).map_err(Failure::Run)?;
    let text = |text: &String| Value::String(text.clone());
    let value = match key {
        "" => Value::Map(vec![
            ("kind".to_owned(), text(&attachment.kind)),
            ("location".to_owned(), text(&attachment.location)),
        ]),
        "kind" => text(&attachment.kind),
        "location" => text(&attachment.location),
        key => {
            return Err(Failure::run(format!("invalid storage attribute {key:?}")));
        }
    };
    call.print(&flags, &value)
}
