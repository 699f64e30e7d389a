use ensign::prelude::*;

#[derive(LeaderSettings)]
struct Tuple(String, u16);

#[derive(LeaderSettings)]
struct Unit;

#[derive(LeaderSettings)]
struct Empty {}

#[derive(LeaderSettings)]
pub enum Choice {
    A { host: String },
}

#[derive(LeaderSettings)]
union Overlay {
    a: u8,
    b: i8,
}

fn main() {}
