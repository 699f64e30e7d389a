use ensign::prelude::*;

#[when_changed]
fn a() {}

#[when_changed(leaders = "k")]
fn b() {}

#[when_changed(secret = "k")]
fn c() {}

#[when_changed("config.changed")]
fn d() {}

#[when_changed(leader = KEY)]
fn e() {}

#[when_changed(leader = "", file = "etc/x", endpoint = "db")]
fn f() {}

#[when_changed(KEY)]
fn g() {}

#[when_changed(config = 1)]
fn h() {}

fn main() {}
