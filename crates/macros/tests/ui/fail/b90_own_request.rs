//! Answering one's own request, and changing what others have published.

use ensign::endpoint::{Data, ReceivedRequest, Request};
use ensign::prelude::*;

fn answers_itself(ctx: &mut Context, request: &Request) -> Result {
    request.respond(ctx, &true)
}

fn takes_back_anothers(ctx: &mut Context, request: ReceivedRequest) -> Result {
    request.withdraw(ctx)
}

fn renames(mut request: Request) {
    request.id = "another".to_owned();
}

fn writes(mut received: Data) {
    received.insert("host", "mine");
}

fn main() {}
