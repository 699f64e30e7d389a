use ensign::prelude::*;

#[hook]
fn a() {}

#[hook("")]
fn b() {}

#[hook("{install,start")]
fn c() {}

#[hook("install}")]
fn d() {}

#[hook("{install,}")]
fn e() {}

#[hook("{needs:http}-relation-joined")]
fn f() {}

#[hook("{requires:}-relation-joined")]
fn g() {}

#[hook("config_changed", "db-relation-change")]
fn h() {}

#[hook(INSTALL)]
fn i() {}

fn main() {}
