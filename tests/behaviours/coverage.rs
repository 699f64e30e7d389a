//! Every line of the semantics, and what became of it. Each that is kept has a test named after it: `fn b24_…`,
//! or a UI case `d22_….rs` of the macros, anywhere in the repository.

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};

use Fate::{Later, NotPorted, Replaced, Tested};

/// What became of a line.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Fate {
    /// It holds, or what the design says in its place, and a test is named after it.
    Tested,
    /// Another line says what happens instead; that one is tested.
    Replaced(u16),
    /// What it is about does not exist yet.
    Later(&'static str),
    /// Not taken over, and why.
    NotPorted(&'static str),
}

/// Lines B, from and to.
const B: &[(u16, u16, Fate)] = &[
    (1, 5, Tested),
    (6, 6, Replaced(34)),
    (7, 13, Tested),
    (14, 14, Replaced(3)),
    (15, 15, Replaced(1)),
    (16, 19, Tested),
    (20, 20, Replaced(2)),
    (21, 27, Tested),
    (28, 28, Replaced(24)),
    (29, 31, Tested),
    (
        32,
        32,
        NotPorted("endpoints are reached through the context"),
    ),
    (33, 35, Tested),
    (
        36,
        36,
        NotPorted("a handler asks for the hook and its relation"),
    ),
    (37, 37, Replaced(4)),
    (38, 65, Tested),
    (66, 66, Replaced(7)),
    (67, 67, Tested),
    (68, 90, Tested),
    (
        91,
        93,
        NotPorted("conversations; such flags are read as plain flags"),
    ),
    (94, 96, Tested),
    (97, 97, Replaced(6)),
    (98, 106, Tested),
    (
        107,
        107,
        NotPorted("a journal will take the place of the revisions"),
    ),
    (108, 108, Later("differences between mappings")),
    (
        109,
        109,
        Later("the state of a charm that was written in Python"),
    ),
    (110, 111, Tested),
    (112, 115, Later("layers of several crates")),
];

/// Lines D, from and to.
const D: &[(u16, u16, Fate)] = &[(1, 37, Tested)];

/// A line: `('b', 24)`.
type Line = (char, u16);

/// The table as one entry a line.
fn table() -> BTreeMap<Line, Fate> {
    let mut all = BTreeMap::new();
    for (letter, ranges, last) in [('b', B, 115), ('d', D, 37)] {
        let mut next = 1;
        for (from, to, fate) in ranges {
            assert_eq!(*from, next, "the table skips or repeats a line");
            all.extend((*from..=*to).map(|n| ((letter, n), *fate)));
            next = to + 1;
        }
        assert_eq!(next, last + 1, "the table ends early or late");
    }
    all
}

/// The line that a function or a file is named after; `Err` if the number is not padded to two digits.
fn named_after(name: &str) -> Option<Result<Line, String>> {
    let letter = name.chars().next().filter(|c| matches!(c, 'b' | 'd'))?;
    let (digits, _) = name[1..].split_once('_')?;
    let number: u16 = digits.parse().ok()?;
    if digits == format!("{number:02}") {
        Some(Ok((letter, number)))
    } else {
        Some(Err(format!("`{name}`: write `{letter}{number:02}_…`")))
    }
}

fn rust_files(folder: &Path, found: &mut Vec<PathBuf>) {
    let Ok(entries) = std::fs::read_dir(folder) else {
        return;
    };
    for entry in entries {
        let path = entry.unwrap().path();
        if path.is_dir() {
            rust_files(&path, found);
        } else if path.extension().is_some_and(|e| e == "rs") {
            found.push(path);
        }
    }
}

/// Every line that something is named after, and where.
fn tests() -> BTreeMap<Line, BTreeSet<String>> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let mut files = Vec::new();
    for folder in ["tests", "src", "reactive"] {
        rust_files(&root.join(folder), &mut files);
    }
    for member in std::fs::read_dir(root.join("crates")).unwrap() {
        let member = member.unwrap().path();
        for folder in ["src", "tests"] {
            rust_files(&member.join(folder), &mut files);
        }
    }
    let mut found: BTreeMap<Line, BTreeSet<String>> = BTreeMap::new();
    for path in files {
        let text = std::fs::read_to_string(&path).unwrap();
        let functions = text
            .lines()
            .filter_map(|l| l.trim_start().strip_prefix("fn "));
        let case = path.file_stem().unwrap().to_str().unwrap();
        let is_case = path.components().any(|c| c.as_os_str() == "ui");
        for name in functions.chain(is_case.then_some(case)) {
            if let Some(line) = named_after(name) {
                let place = path.strip_prefix(root).unwrap().display().to_string();
                found.entry(line.unwrap()).or_default().insert(place);
            }
        }
    }
    found
}

#[test]
fn every_line_has_its_test_and_every_test_its_line() {
    let (table, tests) = (table(), tests());
    let show = |(letter, number): &Line| format!("{}{number}", letter.to_ascii_uppercase());
    let mut wrong = Vec::new();
    for (line, fate) in &table {
        match (fate, tests.get(line)) {
            (Tested, None) => wrong.push(format!(
                "{} has no test: name one `fn {}{:02}_…`",
                show(line),
                line.0,
                line.1
            )),
            (Replaced(_) | Later(_) | NotPorted(_), Some(places)) => wrong.push(format!(
                "{} has a test in {places:?}, and the table says {fate:?}",
                show(line)
            )),
            (Replaced(by), None) if table[&('d', *by)] != Tested => {
                wrong.push(format!(
                    "{} is replaced by D{by}, which is not tested",
                    show(line)
                ));
            }
            _ => {}
        }
    }
    for (line, places) in &tests {
        if !table.contains_key(line) {
            wrong.push(format!(
                "{} in {places:?} is no line of the semantics",
                show(line)
            ));
        }
    }
    assert!(wrong.is_empty(), "\n{}\n", wrong.join("\n"));
}

#[test]
fn every_difference_is_told_to_who_knows_charms_reactive() {
    let page = concat!(env!("CARGO_MANIFEST_DIR"), "/docs/charms-reactive.md");
    let text = std::fs::read_to_string(page).unwrap();
    let rows = text.lines().filter_map(|line| line.strip_prefix("| D"));
    let told: BTreeSet<u16> = rows
        .flat_map(|row| row.split(" | ").next().unwrap().split(", D"))
        .map(|number| number.parse().unwrap())
        .collect();
    let tested = table().into_iter().filter(|(_, fate)| *fate == Tested);
    let lines: BTreeSet<u16> = tested
        .filter_map(|((letter, number), _)| (letter == 'd').then_some(number))
        .collect();
    assert_eq!(told, lines);
}

#[test]
fn names_are_read_as_lines() {
    assert_eq!(named_after("b05_x"), Some(Ok(('b', 5))));
    assert_eq!(named_after("d110_x()"), Some(Ok(('d', 110))));
    for padded in ["b5_x", "d007_x"] {
        assert!(matches!(named_after(padded), Some(Err(_))), "{padded}");
    }
    for other in ["b_x", "bus_5", "build", "d5", "d5x_y", ""] {
        assert_eq!(named_after(other), None, "{other}");
    }
}
