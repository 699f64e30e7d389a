//! `render_template` in scripts: it needs the layer that has the templates' engine.

use super::charm::Charm;
use crate::finding::{Finding, Findings, Level};

/// That layer.
const LAYER: &str = "layer:templates";

/// Looks for the word in scripts.
pub(super) fn check(charm: &Charm, findings: &mut Findings) {
    let linked = |handler: &super::handler::Handler| handler.krate.ends_with("templates");
    if charm.layers.iter().any(|layer| layer == LAYER) || charm.handlers.iter().any(linked) {
        return;
    }
    for (inside, text) in &charm.scripts.texts {
        let called = text.lines().enumerate().find(|(_, line)| {
            let code = line.split('#').next().unwrap_or_default();
            code.split(|c: char| !(c.is_alphanumeric() || c == '_'))
                .any(|word| word == "render_template")
        });
        if let Some((index, line)) = called {
            let message =
                "`render_template` needs the layer `templates`, which the charm does not have";
            let mut finding = Finding::about(Level::Error, charm.shown(inside), message);
            finding.line = index + 1;
            finding.snippet = line.to_owned();
            let hint = "include it in layer.yaml: `includes: ['layer:templates']`";
            findings.push(finding.numbered(505).hint(hint));
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::proof::sample::Sample;

    #[test]
    fn templates_in_bash_need_their_layer() {
        let sample =
            |body: &str| Sample::new().file("reactive/x.sh", &format!("#!/bin/bash\n{body}\n"));
        let found = sample("echo\nrender_template a b").found(check);
        assert_eq!(
            (found[0].code().as_deref(), found[0].line),
            (Some("E505"), 3)
        );
        let built = r#"{"layers": [{"url": "layer:templates"}]}"#;
        let built = sample("render_template a b").file(".build.manifest", built);
        assert_eq!(built.codes(check), [""; 0]);
        assert_eq!(
            sample("# render_template\nmy_render_template_x a").codes(check),
            [""; 0]
        );
    }
}
