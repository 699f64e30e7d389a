//! Whatever a tool answers, no function panics, and no error shows what the tool said on its standard output.

use std::collections::BTreeMap;
use std::path::Path;

use proptest::prelude::*;

use super::fake::always;
use super::*;

fn call_everything(tools: &mut Tools, text: &str) -> Vec<ToolError> {
    let pairs = [(text, text)];
    let map = BTreeMap::from([(text.to_owned(), text.to_owned())]);
    let options = BTreeMap::from([(text.to_owned(), Some(text.to_owned()))]);
    let spec = SecretSpec::default();
    let file = Path::new("/f");
    [
        is_leader(tools).err(),
        leader_get(tools, text).err(),
        leader_get_all(tools).err(),
        leader_set(tools, pairs, true).err(),
        config_get(tools, text).err(),
        config_get_all(tools).err(),
        relation_ids(tools, text).err(),
        relation_list(tools, text).err(),
        relation_list_app(tools, text).err(),
        relation_get(tools, text, true, text).err(),
        relation_set(tools, text, true, &options, true).err(),
        relation_model_get(tools, text).err(),
        status_set(tools, &Status::Active(text.to_owned())).err(),
        app_status_set(tools, &Status::Active(text.to_owned())).err(),
        status_get(tools).err(),
        app_status_get(tools).err(),
        juju_log(tools, Level::Info, text).err(),
        state_get(tools, text).err(),
        state_get_all(tools).err(),
        state_set(tools, &map).err(),
        state_delete(tools, text).err(),
        open_port(tools, Ports::Icmp, &[text]).err(),
        opened_ports(tools).err(),
        network_get(tools, text, Some(text)).err(),
        unit_get(tools, UnitAddress::Private).err(),
        goal_state(tools).err(),
        action_get(tools, text).err(),
        action_get_all(tools).err(),
        action_set(tools, pairs).err(),
        action_fail(tools, text).err(),
        action_log(tools, text).err(),
        secret_document(&map).err(),
        secret_add(tools, SecretOwner::Unit, &spec, file).err(),
        secret_set(tools, text, &spec, Some(file)).err(),
        secret_get(tools, SecretRef::Label(text), SecretRead::Refresh).err(),
        secret_info_get(tools, SecretRef::Id(text)).err(),
        secret_ids(tools).err(),
        storage_get(tools, text).err(),
        storage_list(tools, Some(text)).err(),
        storage_add(tools, text, 1).err(),
        resource_get(tools, text).err(),
        credential_get(tools).err(),
        add_metric(tools, pairs, &map).err(),
        application_version_set(tools, text).err(),
    ]
    .into_iter()
    .flatten()
    .collect()
}

/// Bytes, half of them looking like an answer.
fn answers() -> impl Strategy<Value = Vec<u8>> {
    let json = prop::sample::select(vec![
        "null",
        "{}",
        "[]",
        "[null]",
        "\"\"",
        "true",
        "1e999",
        "{\"a\":null}",
        "{\"a\":{}}",
        "[\"80/tcp (\"]",
        "{\"units\":null}",
        "{\"bind-addresses\":[{}]}",
        "{\"application-status\":{}}",
        "[[[[",
        "{\"a\":\"\\ud800\"}",
    ]);
    prop_oneof![
        prop::collection::vec(any::<u8>(), 0..64),
        json.prop_map(|text| text.as_bytes().to_vec()),
    ]
}

proptest! {
    #[test]
    fn no_answer_makes_a_function_panic(stdout in answers(), stderr in answers(), code in -1..4, text in any::<String>()) {
        always(ToolOutput { code, stdout, stderr }, |tools| call_everything(tools, &text));
    }

    #[test]
    fn no_error_shows_an_answer(tail in answers()) {
        let mut stdout = b"hunter2".to_vec();
        stdout.extend(tail);
        let errors = always(ToolOutput { stdout, ..ToolOutput::default() }, |tools| call_everything(tools, "key"));
        for error in errors {
            let shown = format!("{error} {error:?}");
            prop_assert!(!shown.contains("hunter2"), "{}", shown);
        }
    }
}

#[test]
fn an_answer_nested_without_end_is_an_error() {
    let stdout = "[".repeat(1_000_000).into_bytes();
    let errors = always(
        ToolOutput {
            stdout,
            ..ToolOutput::default()
        },
        |tools| call_everything(tools, "key"),
    );
    assert!(
        errors
            .iter()
            .any(|error| error.to_string().contains("`config-get`"))
    );
}
