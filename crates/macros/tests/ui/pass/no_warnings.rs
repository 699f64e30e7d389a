#![forbid(unsafe_code, warnings)]

use ensign::{Context, Result, hook, only_once, when, when_not};

#[when("a")]
#[when_not("b")]
#[only_once]
fn siblings_count_as_used(ctx: &mut Context) -> Result {
    ctx.set_flag("b")
}

#[hook("install")]
fn returns_nothing() {}

macro_rules! handlers {
    ($($name:ident)*) => {$(
        #[when("a")]
        #[when_not("b")]
        fn $name() {}
    )*};
}

handlers!(made_by a_macro);

ensign::trigger!(when = "a", set = "b");

fn main() {
    ensign::trigger!(when_not = "a", clear = "b");
    #[when("c")]
    fn inside_a_function() {}
}
