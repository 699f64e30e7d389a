//! `resource-get`: the path of a resource's file, fetched if need be.

use super::invocation::no_more;
use super::{Failure, Flags, Help, Invocation};
use crate::context::HookContext;

const HELP: Help = Help {
    name: "resource-get",
    args: "<resource name>",
    purpose: "Print the path of a resource's file.",
    details: "The file is fetched from the controller first if the unit has no copy, or another one.",
};

pub(super) fn run(context: &mut HookContext<'_>, call: &mut Invocation<'_>) -> Result<(), Failure> {
    let args = Flags::new(&HELP).parse(context, call.args)?;
    let Some((name, rest)) = args.split_first() else {
        return Err(Failure::usage("missing required resource name"));
    };
    no_more(rest)?;
    let failed = |cause: &str| Failure::run(format!("could not download resource: {cause}"));
    context
        .unrestricted()
        .and_then(|()| context.connected())
        .map_err(|failure| failed(failure.text()))?;
    let (path, content) = context.resource(name).map_err(|cause| failed(&cause))?;
    call.keep_file(&path, content)
        .map_err(|failure| failed(failure.text()))?;
    let shown = if context.world.profile.differences().formats_resource_path {
        printed(&path)
    } else {
        path
    };
    // No newline.
    call.result.stdout.extend_from_slice(shown.as_bytes());
    Ok(())
}

/// A text that was taken for a format, as Go prints it without arguments.
fn printed(format: &str) -> String {
    let mut out = String::new();
    let mut letters = format.chars();
    while let Some(letter) = letters.next() {
        if letter != '%' {
            out.push(letter);
            continue;
        }
        let verb = letters.find(|letter| {
            !matches!(letter, '+' | '-' | '#' | ' ' | '.') && !letter.is_ascii_digit()
        });
        match verb {
            Some('%') => out.push('%'),
            Some(verb) => {
                out.push_str("%!");
                out.push(verb);
                out.push_str("(MISSING)");
            }
            None => out.push_str("%!(NOVERB)"),
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_path_with_percent_signs_is_mangled_as_go_mangles_it() {
        for (path, shown) in [
            ("/r/data.bin", "/r/data.bin"),
            ("/r/100%d odd", "/r/100%!d(MISSING) odd"),
            ("/r/50%%", "/r/50%"),
            ("/r/50%", "/r/50%!(NOVERB)"),
            ("/r/%5.2f", "/r/%!f(MISSING)"),
        ] {
            assert_eq!(printed(path), shown);
        }
    }
}
