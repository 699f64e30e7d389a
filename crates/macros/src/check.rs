//! The rules for names: flags, ids, actions. Each answer says what is wrong and what to write instead.

use crate::interface::PLACEHOLDER;

/// Whether `name` is a flag's name; the same rule as `Flag::new`.
pub(crate) fn flag(name: &str) -> Result<(), String> {
    if name.is_empty() {
        return Err("a flag name cannot be empty".to_owned());
    }
    let rest = name.replace(PLACEHOLDER, "");
    let bad = rest
        .chars()
        .find(|c| !(c.is_ascii_alphanumeric() || matches!(c, '.' | '_' | '-')));
    match bad {
        None => Ok(()),
        Some('{' | '}') => Err(format!(
            "`{}` is not a flag name: `{PLACEHOLDER}` is the only placeholder",
            name.escape_debug()
        )),
        Some(_) => Err(format!(
            "`{}` is not a flag name: use letters, digits, `.`, `_` and `-`",
            name.escape_debug()
        )),
    }
}

/// Whether `name` is a flag's name or, as `b.*`, a prefix of such names.
pub(crate) fn flag_or_prefix(name: &str) -> Result<(), String> {
    match name.strip_suffix('*') {
        None => flag(name),
        Some(prefix) if prefix.len() > 1 && prefix.ends_with('.') => flag(prefix),
        Some(_) => Err(format!(
            "`{}` is not a prefix: write `name.*` for every flag that begins with `name.`",
            name.escape_debug()
        )),
    }
}

/// Whether `id` can name a handler in logs, marks and lists.
pub(crate) fn id(id: &str) -> Result<(), String> {
    if id.is_empty() {
        return Err("a handler's id cannot be empty".to_owned());
    }
    if id.chars().any(|c| c.is_whitespace() || c.is_control()) {
        return Err(format!(
            "`{}` is not a handler's id: use no white space, as in `my_charm::install`",
            id.escape_debug()
        ));
    }
    Ok(())
}

/// Whether Juju takes `name` as the name of an action.
pub(crate) fn action(name: &str) -> Result<(), String> {
    let letter = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit();
    let good = name.starts_with(letter)
        && name.ends_with(letter)
        && name.chars().all(|c| letter(c) || c == '-');
    if !good {
        return Err(format!(
            "`{}` is not an action name: use lower-case letters, digits and, between them, `-`",
            name.escape_debug()
        ));
    }
    if name == "juju" || name.starts_with("juju-") {
        return Err(format!(
            "`{name}` is not an action name: Juju keeps `juju` and `juju-` for itself"
        ));
    }
    Ok(())
}

/// Whether a leader setting can be called `key`; the same rule as `leader_set`.
pub(crate) fn leader_key(key: &str) -> Result<(), String> {
    let shown = key.escape_debug();
    if key.is_empty() {
        return Err("a leader key cannot be empty".to_owned());
    }
    if key.contains('=') || key.trim() != key {
        return Err(format!(
            "`{shown}` is not a leader key: it cannot contain `=`, nor begin or end with white space"
        ));
    }
    if matches!(key, "ensign-gen" | "ensign-secret") {
        return Err(format!(
            "`{shown}` is not a leader key: the leadership layer keeps it for itself"
        ));
    }
    Ok(())
}

/// Whether `key` can be what `when_changed(kind = "key")` waits for.
pub(crate) fn source(kind: &str, key: &str) -> Result<(), String> {
    let shown = key.escape_debug();
    match kind {
        _ if key.is_empty() => Err(format!("`{kind}` needs a name")),
        "file" if !key.starts_with('/') => Err(format!(
            "`{shown}` is not an absolute path: write it from `/`, since hooks and tests run in different folders"
        )),
        "endpoint" => match key.split_once('.') {
            Some((endpoint, field)) if !endpoint.is_empty() && !field.is_empty() => Ok(()),
            _ => Err(format!(
                "`{shown}` names no field: write `endpoint.field`, such as `db.host`"
            )),
        },
        _ => Ok(()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn flags_follow_the_rules_of_the_library() {
        for good in [
            "a",
            "leadership.set.admin_password",
            "A-1",
            "endpoint.{endpoint_name}.joined",
        ] {
            assert_eq!(flag(good), Ok(()), "{good}");
        }
        for bad in [
            "",
            "not a flag!",
            "a{b}",
            "ä",
            "{endpoint_name",
            "a/b",
            "a\n",
            "a.*",
        ] {
            assert!(flag(bad).is_err(), "{bad}");
        }
    }

    #[test]
    fn a_prefix_ends_in_dot_star() {
        assert_eq!(flag_or_prefix("b.*"), Ok(()));
        assert_eq!(flag_or_prefix("b"), Ok(()));
        for bad in ["*", ".*", "b*", "b.*.c", "b!.*"] {
            assert!(flag_or_prefix(bad).is_err(), "{bad}");
        }
    }

    #[test]
    fn an_id_is_one_word() {
        assert_eq!(id("my_charm::reactive::install"), Ok(()));
        for bad in ["", "two words", "a\nb", "tab\t"] {
            assert!(id(bad).is_err(), "{bad:?}");
        }
    }

    #[test]
    fn actions_are_named_as_juju_names_them() {
        for good in ["backup", "db-dump2", "2nd", "jujube"] {
            assert_eq!(action(good), Ok(()), "{good}");
        }
        for bad in ["", "-a", "a-", "Backup", "db_dump", "juju", "juju-run"] {
            assert!(action(bad).is_err(), "{bad}");
        }
    }

    #[test]
    fn leader_keys_are_what_the_stores_can_carry() {
        for good in ["k", "admin_password", "old key", "a/b", "ensign"] {
            assert_eq!(leader_key(good), Ok(()), "{good}");
        }
        for bad in ["", "a=b", " k", "k\n", "ensign-gen", "ensign-secret"] {
            assert!(leader_key(bad).is_err(), "{bad:?}");
        }
    }

    #[test]
    fn sources_have_a_name_that_fits_their_kind() {
        for (kind, good) in [
            ("leader", "admin password"),
            ("file", "/etc/x"),
            ("endpoint", "db.host.name"),
        ] {
            assert_eq!(source(kind, good), Ok(()), "{kind} {good}");
        }
        for (kind, bad) in [
            ("leader", ""),
            ("file", "etc/x"),
            ("endpoint", "db"),
            ("endpoint", ".host"),
            ("endpoint", "db."),
        ] {
            assert!(source(kind, bad).is_err(), "{kind} {bad}");
        }
    }
}
