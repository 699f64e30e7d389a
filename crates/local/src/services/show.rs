//! What `systemctl show` and `status` print.

use super::enabled;
use super::service::{Service, State};

/// The properties that are asked for, or all there are.
pub(super) fn properties(service: &Service, wanted: &[String], value: bool) -> String {
    let state = service.state();
    let load = match (service.is_masked(), service.exists()) {
        (true, _) => "masked",
        (_, true) => "loaded",
        (_, false) => "not-found",
    };
    let fragment = service
        .file()
        .map_or_else(String::new, |(path, _)| path.display().to_string());
    let kind = service
        .file()
        .filter(|_| service.script().is_none())
        .and_then(|(_, file)| file.setting("Type"));
    let file_state = match service.exists() {
        true => enabled::state(service).word(),
        false => "",
    };
    let result = if state.is_failed() {
        "exit-code"
    } else {
        "success"
    };
    let all = [
        ("Id", service.name().to_owned()),
        ("Names", service.name().to_owned()),
        ("Description", service.description().to_owned()),
        ("LoadState", load.to_owned()),
        ("ActiveState", state.word().to_owned()),
        ("SubState", state.detail().to_owned()),
        ("Result", result.to_owned()),
        ("MainPID", service.process().unwrap_or(0).to_string()),
        ("Type", kind.unwrap_or("simple").to_owned()),
        ("FragmentPath", fragment),
        ("UnitFileState", file_state.to_owned()),
    ];
    let named = |name: &str| wanted.is_empty() || wanted.iter().any(|one| one == name);
    all.iter()
        .filter(|(name, _)| named(name))
        .map(|(name, text)| match value {
            true => format!("{text}\n"),
            false => format!("{name}={text}\n"),
        })
        .collect()
}

/// For people.
pub(super) fn status(service: &Service) -> String {
    let state = service.state();
    let mark = match state {
        State::Running | State::Exited => '●',
        State::Dead => '○',
        State::Failed => '×',
    };
    let origin = service
        .script()
        .map(|path| path.display().to_string())
        .or_else(|| service.file().map(|(path, _)| path.display().to_string()))
        .unwrap_or_default();
    let mut text = format!("{mark} {} - {}\n", service.name(), service.description());
    text += &format!(
        "     Loaded: loaded ({origin}; {})\n",
        enabled::state(service).word()
    );
    text += &format!("     Active: {} ({})\n", state.word(), state.detail());
    if let Some(pid) = service.process().filter(|_| state.is_active()) {
        text += &format!("   Main PID: {pid}\n");
    }
    if state.is_failed() {
        text += "             Its process has ended; nothing here starts it again\n";
    }
    text
}
