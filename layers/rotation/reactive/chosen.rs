//! The password that the operator chooses.

use ensign::prelude::*;
use layer_status::PartStatus;

const OPTION: &str = "password";
const PART: &str = "password-option";

/// The password of the option, if it is one.
pub(crate) fn password(ctx: &mut Context) -> Result<Option<Secret>> {
    let text = ctx.config()?.string(OPTION)?.unwrap_or_default();
    let good = !text.is_empty() && is_password(&text);
    Ok(good.then(|| Secret::new(text)))
}

/// With a wrong one all goes on as it was; the operator is told.
pub(crate) fn check(ctx: &mut Context) -> Result {
    let text = ctx.config()?.string(OPTION)?.unwrap_or_default();
    if is_password(&text) {
        return ctx.part_clear(PART);
    }
    let complaint = "`password` must be at most 512 printable ASCII characters without spaces";
    ctx.part_status(PART, Status::Blocked(complaint.into()), &[])
}

/// What a line of a file, a variable and Juju all carry unchanged.
fn is_password(text: &str) -> bool {
    text.len() <= 512 && text.bytes().all(|byte| byte.is_ascii_graphic())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_password_is_what_everything_carries_unchanged() {
        for good in ["", "a", "sec\"ond\\", &"x".repeat(512)] {
            assert!(is_password(good), "{good}");
        }
        for wrong in ["with space", "tab\t", "line\n", "ü", &"x".repeat(513)] {
            assert!(!is_password(wrong), "{wrong}");
        }
    }
}
