use ensign::prelude::*;

#[when(1)]
fn a() {}

#[when('a')]
fn b() {}

#[when(Flag::new("a"))]
fn c() {}

#[when(-A)]
fn d() {}

#[when("a" "b")]
fn e() {}

#[when(leader = "k")]
fn f() {}

#[when("a")]
#[when_not = "b"]
fn g() {}

fn main() {}
