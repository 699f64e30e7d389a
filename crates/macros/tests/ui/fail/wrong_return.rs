use ensign::prelude::*;

#[when("a")]
fn truth() -> bool {
    true
}

#[when("a")]
fn value() -> Result<u32> {
    Ok(1)
}

#[when("a")]
fn io(_ctx: &mut Context) -> std::io::Result<()> {
    Ok(())
}

#[when("a")]
fn text() -> std::result::Result<(), String> {
    Ok(())
}

#[when("a")]
fn forgotten() -> Result {}

fn main() {}
