use super::*;
use crate::error::{ErrorKind, Kind};
use crate::tools::fake::{on, play};

const ID: &str = "9m4e2mr0ui3e8a215n4g";

#[test]
fn content_goes_by_file_and_the_uri_comes_back() {
    let spec = SecretSpec {
        label: Some("ensign.leader".to_owned()),
        description: Some("-odd".to_owned()),
        ..SecretSpec::default()
    };
    let argv = [
        "secret-add",
        "--owner",
        "application",
        "--label",
        "ensign.leader",
        "--description",
        "-odd",
        "--file",
        "/d/f",
    ];
    let calls = [on(&argv).secret(true).says("secret:9m4e2mr0ui3e8a215n4g\n")];
    let uri = play(calls, |t| {
        secret_add(t, SecretOwner::Application, &spec, Path::new("/d/f"))
    });
    assert_eq!(uri.unwrap(), "secret:9m4e2mr0ui3e8a215n4g");

    let argv = [
        "secret-set",
        "--expire",
        "72h",
        "--rotate",
        "daily",
        "--file",
        "/d/f",
        ID,
    ];
    let spec = SecretSpec {
        rotate: Some("daily".to_owned()),
        expire: Some("72h".to_owned()),
        ..SecretSpec::default()
    };
    play([on(&argv).secret(true)], |t| {
        secret_set(t, ID, &spec, Some(Path::new("/d/f")))
    })
    .unwrap();
    play([on(&["secret-set", "--label", "x", ID])], |t| {
        let spec = SecretSpec {
            label: Some("x".to_owned()),
            ..SecretSpec::default()
        };
        secret_set(t, ID, &spec, None)
    })
    .unwrap();
}

#[test]
fn a_relative_file_is_refused_because_the_agent_opens_it_elsewhere() {
    let error = play([], |t| {
        secret_add(t, SecretOwner::Unit, &SecretSpec::default(), Path::new("f"))
    })
    .unwrap_err();
    assert!(
        error.to_string().contains("`f` must be an absolute path"),
        "{error}"
    );
    assert_eq!(error.kind(), ErrorKind::Invalid);
}

#[test]
fn only_the_leader_makes_a_secret_of_the_application() {
    let argv = ["secret-add", "--owner", "application", "--file", "/f"];
    let calls = [on(&argv).fails(1, "ERROR this unit is not the leader\n")];
    let error = play(calls, |t| {
        secret_add(
            t,
            SecretOwner::Application,
            &SecretSpec::default(),
            Path::new("/f"),
        )
    })
    .unwrap_err();
    assert_eq!(error.kind(), ErrorKind::NotLeader);
    assert!(
        error.to_string().ends_with("this unit is not the leader"),
        "{error}"
    );
}

#[test]
fn the_whole_content_is_read_by_id_or_label() {
    let content = BTreeMap::from([("key".to_owned(), "v".to_owned())]);
    for (secret, read, argv) in [
        (SecretRef::Id(ID), SecretRead::Followed, vec![ID]),
        (SecretRef::Id(ID), SecretRead::Peek, vec!["--peek", ID]),
        (
            SecretRef::Label("adm"),
            SecretRead::Refresh,
            vec!["--label", "adm", "--refresh"],
        ),
    ] {
        let argv: Vec<_> = ["secret-get", "--format=json"]
            .into_iter()
            .chain(argv)
            .collect();
        let calls = [on(&argv).secret(true).says("{\"key\":\"v\"}\n")];
        assert_eq!(
            play(calls, |t| secret_get(t, secret, read)).unwrap(),
            Some(content.clone())
        );
    }
}

#[test]
fn a_secret_that_is_not_there_is_none_and_anything_else_an_error() {
    let get = |code, stderr: &str| {
        let calls = [on(&["secret-get", "--format=json", "--label", "nope"]).fails(code, stderr)];
        play(calls, |t| {
            secret_get(t, SecretRef::Label("nope"), SecretRead::Followed)
        })
    };
    assert_eq!(
        get(1, "ERROR consumer label \"nope\" not found\n").unwrap(),
        None
    );
    assert_eq!(
        get(
            1,
            "ERROR secret \"secret:cr1s8ej24te5l4k8u8r0\" not found\n"
        )
        .unwrap(),
        None
    );
    assert!(get(1, "ERROR permission denied\n").is_err());
    assert!(get(1, "ERROR secret key value \"pass\" not found\n").is_err());
    assert!(get(2, "ERROR secret URI \"nope\" not valid\n").is_err());

    let calls = [on(&["secret-info-get", "--format=json", "--label", "adm"])
        .fails(1, "ERROR secret \"adm\" not found\n")];
    assert_eq!(
        play(calls, |t| secret_info_get(t, SecretRef::Label("adm"))).unwrap(),
        None
    );
}

#[test]
fn the_owner_sees_all_about_a_secret() {
    let recorded = "{\"9m4e2mr0ui3e8a215n4g\":{\"revision\":2,\"label\":\"adm\",\"owner\":\"application\",\
        \"description\":\"admin password\",\"rotation\":\"monthly\",\"expiry\":\"2031-01-01T00:00:00Z\",\
        \"rotates\":\"2030-02-03T04:05:06Z\",\"access\":[{\"target\":\"application-mysql\",\
        \"scope\":\"relation-redis.db#mysql.db\",\"role\":\"view\"}]}}\n";
    let calls = [on(&["secret-info-get", "--format=json", ID]).says(recorded)];
    let info = play(calls, |t| secret_info_get(t, SecretRef::Id(ID)))
        .unwrap()
        .unwrap();
    assert_eq!(
        (info.id.as_str(), info.revision, info.label.as_str()),
        (ID, 2, "adm")
    );
    assert_eq!(info.rotation.as_deref(), Some("monthly"));
    assert_eq!(info.access[0].target, "application-mysql");

    let recorded = "{\"cdqd5r3mp25c7bsg2n30\":{\"revision\":1,\"label\":\"mine\",\"owner\":\"unit\",\"rotation\":\"never\"}}\n";
    let calls = [on(&["secret-info-get", "--format=json", "--label", "mine"]).says(recorded)];
    let info = play(calls, |t| secret_info_get(t, SecretRef::Label("mine")))
        .unwrap()
        .unwrap();
    assert_eq!(
        (info.owner.as_str(), info.expiry, info.access.len()),
        ("unit", None, 0)
    );
}

#[test]
fn an_answer_about_several_secrets_is_garbled() {
    let calls = [on(&["secret-info-get", "--format=json", ID]).says("{}")];
    assert!(play(calls, |t| secret_info_get(t, SecretRef::Id(ID))).is_err());
    let calls = [on(&["secret-add", "--owner", "unit", "--file", "/f"]).says("done\n")];
    assert!(
        play(calls, |t| secret_add(
            t,
            SecretOwner::Unit,
            &SecretSpec::default(),
            Path::new("/f")
        ))
        .is_err()
    );
}

#[test]
fn revisions_are_removed_one_at_a_time_or_all() {
    play([on(&["secret-remove", "--revision", "3", ID])], |t| {
        secret_remove(t, ID, Some(3))
    })
    .unwrap();
    play([on(&["secret-remove", ID])], |t| secret_remove(t, ID, None)).unwrap();
    assert!(
        play([], |t| secret_remove(t, ID, Some(0))).is_err(),
        "0 would remove all"
    );
}

#[test]
fn grants_are_given_and_taken_back() {
    play([on(&["secret-grant", "--relation", "db:3", ID])], |t| {
        secret_grant(t, ID, "db:3", None)
    })
    .unwrap();
    let argv = [
        "secret-grant",
        "--relation",
        "db:3",
        "--unit",
        "mysql/0",
        ID,
    ];
    play([on(&argv)], |t| {
        secret_grant(t, ID, "db:3", Some("mysql/0"))
    })
    .unwrap();
    for (option, holder) in [
        ("--relation", SecretHolder::Relation("x")),
        ("--app", SecretHolder::App("x")),
        ("--unit", SecretHolder::Unit("x")),
    ] {
        play([on(&["secret-revoke", option, "x", ID])], |t| {
            secret_revoke(t, ID, holder)
        })
        .unwrap();
    }
}

#[test]
fn ids_come_sorted_although_juju_shuffles_them() {
    let argv = ["secret-ids", "--format=json"];
    assert_eq!(
        play([on(&argv).says("null\n")], secret_ids).unwrap(),
        Vec::<String>::new()
    );
    assert_eq!(
        play([on(&argv).says("[\"b\",\"a\"]\n")], secret_ids).unwrap(),
        ["a", "b"]
    );
}
