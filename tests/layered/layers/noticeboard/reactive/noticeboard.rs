//! A board to hang notices on.

use ensign::prelude::*;

#[when_not("noticeboard.ready")]
fn hang(ctx: &mut Context) -> Result {
    ctx.set_flag("noticeboard.ready")
}

#[action("where")]
fn tell(ctx: &mut Context) -> Result {
    let options = ctx.metadata().options.get("noticeboard");
    let place = options.and_then(|options| options.get("place")?.as_str());
    let place = place.unwrap_or("nowhere").to_owned();
    ctx.action()?.set([("place", place)])
}
