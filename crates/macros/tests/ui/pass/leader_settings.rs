#![forbid(unsafe_code, warnings)]

use std::collections::BTreeMap;
use std::net::IpAddr;

use ensign::prelude::*;

/// Shadows names that an expansion could have used carelessly.
mod core {}
#[allow(dead_code)]
enum Vec {}
#[allow(dead_code)]
struct Box;

#[derive(Debug, LeaderSettings)]
struct Everything {
    text: String,
    r#type: u16,
    address: IpAddr,
    /// A list.
    #[leader(key = "all ports")]
    ports: ::std::vec::Vec<u16>,
    #[leader(key = "weights", secret)]
    weights: BTreeMap<String, f64>,
    #[leader(secret)]
    #[leader(key = "pin")]
    number: Option<u32>,
    password: Secret,
    #[leader(secret)]
    old_password: std::option::Option<ensign::Secret>,
}

#[derive(ensign::LeaderSettings)]
struct OnlyOne<const N: usize> {
    größe: Option<String>,
}

macro_rules! settings {
    ($name:ident { $($field:ident: $ty:ty),* }) => {
        #[derive(LeaderSettings)]
        pub(crate) struct $name { $($field: $ty,)* extra: Option<bool> }
    };
}

settings!(ByMacro { a: Option<String>, b: (u8, char), c: Secret });

#[when("leadership.is_leader")]
fn writes(ctx: &mut Context) -> Result {
    let Some(mut all) = Everything::load(ctx)? else {
        return Ok(());
    };
    all.old_password = Some(all.password.clone());
    all.store(ctx)?;
    OnlyOne::<1> { größe: None }.store(ctx)?;
    <OnlyOne<2> as ensign::LeaderSettings>::load(ctx)?;
    if let Some(made) = ByMacro::load(ctx)? {
        made.store(ctx)?;
    }
    Ok(())
}

fn main() {}
