//! The interface layer of notices.

use ensign::prelude::*;

#[when("motd.written")]
#[when_not("notice.linked")]
fn linked(ctx: &mut Context) -> Result {
    ctx.set_flag("notice.linked")
}
