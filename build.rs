//! Present for `links = "ensign"`: two versions of the library in one charm would mean two handler
//! registries, so Cargo refuses them while it resolves dependencies.
fn main() {
    println!("cargo::rerun-if-changed=build.rs");
}
