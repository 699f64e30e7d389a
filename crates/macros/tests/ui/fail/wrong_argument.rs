use ensign::prelude::*;

#[when("a")]
fn number(_n: u32) {}

#[when("a")]
fn owned(_ctx: Context) {}

#[when("a")]
fn second(_ctx: &mut Context, _n: Vec<String>) {}

#[when("a")]
fn other_reference(_n: &mut String) {}

#[when("a")]
fn context_second(_hook: Hook, _ctx: &mut Context) {}

#[when("a")]
fn conditional(#[cfg(unix)] _hook: Hook) {}

#[when("a")]
fn by_impl(_ctx: &mut Context, _x: impl FromContext) {}

fn main() {}
