use ensign::prelude::*;

#[when("not a flag!")]
#[when_not("ok", "", "sh/slash")]
#[when_any("a{b}", "endpoint.{endpoint_name}.joined")]
fn h() {}

fn main() {}
