use ensign::prelude::*;

#[collect_metrics]
#[when("a")]
fn a() {}

#[meter_status_changed]
#[hook("install")]
fn b() {}

#[collect_metrics]
#[meter_status_changed]
fn c() {}

#[collect_metrics]
#[only_once]
fn d() {}

#[collect_metrics]
#[sets("a")]
fn e() {}

#[not_unless("a")]
#[collect_metrics]
fn f() {}

#[collect_metrics("x")]
fn g() {}

#[hook("collect-metrics")]
fn h() {}

fn main() {}
