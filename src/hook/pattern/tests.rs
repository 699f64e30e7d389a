use proptest::prelude::*;

use super::*;

fn charm() -> Metadata {
    Metadata::parse(
        r#"{"schema":1,"metadata":{"provides":{"website":{"interface":"http"},"admin":{"interface":"http"}},
            "requires":{"db":{"interface":"mysql"}},"peers":{"cluster":{"interface":"http"}}}}"#,
    )
    .unwrap()
}

fn names(pattern: &str) -> Vec<String> {
    expand(pattern, &charm()).unwrap()
}

#[test]
fn a_plain_name_means_itself() {
    assert_eq!(names("config-changed"), ["config-changed"]);
    assert!(matches("install", "install", &charm()).unwrap());
    assert!(!matches("install", "installed", &charm()).unwrap());
    assert!(!matches("installed", "install", &charm()).unwrap());
}

#[test]
fn alternatives_mean_either() {
    assert_eq!(names("{start,stop}"), ["start", "stop"]);
    assert_eq!(
        names("db-relation-{joined, changed}"),
        ["db-relation-joined", "db-relation-changed"]
    );
}

#[test]
fn a_role_and_interface_mean_every_such_endpoint() {
    assert_eq!(
        names("{provides:http}-relation-joined"),
        ["admin-relation-joined", "website-relation-joined"]
    );
    assert_eq!(
        names("{requires:mysql}-relation-broken"),
        ["db-relation-broken"]
    );
}

#[test]
fn peer_and_peers_are_the_same_role() {
    assert_eq!(
        names("{peers:http}-relation-changed"),
        ["cluster-relation-changed"]
    );
    assert_eq!(
        names("{peers:http}-relation-changed"),
        names("{peer:http}-relation-changed")
    );
}

#[test]
fn several_groups_give_the_full_product() {
    assert_eq!(
        names("{provides:http}-relation-{joined,changed}"),
        [
            "admin-relation-joined",
            "admin-relation-changed",
            "website-relation-joined",
            "website-relation-changed"
        ]
    );
    assert_eq!(names("{A,B}{A,B}"), ["AA", "AB", "BA", "BB"]);
    assert_eq!(
        names("{provides:http,requires:mysql,x}-y"),
        ["admin-y", "website-y", "db-y", "x-y"]
    );
}

#[test]
fn an_interface_the_charm_does_not_have_means_nothing() {
    assert!(names("{requires:http}-relation-{joined,changed}").is_empty());
    assert!(
        !matches(
            "{requires:http}-relation-joined",
            "db-relation-joined",
            &charm()
        )
        .unwrap()
    );
    assert!(
        !matches(
            "{requires:mysql}-relation-joined",
            "db-relation-joined",
            &Metadata::default()
        )
        .unwrap()
    );
}

#[test]
fn a_name_is_given_once() {
    assert_eq!(names("{start,start}"), ["start"]);
}

#[test]
fn mistakes_say_what_to_write() {
    let error = |pattern: &str| expand(pattern, &charm()).unwrap_err();
    assert_eq!(error(""), PatternError::Empty);
    for (pattern, at) in [("{a", 0), ("a}", 1), ("{a{b}}", 2), ("x{", 1), ("{a}}", 3)] {
        let pattern = pattern.to_owned();
        assert_eq!(error(&pattern), PatternError::Brace { at, pattern });
    }
    assert!(matches!(error("{}"), PatternError::Alternative { .. }));
    assert!(matches!(error("{a,}"), PatternError::Alternative { .. }));
    let text = error("{require:http}-relation-joined").to_string();
    assert!(
        text.contains("`require`") && text.contains("`requires`"),
        "{text}"
    );
}

#[test]
fn a_pattern_cannot_stand_for_everything() {
    let pattern = "{a,b}".repeat(13);
    assert_eq!(expand(&pattern, &charm()), Err(PatternError::TooMany));
    // Matching needs no list.
    assert!(matches(&"{a,b}".repeat(10_000), &"ab".repeat(5_000), &charm()).unwrap());
}

proptest! {
    #[test]
    fn no_text_makes_it_panic(pattern in any::<String>(), name in any::<String>()) {
        _ = expand(&pattern, &charm());
        _ = matches(&pattern, &name, &charm());
    }

    #[test]
    fn a_pattern_matches_exactly_what_it_expands_to(
        pattern in "(a|b|é|-|\\{a,b\\}|\\{a,ab,é\\}|\\{provides:http\\}|\\{requires:none\\}|[{},:]){1,5}",
        name in "[ab]{0,4}|(admin|website)?-?[abé]{0,2}",
    ) {
        let charm = charm();
        let Ok(names) = expand(&pattern, &charm) else {
            prop_assert!(matches(&pattern, &name, &charm).is_err());
            return Ok(());
        };
        prop_assert_eq!(matches(&pattern, &name, &charm).unwrap(), names.contains(&name));
        for name in names {
            prop_assert!(matches(&pattern, &name, &charm).unwrap());
        }
    }
}
