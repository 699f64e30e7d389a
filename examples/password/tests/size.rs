//! What this charm does not use it does not carry.

#![allow(clippy::unwrap_used, missing_docs)]

use std::path::Path;

/// Texts that only the code behind endpoints has, and where.
const OF_ENDPOINTS: [(&str, &str); 3] = [
    ("nothing can be published to `", "src/endpoint/bags.rs"),
    ("what is published to ", "src/endpoint/sealed.rs"),
    (
        "is neither an endpoint of this charm nor",
        "src/endpoint/call.rs",
    ),
];

#[test]
fn a_charm_that_names_no_endpoint_carries_nothing_of_them() {
    let holds = |bytes: &[u8], text: &str| bytes.windows(text.len()).any(|w| w == text.as_bytes());
    let binary = std::fs::read(env!("CARGO_BIN_EXE_password")).unwrap();
    assert!(holds(&binary, "leadership.is_leader"));
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("../..");
    for (text, file) in OF_ENDPOINTS {
        let source = std::fs::read(root.join(file)).unwrap();
        assert!(
            holds(&source, text),
            "`{file}` does not say `{text}` any more"
        );
        assert!(!holds(&binary, text), "the charm carries `{file}`");
    }
}
