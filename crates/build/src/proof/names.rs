//! Endpoints, options, storages and actions that handlers name: they have to stand in the charm's YAML files.

use std::collections::BTreeSet;

use super::charm::Charm;
use super::handler::Handler;
use super::hooks::{Hook, Unknown, hooks};
use super::setters::ENDPOINT;
use crate::finding::{Finding, Findings, Level};
use crate::yaml::nearest;

/// Looks at flags, sources, hooks and actions of each handler.
pub(super) fn check(charm: &Charm, findings: &mut Findings) {
    let mut looking = Looking { charm, findings };
    for handler in &charm.handlers {
        let mut told = BTreeSet::new();
        for flag in handler.flags().filter(|flag| !flag.contains('{')) {
            let mut parts = flag.split('.');
            let (namespace, second) = (parts.next(), parts.next().unwrap_or_default());
            let key = flag.splitn(3, '.').nth(2);
            match (namespace, key) {
                (Some("config"), Some(key)) if told.insert(key) => {
                    looking.option(handler, key, &format!("the flag `{flag}`"));
                }
                (Some("endpoint"), Some(_)) if told.insert(second) => {
                    looking.endpoint(handler, second, &format!("the flag `{flag}`"));
                }
                _ => {}
            }
        }
        for key in handler.sources("config") {
            looking.option(handler, key, "`when_changed`");
        }
        for source in handler
            .sources("endpoint")
            .filter(|source| !source.contains('{'))
        {
            let name = source.split('.').next().unwrap_or(source);
            looking.endpoint(handler, name, "`when_changed`");
        }
        for pattern in handler
            .args_of("hook")
            .filter(|pattern| !pattern.contains(ENDPOINT))
        {
            looking.hook(handler, pattern);
        }
        for action in handler.args_of("action") {
            looking.action(handler, action);
        }
    }
    looking.unheard();
}

struct Looking<'l> {
    charm: &'l Charm,
    findings: &'l mut Findings,
}

impl Looking<'_> {
    fn option(&mut self, handler: &Handler, key: &str, by: &str) {
        let options: Vec<&str> = keys(&self.charm.description.config);
        let message = format!(
            "`{}` waits for the option `{key}` by {by}, and config.yaml has none of that name",
            handler.id
        );
        self.lacking(
            handler,
            key,
            &options,
            406,
            message,
            "config.yaml, below `options:`",
        );
    }

    fn endpoint(&mut self, handler: &Handler, name: &str, by: &str) {
        let metadata = &self.charm.description.metadata;
        let endpoints: Vec<&str> = [&metadata.provides, &metadata.requires, &metadata.peers]
            .into_iter()
            .flat_map(keys)
            .collect();
        let message = format!(
            "`{}` waits for the endpoint `{name}` by {by}, and metadata.yaml has none of that name",
            handler.id
        );
        self.lacking(
            handler,
            name,
            &endpoints,
            405,
            message,
            "metadata.yaml, below `provides:`, `requires:` or `peers:`",
        );
    }

    fn storage(&mut self, handler: &Handler, name: &str, by: &str) {
        let storages: Vec<&str> = keys(&self.charm.description.metadata.storage);
        let message = format!(
            "`{}` waits for the storage `{name}` by {by}, and metadata.yaml has none of that name",
            handler.id
        );
        self.lacking(
            handler,
            name,
            &storages,
            405,
            message,
            "metadata.yaml, below `storage:`",
        );
    }

    fn hook(&mut self, handler: &Handler, pattern: &str) {
        for name in hooks(pattern, &self.charm.description.metadata) {
            let by = format!("the hook `{name}`");
            match Hook::of(&name) {
                Ok(Hook::OfUnit | Hook::OfWorkload) => {}
                Ok(Hook::OfJuju3) => {
                    let message = format!(
                        "`{}` waits for the hook `{name}`, which Juju 4 does not have",
                        handler.id
                    );
                    let finding = self.charm.at_handler(Level::Info, handler, message);
                    self.findings.push(finding.numbered(413).hint(
                        "on Juju 4 it never runs: let another handler do what has to be done there",
                    ));
                }
                Ok(Hook::OfEndpoint(endpoint)) => self.endpoint(handler, endpoint, &by),
                Ok(Hook::OfStorage(storage)) => self.storage(handler, storage, &by),
                Err(Unknown(near)) => {
                    let message = format!(
                        "`{}` waits for the hook `{name}`, which Juju does not have",
                        handler.id
                    );
                    let hint = match near {
                        Some(near) => format!("did you mean `{near}`?"),
                        None => "hooks are named as Juju names them: `install`, `config-changed`, `db-relation-joined`".into(),
                    };
                    let finding = self.charm.at_handler(Level::Error, handler, message);
                    self.findings.push(finding.numbered(413).hint(hint));
                }
            }
        }
    }

    fn action(&mut self, handler: &Handler, name: &str) {
        let actions: Vec<&str> = keys(&self.charm.description.actions);
        let message = format!(
            "`{}` waits for the action `{name}`, and actions.yaml has none of that name",
            handler.id
        );
        self.lacking(handler, name, &actions, 407, message, "actions.yaml");
    }

    fn lacking(
        &mut self,
        handler: &Handler,
        name: &str,
        known: &[&str],
        number: u16,
        message: String,
        place: &str,
    ) {
        if known.contains(&name) {
            return;
        }
        let hint = match nearest(name, known) {
            Some(near) => format!("did you mean `{near}`? Else add `{name}` to {place}"),
            None => format!("add `{name}` to {place}"),
        };
        let finding = self.charm.at_handler(Level::Error, handler, message);
        self.findings.push(finding.numbered(number).hint(hint));
    }

    /// Actions that nothing answers to.
    fn unheard(&mut self) {
        let charm = self.charm;
        // Who can tell what a charm does that was not built here?
        if charm.handlers.is_empty() || !charm.scripts.programs.is_empty() {
            return;
        }
        for action in charm.description.actions.keys() {
            let heard = |handler: &Handler| handler.args_of("action").any(|name| name == action);
            let program = charm.dir().join("actions").join(action).exists();
            if program || charm.handlers.iter().any(heard) {
                continue;
            }
            let message = format!("no handler answers to the action `{action}`");
            let hint = format!("write one under `#[action(\"{action}\")]`");
            let finding: Finding = charm.at_key(Level::Warning, "actions.yaml", &[action], message);
            self.findings.push(finding.numbered(408).hint(hint));
        }
    }
}

fn keys<V>(map: &std::collections::BTreeMap<String, V>) -> Vec<&str> {
    map.keys().map(String::as_str).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::proof::sample::{Sample, handler};

    fn sample() -> Sample {
        Sample::new()
            .metadata("provides: {web: http}\nstorage: {disk: {type: block}}\n")
            .file("config.yaml", "options: {port: {type: int}}\n")
            .file("actions.yaml", "dump: {}\n")
    }

    #[test]
    fn what_the_files_have_is_no_finding() {
        let good = sample().registered(&[
            handler(
                "t::a",
                &[("when", &["config.set.port", "endpoint.web.joined"])],
            ),
            handler(
                "t::b",
                &[("when_changed", &["config=port", "endpoint=web.host"])],
            ),
            handler(
                "t::c",
                &[(
                    "hook",
                    &[
                        "web-relation-{joined,changed}",
                        "disk-storage-attached",
                        "{requires:sql}-relation-joined",
                        "install",
                    ],
                )],
            ),
            handler("t::d", &[("action", &["dump"])]),
            handler(
                "t::e",
                &[(
                    "when",
                    &["endpoint.{endpoint_name}.joined", "config.changed"],
                )],
            ),
            handler("t::f", &[("hook", &["{endpoint_name}-relation-joined"])]),
            handler("t::g", &[("when_changed", &["endpoint={endpoint_name}.x"])]),
        ]);
        assert_eq!(good.codes(check), [""; 0]);
    }

    #[test]
    fn what_they_lack_is_an_error_at_the_handler() {
        let cases: [(&str, &[&str], &str); 9] = [
            ("when", &["config.set.prot"], "E406"),
            ("when_not", &["config.default.host"], "E406"),
            ("when_changed", &["config=host"], "E406"),
            ("when", &["endpoint.wev.joined"], "E405"),
            ("when_changed", &["endpoint=db.host"], "E405"),
            ("hook", &["db-relation-joined"], "E405"),
            ("hook", &["disc-storage-attached"], "E405"),
            ("hook", &["config-change"], "E413"),
            ("action", &["restore"], "E407"),
        ];
        for (kind, args, code) in cases {
            let dump = handler("t::d", &[("action", &["dump"])]);
            let found = sample()
                .registered(&[handler("t::a", &[(kind, args)]), dump])
                .found(check);
            let codes: Vec<_> = found.iter().filter_map(Finding::code).collect();
            assert_eq!(codes, [code], "{args:?}");
            assert_eq!(found[0].line, 7);
        }
    }

    #[test]
    fn a_guess_comes_with_the_way_to_add_it() {
        let found = sample()
            .registered(&[handler("t::a", &[("when", &["config.set.prot"])])])
            .found(check);
        let hint = found
            .iter()
            .find_map(|f| (f.number == 406).then(|| f.hint.clone()))
            .flatten();
        assert_eq!(
            hint.as_deref(),
            Some("did you mean `port`? Else add `prot` to config.yaml, below `options:`")
        );
    }

    #[test]
    fn an_action_that_nobody_answers_to_is_a_warning() {
        let install = handler("t::a", &[("hook", &["install"])]);
        let found = sample()
            .registered(std::slice::from_ref(&install))
            .found(check);
        assert_eq!(found[0].code().as_deref(), Some("W408"));
        assert!(found[0].file.ends_with("actions.yaml"));
        let program = sample()
            .file("actions/dump", "#!/bin/sh\n")
            .registered(&[install]);
        assert_eq!(program.codes(check), [""; 0]);
    }

    #[test]
    fn hooks_that_only_juju_3_has_are_a_remark() {
        let old = sample().registered(&[
            handler("t::a", &[("hook", &["leader-settings-changed"])]),
            handler("t::d", &[("action", &["dump"])]),
        ]);
        assert_eq!(old.codes(check), ["I413"]);
    }
}
