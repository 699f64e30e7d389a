use ensign::prelude::*;

#[derive(LeaderSettings)]
struct Settings {
    host: &'static str,
    proxy: Option<&'static str>,
}

fn main() {}
