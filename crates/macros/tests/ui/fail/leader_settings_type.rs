use ensign::prelude::*;

struct Point {
    x: u8,
}

#[derive(LeaderSettings)]
struct Settings {
    host: String,
    point: Point,
    maybe: Option<Point>,
    value: ensign::Value,
    secrets: Vec<Secret>,
}

fn main() {}
