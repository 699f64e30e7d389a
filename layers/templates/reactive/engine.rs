//! The templates' language: Jinja's, over the charm's `templates/`.

use std::collections::BTreeMap;
use std::path::{Component, Path};
use std::sync::{Arc, Mutex, PoisonError};

use ensign::prelude::*;
use minijinja::syntax::SyntaxConfig;
use minijinja::{AutoEscape, Environment, UndefinedBehavior, Value as Jinja};

/// Templates by name, and the name of one that was looked for and is not among them.
#[derive(Debug, Default)]
struct Shelf {
    texts: BTreeMap<String, String>,
    wanted: Option<String>,
}

/// Renders `template` with what `values` makes.
///
/// # Errors
/// When it is no template of the charm, or does not work: with its name and the line.
pub(crate) fn render(ctx: &Context, template: &str, values: &Jinja) -> Result<String> {
    let shelf = Arc::new(Mutex::new(Shelf::default()));
    let text = read(ctx, template)?.ok_or_else(|| missing(template, None))?;
    lock(&shelf).texts.insert(template.to_owned(), text);
    // The engine asks for templates that others include while it runs, and files are read through the context: so it
    // runs until it has all of them.
    loop {
        let environment = environment(ctx, &shelf)?;
        let rendered = environment
            .get_template(template)
            .and_then(|found| found.render(values));
        let wanted = lock(&shelf).wanted.take();
        match (rendered, wanted) {
            (Ok(text), _) => return Ok(text),
            (Err(error), None) => return Err(told(&error)),
            (Err(error), Some(name)) => {
                let text = read(ctx, &name)?.ok_or_else(|| missing(&name, Some(&error)))?;
                lock(&shelf).texts.insert(name, text);
            }
        }
    }
}

/// Plain Jinja, as charms have always used it: no escaping, since these are no web pages.
fn environment(ctx: &Context, shelf: &Arc<Mutex<Shelf>>) -> Result<Environment<'static>> {
    let option = |name| {
        let option = ctx.metadata().option("templates", name);
        option.and_then(serde_json::Value::as_bool) == Some(true)
    };
    let mut environment = Environment::new();
    environment.set_undefined_behavior(UndefinedBehavior::Strict);
    environment.set_auto_escape_callback(|_| AutoEscape::None);
    let syntax = SyntaxConfig::builder()
        .trim_blocks(option("trim_blocks"))
        .lstrip_blocks(option("lstrip_blocks"))
        .keep_trailing_newline(option("keep_trailing_newline"))
        .build()
        .map_err(|error| told(&error))?;
    environment.set_syntax(syntax);
    // Templates call methods of Python's texts, lists and dicts.
    environment.set_unknown_method_callback(minijinja_contrib::pycompat::unknown_method_callback);
    let shelf = Arc::clone(shelf);
    environment.set_loader(move |name| {
        let mut shelf = lock(&shelf);
        let text = shelf.texts.get(name).cloned();
        if text.is_none() {
            shelf.wanted = Some(name.to_owned());
        }
        Ok(text)
    });
    Ok(environment)
}

/// Nobody panics with it held; were it so, what it holds would be as good as before.
fn lock(shelf: &Mutex<Shelf>) -> std::sync::MutexGuard<'_, Shelf> {
    shelf.lock().unwrap_or_else(PoisonError::into_inner)
}

/// The text of a template, if it is there.
fn read(ctx: &Context, name: &str) -> Result<Option<String>> {
    let is_inside = Path::new(name)
        .components()
        .all(|c| matches!(c, Component::Normal(_)));
    if name.is_empty() || !is_inside {
        let error = Error::new(ErrorKind::Invalid, format!("`{name}` is no template"));
        return Err(error.hint("name a file in the charm's `templates` folder"));
    }
    let path = ctx.env().charm_dir.join("templates").join(name);
    let Some(bytes) = ctx.read_file(path)? else {
        return Ok(None);
    };
    let text = String::from_utf8(bytes);
    text.map(Some).map_err(|_not_text| {
        Error::new(
            ErrorKind::Invalid,
            format!("the template `{name}` is not UTF-8"),
        )
    })
}

fn missing(name: &str, by: Option<&minijinja::Error>) -> Error {
    let place = by.map_or_else(String::new, |error| {
        format!(", which {} names", place(error))
    });
    let error = format!("there is no template `{name}`{place}");
    Error::new(ErrorKind::Invalid, error)
        .hint("templates are files in the charm's `templates` folder")
}

/// Without any value: they may be secret.
fn told(error: &minijinja::Error) -> Error {
    let what = match error.detail() {
        Some(detail) => format!("{}: {detail}", error.kind()),
        None => error.kind().to_string(),
    };
    let told = Error::new(ErrorKind::Invalid, format!("{}: {what}", place(error)));
    if error.kind() == minijinja::ErrorKind::UndefinedError {
        return told.hint("give it a value, or write `{{ name | default('…') }}`");
    }
    told
}

fn place(error: &minijinja::Error) -> String {
    let name = error.name().unwrap_or("a template");
    match error.line() {
        Some(line) => format!("`{name}`, line {line}"),
        None => format!("`{name}`"),
    }
}
