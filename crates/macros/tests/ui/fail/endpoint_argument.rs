use ensign::prelude::*;

const INTERFACE: Interface = Interface::requires("redis");

#[when("endpoint.db.joined")]
fn names_its_endpoint(_ctx: &mut Context, _db: Endpoint) {}

#[hook("db-relation-joined")]
fn in_a_hook(_db: ensign::Endpoint) {}

#[action]
fn in_an_action(_ctx: &mut Context, _db: Endpoint) {}

#[when("endpoint.{endpoint_name}.joined")]
fn right(_ctx: &mut Context, _db: Endpoint) {}

#[when("endpoint.{endpoint_name}.joined")]
fn maybe(_ctx: &mut Context, _db: Option<Endpoint>) {}

fn main() {}
