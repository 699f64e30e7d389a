//! What the charm does once its layers are done.

use ensign::prelude::*;

#[when("motd.written", "notice.linked")]
#[when_not("board.announced")]
fn announce(ctx: &mut Context) -> Result {
    ctx.set_flag("board.announced")?;
    ctx.status_set(Status::Active("the notice hangs".into()))
}
