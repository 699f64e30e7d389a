use ensign::prelude::*;

#[derive(LeaderSettings)]
struct Unknown {
    #[leader(keys = "a")]
    a: String,
    #[leader(secrte)]
    b: String,
    #[leader(default)]
    c: String,
    #[leader(some::key = "d")]
    d: String,
}

#[derive(LeaderSettings)]
struct Malformed {
    #[leader]
    a: String,
    #[leader()]
    b: String,
    #[leader = "c"]
    c: String,
    #[leader(key)]
    d: String,
    #[leader(key = 5)]
    e: String,
    #[leader(secret = true)]
    f: String,
    #[leader(secret(yes))]
    g: String,
    #[leader("h")]
    h: String,
}

#[derive(LeaderSettings)]
struct Twice {
    #[leader(key = "x", key = "y")]
    a: String,
    #[leader(secret)]
    #[leader(secret)]
    b: String,
}

#[derive(LeaderSettings)]
#[leader(secret)]
struct OnTheStruct {
    a: String,
}

fn main() {}
