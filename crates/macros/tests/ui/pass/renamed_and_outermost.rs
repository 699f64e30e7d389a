use ensign::prelude::*;
use ensign::when as w;

#[w("a")]
#[when_not("b")]
fn h() {}

fn main() {
    let ids: Vec<&str> = ensign::handler::HANDLERS.iter().map(|h| h.id).filter(|id| id.ends_with("::h")).collect();
    assert_eq!(ids.len(), 1);
}
