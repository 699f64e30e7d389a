use ensign::prelude::*;

const HANDLER: Flag = Flag::new("a");
const __ENSIGN: Flag = Flag::new("b");

mod flags {
    pub const READY: ensign::Flag = ensign::Flag::new("ready");
}

/// Shadows names that an expansion could have used carelessly.
mod core {}
#[allow(dead_code)]
enum Option {}
#[allow(non_camel_case_types, dead_code)]
struct str;
#[allow(non_camel_case_types, dead_code)]
struct u8;

#[when(HANDLER, __ENSIGN, flags::READY, self::flags::READY)]
fn run(_ctx: &mut Context) {}

#[when("a")]
fn hook() {}

#[hook("install")]
fn action(ctx: &mut Context) -> ensign::Result {
    run(ctx);
    Ok(())
}

#[action("x")]
#[sets(HANDLER)]
fn id(_hook: Hook) {}

#[id("x")]
#[when("a")]
fn r#move() {}

ensign::trigger!(when = HANDLER, set = flags::READY);

fn main() {}
