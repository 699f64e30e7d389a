//! What a charm author's compiler says. The messages belong to the toolchain of `rust-toolchain.toml`; after reading
//! each change, `TRYBUILD=overwrite cargo test -p ensign-macros --test ui` accepts it.

#[test]
fn mistakes_are_told_at_the_authors_token() {
    let cases = trybuild::TestCases::new();
    cases.pass("tests/ui/pass/*.rs");
    cases.compile_fail("tests/ui/fail/*.rs");
}
