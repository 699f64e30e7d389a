use ensign::prelude::*;

#[derive(LeaderSettings)]
struct Bad {
    #[leader(key = "")]
    empty: String,
    #[leader(key = "a=b")]
    equals: String,
    #[leader(key = " a")]
    blank: String,
    #[leader(key = "ensign-gen")]
    generation: String,
    #[leader(key = "ensign-secret")]
    bell: String,
}

#[derive(LeaderSettings)]
struct Same {
    host: String,
    #[leader(key = "port")]
    first: u16,
    #[leader(key = "port")]
    second: u16,
    #[leader(key = "host")]
    third: Option<String>,
}

fn main() {}
