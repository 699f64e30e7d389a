//! Which crates the charm's `ensign::main!(…)` names. A crate that it does not name is not linked, and its handlers
//! would silently vanish.

mod scan;

use std::collections::BTreeSet;
use std::path::Path;

use self::scan::main_call;
use crate::cargo::{Package, dependencies};
use crate::error::Result;
use crate::finding::{Finding, Findings};
use crate::layers::{Layer, Stack};
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
    /// Of a `main!` that the build wrote itself.
    pub(crate) const fn generated(crates: Vec<String>) -> Self {
        Self { crates, call: None }
    }

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

/// Reads `main.rs` and checks it against the layers of the charm and its own crate.
pub(crate) fn linked(package: &Package, stack: &Stack, findings: &mut Findings) -> Result<Linked> {
    let Some(source) = Source::read(&package.main)? else {
        return Ok(Linked::default());
    };
    let Some((place, names)) = main_call(&source.text) else {
        let finding = Finding::warning(
            &source,
            Place::START,
            "`ensign::main!` is not called in this file",
        )
        .hint("the order of the layers, and whether all are linked, cannot be checked");
        findings.push(finding);
        return Ok(Linked::default());
    };
    let wanted = Wanted::of(stack, package);
    for (krate, of) in wanted.all() {
        if !names.contains(krate) {
            let message = format!(
                "`ensign::main!` does not name `{krate}`{of}: none of its handlers would be in the charm"
            );
            let hint = format!("write `{}`", wanted.call(&names));
            findings.push(Finding::error(&source, place, message).hint(hint));
        }
    }
    let ranks: Vec<usize> = names
        .iter()
        .filter_map(|name| wanted.layers.iter().position(|(krate, _)| krate == name))
        .collect();
    if !ranks.is_sorted() {
        let message = "`ensign::main!` has the layers in another order than `layer.yaml`";
        let hint = format!("base first: write `{}`", wanted.call(&names));
        findings.push(Finding::error(&source, place, message).hint(hint));
    }
    for name in &names {
        if !wanted.all().any(|(krate, _)| krate == name) && name != "ensign" {
            unincluded(package, name, &source, place, findings)?;
        }
    }
    Ok(Linked {
        crates: names,
        call: Some((source, place)),
    })
}

/// A crate that is a layer, but was left out of `includes`.
fn unincluded(
    package: &Package,
    name: &str,
    source: &Source,
    place: Place,
    findings: &mut Findings,
) -> Result<()> {
    let crates = dependencies(&package.manifest)?;
    let is_layer =
        |dir: &Path| dir.join("layer.yaml").is_file() || dir.join("interface.yaml").is_file();
    let found = crates
        .iter()
        .find(|krate| krate.lib.as_deref() == Some(name) && is_layer(&krate.dir));
    if let Some(found) = found {
        let message = format!(
            "`{name}` is a layer, but `layer.yaml` does not include it: its handlers are in the charm, its metadata, config and files are not"
        );
        let hint = match found.package.strip_prefix("interface-") {
            Some(name) => format!("add `interface:{name}` to `includes`"),
            None => {
                let name = found.package.trim_start_matches("ensign-");
                let name = name.strip_prefix("layer-").unwrap_or(name);
                format!("add `layer:{name}` to `includes`")
            }
        };
        findings.push(Finding::warning(source, place, message).hint(hint));
    }
    Ok(())
}

/// The crates that have to be linked, each with what it is, in words.
struct Wanted {
    interfaces: Vec<(String, String)>,
    /// Base first, the charm's own last.
    layers: Vec<(String, String)>,
}

impl Wanted {
    fn of(stack: &Stack, package: &Package) -> Self {
        let crates = |layers: &[Layer]| {
            let with = |layer: &Layer| {
                let krate = layer.krate.clone()?;
                Some((krate, format!(", the crate of `{}`", layer.url())))
            };
            layers.iter().filter_map(with).collect::<Vec<_>>()
        };
        let mut layers = crates(&stack.layers);
        layers.extend(package.lib.clone().map(|lib| (lib, String::new())));
        Self {
            interfaces: crates(&stack.interfaces),
            layers,
        }
    }

    fn all(&self) -> impl Iterator<Item = &(String, String)> {
        self.interfaces.iter().chain(&self.layers)
    }

    /// The call as it should be; crates that are no layers stay first.
    fn call(&self, names: &[String]) -> String {
        let others = names
            .iter()
            .filter(|name| !self.all().any(|(krate, _)| krate == *name));
        let all: Vec<&str> = others
            .chain(self.all().map(|(krate, _)| krate))
            .map(String::as_str)
            .collect();
        format!("ensign::main!({});", all.join(", "))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::layers::{Found, Kind};

    fn check(main: &str, lib: &str) -> (Vec<String>, Vec<Finding>) {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("main.rs");
        std::fs::write(&path, main).unwrap();
        let package = Package::for_test(&path, lib);
        let mut findings = Findings::default();
        let linked = linked(&package, &stack(), &mut findings).unwrap();
        (linked.crates, findings.sorted())
    }

    /// `layer:apt` and `interface:http` are crates, `layer:scripts` is none.
    fn stack() -> Stack {
        let layer = |name: &str, kind, krate: Option<&str>| Layer {
            name: name.into(),
            kind,
            found: Found::BuiltIn,
            dir: Default::default(),
            krate: krate.map(str::to_owned),
            config: Default::default(),
            raw: None,
            included: Place::START,
        };
        Stack {
            layers: vec![
                layer("apt", Kind::Layer, Some("layer_apt")),
                layer("scripts", Kind::Layer, None),
                layer("web", Kind::Layer, Some("layer_web")),
                layer("charm", Kind::Charm, None),
            ],
            interfaces: vec![layer("http", Kind::Interface, Some("interface_http"))],
        }
    }

    #[test]
    fn the_crates_keep_the_order_of_main() {
        let (names, found) = check(
            "// a charm\nensign::main!(interface_http, layer_apt, layer_web, my_charm,);\n",
            "my_charm",
        );
        let all = ["interface_http", "layer_apt", "layer_web", "my_charm"];
        assert_eq!(names, all);
        assert_eq!(found, []);
    }

    #[test]
    fn a_main_that_forgets_a_crate_is_an_error_with_its_line() {
        let good = "`ensign::main!(interface_http, layer_apt, layer_web, my_charm);`";
        for (main, krate) in [
            (
                "\nensign::main!(interface_http, layer_apt, layer_web);\n",
                "`my_charm`:",
            ),
            (
                "\nensign::main!(interface_http, layer_apt, my_charm);\n",
                "`layer_web`, the crate of `layer:web`",
            ),
            (
                "\nensign::main!(layer_apt, layer_web, my_charm);\n",
                "`interface_http`, the crate of `interface:http`",
            ),
        ] {
            let (_, found) = check(main, "my_charm");
            assert_eq!(found.len(), 1, "{found:?}");
            assert_eq!((found[0].line, found[0].column), (2, 1));
            assert!(found[0].message.contains(krate), "{}", found[0]);
            assert!(
                found[0].hint.as_deref().unwrap().contains(good),
                "{}",
                found[0]
            );
        }
    }

    #[test]
    fn the_order_of_the_layers_is_that_of_layer_yaml() {
        for main in [
            "ensign::main!(layer_web, layer_apt, interface_http, my_charm);",
            "ensign::main!(interface_http, layer_apt, my_charm, layer_web);",
        ] {
            let (_, found) = check(main, "my_charm");
            assert_eq!(found.len(), 1, "{found:?}");
            assert!(found[0].message.contains("another order"), "{}", found[0]);
        }
        // Nothing lies below an interface layer, wherever it stands.
        let main = "ensign::main!(layer_apt, layer_web, interface_http, my_charm);";
        assert_eq!(check(main, "my_charm").1, []);
    }

    #[test]
    fn a_call_in_a_comment_does_not_count() {
        let (names, found) = check("// ensign::main!(x);\nfn main() {}\n", "x");
        assert!(names.is_empty());
        assert_eq!(found.len(), 1);
    }
}
