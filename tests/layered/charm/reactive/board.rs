//! What the charm does once its layers are done.

use ensign::prelude::*;

#[when("motd.written", "notice.linked")]
#[when_not("board.announced")]
fn announce(ctx: &mut Context) -> Result {
    ctx.set_flag("board.announced")?;
    let path = ctx.env().charm_dir.join("notice.txt");
    let notice = ctx.read_file(path)?.unwrap_or_default();
    let notice = String::from_utf8_lossy(&notice).into_owned();
    ctx.status_set(Status::Active(format!("the notice hangs: {notice}")))
}
