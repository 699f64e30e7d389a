//! Hook patterns (B35), checked where they are written; the library expands them at run time.

use crate::near::nearest;

/// Hooks with a name of their own that a handler can wait for.
const HOOKS: [&str; 15] = [
    "install",
    "start",
    "stop",
    "remove",
    "config-changed",
    "upgrade-charm",
    "update-status",
    "leader-elected",
    "leader-settings-changed",
    "pre-series-upgrade",
    "post-series-upgrade",
    "secret-changed",
    "secret-expired",
    "secret-remove",
    "secret-rotate",
];

/// Hooks named after an endpoint or a storage.
const ENDINGS: [&str; 7] = [
    "-relation-created",
    "-relation-joined",
    "-relation-changed",
    "-relation-departed",
    "-relation-broken",
    "-storage-attached",
    "-storage-detaching",
];

/// Whether `pattern` stands for hooks.
pub(crate) fn check(pattern: &str) -> Result<(), String> {
    if pattern.is_empty() {
        return Err("a hook pattern cannot be empty: name a hook, such as `install`".to_owned());
    }
    if pattern.contains(['{', '}']) {
        return braces(pattern);
    }
    if matches!(pattern, "collect-metrics" | "meter-status-changed") {
        return Err(format!(
            "`{pattern}` is a restricted hook, which `hook` never matches: use `#[{}]`",
            pattern.replace('-', "_")
        ));
    }
    spelling(pattern)
}

/// Refuses a slip in a name that Juju has; names it does not have may be those of a later Juju.
fn spelling(name: &str) -> Result<(), String> {
    if HOOKS.contains(&name) {
        return Ok(());
    }
    let dashed = name.replace('_', "-");
    let middle = ["-relation-", "-storage-"]
        .iter()
        .find_map(|middle| dashed.rfind(middle))
        .filter(|at| *at > 0);
    let meant = match middle {
        None => nearest(&dashed, HOOKS).map(str::to_owned),
        Some(at) if ENDINGS.contains(&&name[at..]) => None,
        Some(at) => {
            nearest(&dashed[at..], ENDINGS).map(|ending| format!("{}{ending}", &name[..at]))
        }
    };
    meant.map_or(Ok(()), |meant| {
        Err(format!(
            "there is no hook `{}`: did you mean `{meant}`?",
            name.escape_debug()
        ))
    })
}

/// Whether every brace has its partner and every alternative its text.
fn braces(pattern: &str) -> Result<(), String> {
    let mut open = None;
    for (at, c) in pattern.char_indices() {
        match (c, open) {
            ('{', None) => open = Some(at),
            ('}', Some(start)) => {
                pattern[start + 1..at]
                    .split(',')
                    .try_for_each(|text| alternative(pattern, text.trim()))?;
                open = None;
            }
            ('{' | '}', _) => return Err(lonely(pattern, at)),
            _ => {}
        }
    }
    open.map_or(Ok(()), |at| Err(lonely(pattern, at)))
}

fn lonely(pattern: &str, at: usize) -> String {
    format!(
        "the brace at byte {at} of hook pattern `{pattern}` has no partner: write `{{A,B}}` or `{{requires:http}}`"
    )
}

fn alternative(pattern: &str, text: &str) -> Result<(), String> {
    if text.is_empty() {
        return Err(format!(
            "hook pattern `{pattern}` has an empty alternative: write `{{A,B}}` or `{{requires:http}}`"
        ));
    }
    match text.split_once(':') {
        Some((role, _)) if !matches!(role, "provides" | "requires" | "peers" | "peer") => {
            Err(format!(
                "`{role}` in hook pattern `{pattern}` is not a role: use `provides`, `requires` or `peers`"
            ))
        }
        Some((role, "")) => Err(format!(
            "`{role}:` in hook pattern `{pattern}` names no interface: write `{role}:http`"
        )),
        _ => Ok(()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_groups_and_roles_are_patterns() {
        for good in [
            "install",
            "{install,upgrade-charm}",
            "{requires:http}-relation-{joined,changed}",
            "{db, peers:cluster}-relation-broken",
            "db-relation-changed",
            "data-storage-attached",
            "some-later-hook",
        ] {
            assert_eq!(check(good), Ok(()), "{good}");
        }
    }

    #[test]
    fn a_brace_has_a_partner() {
        for (bad, at) in [("{a", 0), ("a}", 1), ("{a{b}}", 2), ("{a}}", 3)] {
            let error = check(bad).expect_err(bad);
            assert!(
                error.starts_with(&format!("the brace at byte {at} ")),
                "{error}"
            );
        }
    }

    #[test]
    fn an_alternative_is_a_name_or_a_role_and_an_interface() {
        for bad in ["{}", "{a,}", "{a,,b}", "{needs:http}", "{requires:}"] {
            assert!(check(bad).is_err(), "{bad}");
        }
    }

    #[test]
    fn a_slip_in_a_hook_name_is_found() {
        for (typed, meant) in [
            ("config_changed", "config-changed"),
            ("instal", "install"),
            ("leader_settings_changed", "leader-settings-changed"),
            ("db-relation-change", "db-relation-changed"),
            ("my_db_relation_joined", "my_db-relation-joined"),
        ] {
            let error = check(typed).expect_err(typed);
            assert!(
                error.ends_with(&format!("did you mean `{meant}`?")),
                "{error}"
            );
        }
    }

    #[test]
    fn restricted_hooks_have_attributes_of_their_own() {
        assert_eq!(
            check("collect-metrics").expect_err("restricted"),
            "`collect-metrics` is a restricted hook, which `hook` never matches: use `#[collect_metrics]`"
        );
    }
}
