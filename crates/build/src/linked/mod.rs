//! Which crates the charm's `ensign::main!(…)` names. A crate that it does not name is not linked, and its handlers
//! would silently vanish.

mod scan;

use std::collections::BTreeSet;

use self::scan::main_call;
use crate::cargo::Package;
use crate::error::Result;
use crate::finding::{Finding, Findings};
use crate::registry::Registry;
use crate::yaml::{Place, Source};

/// The call of `main!` in a charm.
#[derive(Debug, Default)]
pub(crate) struct Linked {
    /// The crates that it names, base first; empty where the macro is not used.
    pub(crate) crates: Vec<String>,
    call: Option<(Source, Place)>,
}

impl Linked {
    /// Checks what is registered in the binary against the crates that have a place in the order. `scripts`: the
    /// charm has handlers that are no Rust.
    pub(crate) fn check(&self, registry: &Registry, scripts: bool, findings: &mut Findings) {
        let Some((source, place)) = &self.call else {
            return;
        };
        let known = |krate: &str| krate == "ensign" || self.crates.iter().any(|name| name == krate);
        let strangers: BTreeSet<&str> = registry
            .handlers
            .iter()
            .map(|handler| handler.krate.as_str())
            .filter(|krate| !known(krate))
            .collect();
        for krate in strangers {
            let message = format!(
                "`{krate}` has handlers in the charm, but `ensign::main!` does not name it"
            );
            let hint = format!(
                "name it at its place in the order of layers, base first: `{krate}, {}`",
                self.crates.join(", ")
            );
            findings.push(Finding::error(source, *place, message).hint(hint));
        }
        let mut handlers = registry.handlers.iter();
        if !scripts && handlers.all(|handler| handler.krate == "ensign") {
            let message = "the charm has no handlers of its own";
            let hint = "write one in the crate's library, such as `#[hook(\"install\")] fn install(ctx: &mut Context) {}`";
            findings.push(Finding::warning(source, *place, message).hint(hint));
        }
    }
}

/// Reads `main.rs` and checks it against the charm's own crate.
pub(crate) fn linked(package: &Package, findings: &mut Findings) -> Result<Linked> {
    let Some(source) = Source::read(&package.main)? else {
        return Ok(Linked::default());
    };
    let Some((place, names)) = main_call(&source.text) else {
        let top = Place { line: 1, column: 1 };
        let finding = Finding::warning(&source, top, "`ensign::main!` is not called in this file")
            .hint("the order of the layers, and whether all are linked, cannot be checked");
        findings.push(finding);
        return Ok(Linked::default());
    };
    if let Some(lib) = &package.lib
        && !names.contains(lib)
    {
        let message = format!(
            "`ensign::main!` does not name `{lib}`: none of its handlers would be in the charm"
        );
        findings.push(
            Finding::error(&source, place, message)
                .hint(format!("write `ensign::main!({});`", with(&names, lib))),
        );
    }
    Ok(Linked {
        crates: names,
        call: Some((source, place)),
    })
}

fn with(names: &[String], lib: &str) -> String {
    names
        .iter()
        .map(String::as_str)
        .chain([lib])
        .collect::<Vec<_>>()
        .join(", ")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(main: &str, lib: &str) -> (Vec<String>, Vec<Finding>) {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("main.rs");
        std::fs::write(&path, main).unwrap();
        let package = Package::for_test(&path, lib);
        let mut findings = Findings::default();
        let linked = linked(&package, &mut findings).unwrap();
        (linked.crates, findings.sorted())
    }

    #[test]
    fn the_crates_keep_the_order_of_main() {
        let (names, found) = check(
            "// a charm\nensign::main!(layer_apt, my_charm,);\n",
            "my_charm",
        );
        assert_eq!(names, ["layer_apt", "my_charm"]);
        assert!(found.is_empty());
    }

    #[test]
    fn a_main_that_forgets_the_charm_is_an_error_with_its_line() {
        let (_, found) = check("\nensign::main!(layer_apt);\n", "my_charm");
        assert_eq!(found.len(), 1);
        assert_eq!((found[0].line, found[0].column), (2, 1));
        assert!(
            found[0]
                .hint
                .as_deref()
                .unwrap()
                .contains("ensign::main!(layer_apt, my_charm);")
        );
    }

    #[test]
    fn a_call_in_a_comment_does_not_count() {
        let (names, found) = check("// ensign::main!(x);\nfn main() {}\n", "x");
        assert!(names.is_empty());
        assert_eq!(found.len(), 1);
    }
}
