//! What the macros' output names. Not for charms: it may change in any version.

pub use linkme;

pub use crate::context::{Context, LAYER_COMMANDS, PROVIDERS};
pub use crate::entry::main;
pub use crate::error::Result;
pub use crate::flags::{Flag, TRIGGERS, TriggerDecl};
pub use crate::handler::{
    Clause, ENDPOINTS, Endpoints, FromContext, HANDLERS, Handler, IntoOutcome, Outcome, Source,
};
pub use crate::leadership::{LeaderSettings, field};
pub use crate::metadata::Interface;

/// Makes a constant that is no [`Flag`] an error at the author's token.
#[must_use]
pub const fn flag(flag: Flag) -> Flag {
    flag
}

/// Makes a constant `INTERFACE` that is no [`Interface`] an error at the token that needs it.
#[must_use]
pub const fn interface(interface: Interface) -> Interface {
    interface
}

/// What a handler of these conditions carries; `body` tells that its body names an endpoint.
#[must_use]
pub const fn carried(clauses: &'static [Clause], body: bool) -> Option<&'static Endpoints> {
    if body || crate::handler::clauses_name_endpoint(clauses) {
        Some(&crate::endpoint::CARRIED)
    } else {
        None
    }
}

/// What a trigger of these flags carries.
#[must_use]
pub const fn carried_by(flags: &'static [Flag]) -> Option<&'static Endpoints> {
    if crate::handler::flags_name_endpoint(flags) {
        Some(&crate::endpoint::CARRIED)
    } else {
        None
    }
}

/// Refuses a constant flag that stands for one of an endpoint.
///
/// # Panics
/// If it does; in a constant that is a compile error.
pub const fn without_placeholder(flag: Flag) {
    let name = flag.name().as_bytes();
    let mut i = 0;
    while i < name.len() {
        assert!(
            name[i] != b'{',
            "a constant may name `{{endpoint_name}}` only beside a literal that does"
        );
        i += 1;
    }
}

/// A handler's argument: made at its first run in a hook, reused afterwards (B29) if it can be.
///
/// # Errors
/// When the context does not offer it.
pub fn argument<T: FromContext>(ctx: &mut Context, id: &'static str, place: usize) -> Result<T> {
    crate::handler::argument(ctx, id, place)
}

/// A path's first segment, such as the crate of a `module_path!()`.
#[must_use]
pub const fn first_segment(path: &str) -> &str {
    let bytes = path.as_bytes();
    let mut end = 0;
    while end < bytes.len() && bytes[end] != b':' {
        end += 1;
    }
    path.split_at(end).0
}

/// The text as an array, which a static can put into a section of the binary. `N` is its length, or it does not
/// compile.
#[must_use]
pub const fn bytes<const N: usize>(text: &str) -> [u8; N] {
    let mut all = [0; N];
    all.copy_from_slice(text.as_bytes());
    all
}

/// How long the parts are together.
#[must_use]
pub const fn length(parts: &[&str]) -> usize {
    let mut length = 0;
    let mut i = 0;
    while i < parts.len() {
        length += parts[i].len();
        i += 1;
    }
    length
}

/// The parts in one array, as [`bytes`] does for one. `N` is their [`length`]. Slower to compile.
#[must_use]
pub const fn join<const N: usize>(parts: &[&str]) -> [u8; N] {
    let mut all = [0; N];
    let mut rest = all.as_mut_slice();
    let mut i = 0;
    while i < parts.len() {
        let (head, tail) = rest.split_at_mut(parts[i].len());
        head.copy_from_slice(parts[i].as_bytes());
        rest = tail;
        i += 1;
    }
    all
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn parts_are_joined_without_gaps() {
        const PARTS: &[&str] = &["a", "", "bcä", "d"];
        const JOINED: [u8; length(PARTS)] = join(PARTS);
        assert_eq!(JOINED, bytes("abcäd"));
        assert_eq!(JOINED.as_slice(), "abcäd".as_bytes());
    }

    #[test]
    fn a_crate_is_the_first_segment_of_its_modules() {
        assert_eq!(first_segment("my_charm::module"), "my_charm");
        assert_eq!(first_segment("my_charm"), "my_charm");
    }
}
