use ensign::prelude::*;

#[when("a")]
async fn asynchronous() {}

#[when("a")]
unsafe fn unchecked() {}

#[when("a")]
fn generic<T>() {}

#[when("a")]
fn counted<const N: usize>() {}

struct Charm;

impl Charm {
    #[when("a")]
    fn method(&self) {}
}

#[when("a")]
fn several<T>(_a: Hook, _b: &Hook) -> T {
    loop {}
}

fn main() {}
