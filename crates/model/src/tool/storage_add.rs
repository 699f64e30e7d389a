//! `storage-add`: ask for more storage, which waits for the flush.

use super::{Failure, Flags, Help, Invocation};
use crate::context::HookContext;
use crate::format::go_quote;

const HELP: Help = Help {
    name: "storage-add",
    args: "<charm storage name>[=count] ...",
    purpose: "Add storage instances to the unit.",
    details: "Takes effect when the hook has ended well.",
};

pub(super) fn run(context: &mut HookContext<'_>, call: &mut Invocation<'_>) -> Result<(), Failure> {
    let args = Flags::new(&HELP).parse(context, call.args)?;
    if args.is_empty() {
        return Err(Failure::usage("storage add requires a storage directive"));
    }
    // What the versions call a name's other half.
    let word = if context.world.profile.differences().storage_directives {
        "directive"
    } else {
        "constraints"
    };
    let mut wanted: Vec<(String, u64)> = Vec::new();
    let mut refused = None;
    for arg in &args {
        let mut parts = arg.split('=');
        let (name, directive) = (parts.next().unwrap_or_default(), parts.next());
        if name.is_empty() || parts.next().is_some() {
            let text = format!(
                "expected \"name={word}\" or \"name\", got {}",
                go_quote(arg)
            );
            return Err(Failure::Usage(text));
        }
        if wanted.iter().any(|(other, _)| other == name) {
            let text = format!("storage {} specified more than once", go_quote(name));
            return Err(Failure::Usage(text));
        }
        let directive = Directive::parse(directive.unwrap_or("1"), word).map_err(|cause| {
            Failure::usage(format!(
                "cannot parse {word} for storage {}: {cause}",
                go_quote(name)
            ))
        })?;
        // What is not a count is refused, but only when all arguments could be read.
        if directive.more {
            refused.get_or_insert_with(|| name.to_owned());
        }
        wanted.push((name.to_owned(), directive.count));
    }
    if let Some(name) = refused {
        let text = format!("only count can be specified for {}", go_quote(&name));
        return Err(Failure::Usage(text));
    }
    context.add_storage(wanted)
}

/// A pool, a count and a size, in any order.
struct Directive {
    count: u64,
    /// It names a pool or a size.
    more: bool,
}

impl Directive {
    fn parse(text: &str, word: &str) -> Result<Self, String> {
        let (mut count, mut pool, mut size) = (None, None, None);
        for field in text.split(',').filter(|field| !field.is_empty()) {
            let already = |what: &str, old: &str, new: &str| {
                Err(format!(
                    "{what} is already set to {old}, new value {new} not valid"
                ))
            };
            if is_pool(field) {
                if let Some(old) = pool {
                    return already("pool name", &go_quote(old), &go_quote(field));
                }
                pool = Some(field);
            } else if let Some(number) = read_count(field)? {
                if let Some(old) = count {
                    let old: u64 = old;
                    return already(
                        "storage instance count",
                        &old.to_string(),
                        &number.to_string(),
                    );
                }
                count = Some(number);
            } else if let Some(mebibytes) = read_size(field)? {
                if let Some(old) = size {
                    let old: u64 = old;
                    return already("storage size", &old.to_string(), &mebibytes.to_string());
                }
                size = Some(mebibytes);
            } else {
                let singular = word.trim_end_matches('s');
                return Err(format!(
                    "unrecognized storage {singular} {} not valid",
                    go_quote(field)
                ));
            }
        }
        let more = pool.is_some() || size.is_some_and(|size| size > 0);
        if count.is_none() && !more {
            let plural = format!("{}s", word.trim_end_matches('s'));
            return Err(format!(
                "storage {plural} require at least one field to be specified"
            ));
        }
        Ok(Self {
            count: count.unwrap_or(1),
            more,
        })
    }
}

/// A letter, then letters, digits, dashes and question marks.
fn is_pool(field: &str) -> bool {
    field.starts_with(|first: char| first.is_ascii_alphabetic())
        && field
            .chars()
            .all(|letter| letter.is_ascii_alphanumeric() || matches!(letter, '-' | '?'))
}

/// A count; `None` if it does not look like one, or is too long to be one.
fn read_count(field: &str) -> Result<Option<u64>, String> {
    let digits = field.strip_prefix('-').unwrap_or(field);
    if digits.is_empty() || !digits.bytes().all(|byte| byte.is_ascii_digit()) {
        return Ok(None);
    }
    let negative = digits.len() != field.len();
    match digits.parse() {
        Err(_) if !negative => Ok(None),
        Ok(count) if !negative && count > 0 => Ok(Some(count)),
        _ => Err(format!(
            "cannot parse count: count must be greater than zero, got {}",
            go_quote(field)
        )),
    }
}

/// A size in mebibytes: a number with a multiplier; `None` if it does not look like one.
fn read_size(field: &str) -> Result<Option<u64>, String> {
    let positive = field.strip_prefix('-').unwrap_or(field);
    let rest = positive.trim_start_matches(|letter: char| letter.is_ascii_digit() || letter == '.');
    let number = &positive[..positive.len() - rest.len()];
    let (whole, fraction) = number.split_once('.').unwrap_or((number, "0"));
    let mut letters = rest.chars();
    let power = letters.next().and_then(|letter| "MGTPEZY".find(letter));
    let is_digits = |text: &str| !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit());
    let Some(power) = power
        .filter(|_| is_digits(whole) && is_digits(fraction))
        .filter(|_| matches!(letters.as_str(), "" | "B" | "iB"))
    else {
        return Ok(None);
    };
    let wrong = || {
        let text = go_quote(field);
        format!("cannot parse size: expected a non-negative number, got {text}")
    };
    if positive.len() != field.len() {
        return Err(wrong());
    }
    let number: f64 = number.parse().map_err(|_| wrong())?;
    #[expect(
        clippy::cast_possible_truncation,
        clippy::cast_sign_loss,
        reason = "rounded up; what is too large is as large as can be"
    )]
    let size = (number * 1024_f64.powi(i32::try_from(power).unwrap_or(0))).ceil() as u64;
    Ok(Some(size))
}
