use super::*;

const CHARM: &str = r#"{"schema":1,"name":"password","build":"abc","layers":["ensign","password"],
    "options":{"leadership":{"backend":"auto"}},
    "metadata":{"name":"password","summary":"s","provides":{"website":{"interface":"http"},"admin":"http"},
      "requires":{"db":{"interface":"mysql","limit":1,"optional":true},"host":{"interface":"juju-info","scope":"container"}},
      "peers":{"cluster":{"interface":"password-peer"}},"storage":{"data":{"type":"filesystem","location":"/srv"}},
      "resources":{"pkg":{"type":"file","filename":"p.tgz"}},"subordinate":true,"tags":["x"]},
    "config":{"port":{"type":"int","default":80},"motd":{}},"actions":{"dump":{"params":{}}},"later":[1]}"#;

#[test]
fn the_file_says_everything_the_charm_needs() {
    let data = Metadata::parse(CHARM).unwrap();
    assert_eq!(data.name, "password");
    assert_eq!(data.layers, ["ensign", "password"]);
    assert_eq!(
        data.option("leadership", "backend"),
        Some(&Value::from("auto"))
    );
    assert_eq!(data.endpoints["db"].limit, Some(1));
    assert!(data.endpoints["db"].optional);
    assert_eq!(data.endpoints["host"].scope, Scope::Container);
    assert_eq!(data.config["port"].kind, ConfigType::Int);
    assert_eq!(data.config["port"].default, Value::from(80));
    assert_eq!(data.config["motd"].kind, ConfigType::String);
    assert_eq!(data.config["motd"].default, Value::Null);
    assert_eq!(data.storage["data"].location.as_deref(), Some("/srv"));
    assert_eq!(data.resources, ["pkg"]);
    assert!(data.subordinate);
    assert!(data.actions.contains_key("dump"));
}

#[test]
fn endpoints_are_found_by_role_and_interface_in_order() {
    let data = Metadata::parse(CHARM).unwrap();
    let http: Vec<_> = data.endpoints_of(Role::Provides, "http").collect();
    assert_eq!(http, ["admin", "website"]);
    assert_eq!(data.endpoints_of(Role::Requires, "http").count(), 0);
    assert_eq!(data.peers().collect::<Vec<_>>(), ["cluster"]);
}

#[test]
fn a_bare_binary_has_no_endpoints_and_no_options() {
    let data = Metadata::default();
    assert_eq!(data.peers().count(), 0);
    assert!(data.config.is_empty() && data.options.is_empty() && data.name.is_empty());
}

#[test]
fn errors_say_where() {
    let error = Metadata::parse("{\"schema\":1,\n\"layers\":3}")
        .unwrap_err()
        .to_string();
    assert!(error.contains("line 2 column"), "{error}");
    let error = Metadata::parse(r#"{"schema":2}"#).unwrap_err().to_string();
    assert!(error.contains("schema 2"), "{error}");
    let twice = r#"{"schema":1,"metadata":{"provides":{"a":"x"},"peers":{"a":"y"}}}"#;
    assert!(
        Metadata::parse(twice)
            .unwrap_err()
            .to_string()
            .contains("`a`")
    );
    assert!(Metadata::parse("").is_err());
}

proptest::proptest! {
    #[test]
    fn no_file_makes_it_panic(text in proptest::prelude::any::<String>(), at in 0..CHARM.len(), byte in 0_u8..128) {
        _ = Metadata::parse(&text);
        let mut bytes = CHARM.as_bytes().to_vec();
        bytes[at] = byte;
        if let Err(error) = Metadata::parse(&String::from_utf8(bytes).unwrap()) {
            proptest::prop_assert!(!error.to_string().is_empty());
        }
        _ = Metadata::parse(&CHARM[..at]);
    }
}
