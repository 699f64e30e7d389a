//! The charm against everything that can go wrong.

use ensign_testing::Charm;
use ensign_testing::campaign::{Campaign, Subject, Watch};
use password as _;

#[test]
fn one_password_whatever_goes_wrong() {
    let charm = Charm::linked(env!("CARGO_MANIFEST_DIR"), &["password"]).unwrap();
    let password = Watch::key("admin_password").file("/etc/foopass").required();
    let subject = Subject::new("password", &charm).watch(password);
    let report = Campaign::new(subject)
        .hooks(10_000)
        .with_migrations()
        .as_asked()
        .run();
    println!("{report}");
    assert!(report.passed(), "{report}");
}
