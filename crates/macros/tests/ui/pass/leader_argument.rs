#![forbid(unsafe_code, warnings)]

use ensign::prelude::*;

#[when("leadership.is_leader")]
fn after_the_context(ctx: &mut Context, leader: Leader) -> Result {
    leader.set(ctx, [("k", "v")])?;
    helper(ctx, &leader)
}

fn helper(ctx: &mut Context, leader: &Leader) -> Result {
    leader.unset(ctx, ["k"])
}

#[when_not("leadership.set.k")]
#[when_all("a", "leadership.is_leader")]
fn among_other_attributes_and_arguments(_ctx: &mut Context, _hook: Hook, _leader: Leader) {}

#[ensign::when_changed(config = "port")]
#[ensign::when("leadership.is_leader")]
fn by_path(_: ensign::Leader) {}

macro_rules! handler {
    ($name:ident, $flag:literal, $argument:ty) => {
        #[when($flag)]
        fn $name(_leader: $argument) {}
    };
}

handler!(made_by_a_macro, "leadership.is_leader", ensign::leadership::Leader);

mod elected {
    /// Somebody else of that name.
    #[derive(Clone)]
    pub struct Leader;

    impl ensign::FromContext for Leader {
        fn from_context(_ctx: &mut ensign::Context) -> ensign::Result<Self> {
            Ok(Self)
        }
    }
}

use elected::Leader as Captain;

#[when("a")]
fn another_leader_goes_by_another_name(_captain: Captain) {}

fn main() {}
