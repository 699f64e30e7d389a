//! Handlers that write leader data and may run on a follower, where that fails the hook.

use super::charm::Charm;
use crate::finding::{Findings, Level};

/// Looks at who calls `leader_set` without a look at who leads.
pub(super) fn check(charm: &Charm, findings: &mut Findings) {
    for handler in &charm.handlers {
        let calls = |names: &[&str]| {
            handler
                .calls
                .iter()
                .find(|call| names.contains(&call.as_str()))
        };
        let Some(call) = calls(&["leader_set", "leader_unset"]) else {
            continue;
        };
        let asks = calls(&["is_leader", "is-leader", "ensure_leader"]).is_some();
        let elected =
            handler.args_of("hook").all(|hook| hook == "leader-elected") && handler.has("hook");
        if asks || elected || handler.required().contains("leadership.is_leader") {
            continue;
        }
        let message = format!(
            "`{}` calls `{call}` and may run on a unit that does not lead: the hook fails there",
            handler.id
        );
        let decorator = if handler.krate.is_empty() {
            "`@when 'leadership.is_leader'`"
        } else {
            "`#[when(\"leadership.is_leader\")]`"
        };
        let finding = charm.at_handler(Level::Warning, handler, message);
        findings.push(
            finding
                .numbered(305)
                .hint(format!("add {decorator}, or ask `is_leader` first")),
        );
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::proof::sample::{Sample, handler};

    #[test]
    fn who_writes_leader_data_leads_or_asks() {
        let codes = |conditions: &[(&str, &[&str])], calls: &[&str]| {
            let mut record = handler("t::a", conditions);
            record["calls"] = json!(calls);
            Sample::new().registered(&[record]).codes(check)
        };
        assert_eq!(codes(&[("when", &["x"])], &["leader_set"]), ["W305"]);
        assert_eq!(
            codes(
                &[("hook", &["install", "leader-elected"])],
                &["leader_unset"]
            ),
            ["W305"]
        );
        assert_eq!(
            codes(&[("when", &["x"])], &["is_leader", "leader_set"]),
            [""; 0]
        );
        assert_eq!(
            codes(&[("when", &["x", "leadership.is_leader"])], &["leader_set"]),
            [""; 0]
        );
        assert_eq!(
            codes(&[("hook", &["leader-elected"])], &["leader_set"]),
            [""; 0]
        );
        assert_eq!(codes(&[("when", &["x"])], &["leader_get"]), [""; 0]);
    }

    #[test]
    fn functions_in_bash_too() {
        let script = |decorators: &str, body: &str| {
            format!(
                "#!/bin/bash\nsource charms.reactive.sh\n\n{decorators}\nfunction f() {{\n  {body}\n}}\nreactive_handler_main\n"
            )
        };
        let codes = |decorators: &str, body: &str| {
            Sample::new()
                .file("reactive/f.sh", &script(decorators, body))
                .codes(check)
        };
        assert_eq!(codes("@when 'x'", "leader_set a=b"), ["W305"]);
        assert_eq!(
            codes("@when 'x'\n@when 'leadership.is_leader'", "leader_set a=b"),
            [""; 0]
        );
        assert_eq!(
            codes(
                "@when 'x'",
                "if is_flag_set leadership.is_leader; then leader_set a=b; fi"
            ),
            [""; 0]
        );
    }
}
