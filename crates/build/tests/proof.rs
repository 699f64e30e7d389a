//! Whatever lies in a folder or an archive, `proof` gives a list and never panics, and nothing is written elsewhere.

use std::fs::{self, File};
use std::io::Write;
use std::path::Path;

use ensign_build::Finding;
use ensign_build::proof::{proof, proof_archive};
use proptest::prelude::*;
use zip::write::SimpleFileOptions;
use zip::{CompressionMethod, ZipWriter};

use crate::charm::{Charm, files};

/// A charm with something of everything, built.
fn built() -> (Charm, std::path::PathBuf, Vec<u8>) {
    let charm = Charm::new();
    let lines: Vec<String> = [
        r#"{"schema":1,"kind":"handler","id":"t::a","crate":"t","file":"src/main.rs","line":1,"clauses":[{"kind":"when","args":["x"]}],"sets":["y"],"clears":[],"before":[],"after":[],"was":[]}"#,
        r#"{"schema":1,"kind":"trigger","when":"y","set":["x"],"clear":[],"file":"src/main.rs","line":2}"#,
    ]
    .map(str::to_owned)
    .into();
    let statics: String = lines
        .iter()
        .enumerate()
        .map(|(i, line)| {
            format!(
                "#[used]\n#[link_section = \".ensign\"]\nstatic L{i}: [u8; {}] = *br##\"{line}\n\"##;\n",
                line.len() + 1
            )
        })
        .collect();
    charm.write("src/main.rs", &format!("{statics}fn main() {{}}\n"));
    charm.write(
        "config.yaml",
        "options:\n  port: {type: int, default: 80}\n",
    );
    charm.write("actions.yaml", "dump: {params: {to: {type: string}}}\n");
    charm.write("lxd-profile.yaml", "config: {security.nesting: 'true'}\n");
    charm.executable(
        "reactive/x.sh",
        "#!/bin/bash\nsource charms.reactive.sh\n@when 'a'\nfunction f() {\n  set_flag b\n}\nreactive_handler_main\n",
    );
    let built = charm.build();
    let archive = fs::read(built.charm.unwrap()).unwrap();
    (charm, built.dir, archive)
}

/// What `proof` says of an archive of these bytes.
fn of_bytes(bytes: &[u8]) -> Vec<Finding> {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("x.charm");
    fs::write(&path, bytes).unwrap();
    let found = proof_archive(&path, None).unwrap();
    assert_eq!(
        files(folder.path()),
        ["x.charm"],
        "nothing else was written here"
    );
    found
}

/// A random number below `below`, by a generator of our own.
struct Dice(u64);

impl Dice {
    fn roll(&mut self, below: usize) -> usize {
        self.0 = self
            .0
            .wrapping_mul(6_364_136_223_846_793_005)
            .wrapping_add(1_442_695_040_888_963_407);
        usize::try_from(self.0 >> 33).unwrap() % below.max(1)
    }
}

#[test]
fn a_damaged_charm_makes_findings_whatever_is_damaged() {
    let (_source, dir, archive) = built();
    assert!(
        !of_bytes(&archive).iter().any(|found| found.number == 201),
        "it is whole at first"
    );
    let mut dice = Dice(7);
    let names = files(&dir);
    let (mut told, mut refused) = (0, 0);
    for round in 0..400 {
        let name = &names[dice.roll(names.len())];
        let path = dir.join(name);
        if path.is_symlink() {
            continue;
        }
        let whole = fs::read(&path).unwrap();
        let mut bytes = whole.clone();
        // The section is a small part of the program: aim at it.
        let section = bytes
            .windows(9)
            .position(|part| part == b"{\"schema\"")
            .filter(|_| round % 2 == 0);
        for _ in 0..=dice.roll(8) {
            let at = match section {
                Some(start) => start + dice.roll(240),
                None => dice.roll(bytes.len()),
            };
            match dice.roll(3) {
                0 if at < bytes.len() => bytes[at] = u8::try_from(dice.roll(256)).unwrap(),
                1 => bytes.truncate(at.max(4)),
                _ if at < bytes.len() && bytes.len() < 1 << 16 => {
                    bytes.insert(at, b":{}[]\n\t@-\0"[dice.roll(10)])
                }
                _ => {}
            }
        }
        fs::write(&path, &bytes).unwrap();
        match proof(&dir, None) {
            Ok(found) => told += usize::from(!found.is_empty()),
            Err(error) => refused += usize::from(!error.to_string().is_empty()),
        }
        fs::write(&path, &whole).unwrap();
    }
    assert!(
        told > 100,
        "the damage does no harm: {told} with findings, {refused} refused"
    );
}

#[test]
fn a_damaged_archive_makes_a_finding() {
    let (_source, _, archive) = built();
    let mut dice = Dice(11);
    let mut refused = 0;
    for _ in 0..60 {
        let mut bytes = archive.clone();
        for _ in 0..=dice.roll(6) {
            // Names and sizes stand at the end.
            let at = match dice.roll(2) {
                0 => bytes.len().saturating_sub(1 + dice.roll(900)),
                _ => dice.roll(bytes.len()),
            };
            bytes[at] = u8::try_from(dice.roll(256)).unwrap();
        }
        refused += usize::from(of_bytes(&bytes).iter().any(|found| found.number == 201));
    }
    assert!(refused > 10, "{refused}");
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    #[test]
    fn bytes_that_are_no_archive_make_one_finding(bytes in prop::collection::vec(any::<u8>(), 0..400)) {
        let found = of_bytes(&bytes);
        prop_assert_eq!(found.len(), 1);
        prop_assert_eq!(found[0].code(), Some("E201".to_owned()));
    }

    #[test]
    fn entries_of_any_name_stay_where_they_belong(
        names in prop::collection::vec("(/|\\.\\./|\\./|a/|b/|\\\\|c:|[a-zé.]{1,3}){1,4}", 1..6),
        target in "(/|\\.\\./|a/|b){1,3}",
    ) {
        let mut bytes = std::io::Cursor::new(Vec::new());
        let mut zip = ZipWriter::new(&mut bytes);
        let plain = SimpleFileOptions::default();
        zip.start_file("metadata.yaml", plain).unwrap();
        zip.write_all(b"name: x\nsummary: s\ndescription: d\n").unwrap();
        for (place, name) in names.iter().enumerate() {
            let added = match place % 2 {
                0 => zip.start_file(name.as_str(), plain),
                _ => zip.add_symlink(name.as_str(), target.as_str(), plain),
            };
            // The writer refuses a name that stands there already.
            let _either = added;
        }
        zip.finish().unwrap();
        prop_assert!(!of_bytes(&bytes.into_inner()).is_empty());
    }
}

fn archive(path: &Path, entries: &[(&str, &[u8])]) {
    let mut zip = ZipWriter::new(File::create(path).unwrap());
    let packed = SimpleFileOptions::default().compression_method(CompressionMethod::Deflated);
    for (name, bytes) in entries {
        zip.start_file(*name, packed).unwrap();
        zip.write_all(bytes).unwrap();
    }
    zip.finish().unwrap();
}

#[test]
fn an_archive_made_to_fill_the_disk_is_not_unpacked() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("x.charm");
    let zeros = vec![0; 80 << 20];
    archive(&path, &[("metadata.yaml", b"name: x\n"), ("zeros", &zeros)]);
    let found = proof_archive(&path, None).unwrap();
    assert_eq!(found[0].code().as_deref(), Some("E201"));
    assert!(
        found[0].message.contains("which no charm does"),
        "{}",
        found[0].message
    );

    // One that does not say how large it is: the size in both headers is made small.
    let mut bytes = fs::read(&path).unwrap();
    let size = u32::try_from(zeros.len()).unwrap().to_le_bytes();
    let places: Vec<usize> = (0..bytes.len() - 4)
        .filter(|at| bytes[*at..at + 4] == size)
        .collect();
    assert!(!places.is_empty());
    for at in places {
        bytes[at..at + 4].copy_from_slice(&9_u32.to_le_bytes());
    }
    fs::write(&path, &bytes).unwrap();
    let found = proof_archive(&path, None).unwrap();
    assert_eq!(found[0].code().as_deref(), Some("E201"));
    assert!(found[0].message.contains("`zeros`"), "{}", found[0].message);
}

#[test]
fn what_is_said_of_an_archive_names_the_archive_and_no_folder_of_ours() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("x.charm");
    let metadata = b"name: x\nsummary: s\ndescription: d\n";
    archive(
        &path,
        &[
            ("metadata.yaml", metadata),
            ("dispatch", b"#!/bin/sh\n"),
            (".unit-state.db", b"x"),
        ],
    );
    let found = proof_archive(&path, None).unwrap();
    let codes: Vec<_> = found.iter().filter_map(Finding::code).collect();
    assert_eq!(codes, ["E202", "E204"]);
    for finding in found {
        assert!(finding.file.starts_with(&path), "{finding}");
        let hint = finding.hint.unwrap();
        assert!(hint.contains(path.to_str().unwrap()), "{hint}");
    }
}

#[test]
fn names_that_no_disk_takes_are_told_of_the_archive() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("x.charm");
    let long = "n".repeat(300);
    for name in [
        long.clone(),
        format!("{long}/x"),
        format!("metadata.yaml/{long}"),
    ] {
        archive(&path, &[("metadata.yaml", b"name: x\n"), (&name, b"x")]);
        let found = proof_archive(&path, None).unwrap();
        assert_eq!(found[0].code().as_deref(), Some("E201"), "{name}");
    }
}

#[test]
fn a_folder_of_links_and_odd_names_is_looked_at() {
    use std::os::unix::ffi::OsStrExt;
    let folder = tempfile::tempdir().unwrap();
    let dir = folder.path();
    fs::write(
        dir.join("metadata.yaml"),
        "name: x\nsummary: s\ndescription: d\n",
    )
    .unwrap();
    fs::create_dir_all(dir.join("reactive/deep")).unwrap();
    for (name, target) in [
        ("reactive/loop", ".."),
        ("reactive/out", "/etc"),
        ("reactive/self", "self"),
        ("actions", "/"),
    ] {
        std::os::unix::fs::symlink(target, dir.join(name)).unwrap();
    }
    fs::write(
        dir.join(std::ffi::OsStr::from_bytes(b"reactive/deep/\xff\xfe")),
        "#!/bin/bash\n",
    )
    .unwrap();
    fs::create_dir(dir.join("dispatch")).unwrap();
    let found = proof(dir, None).unwrap();
    let links: Vec<_> = found
        .iter()
        .filter(|f| f.number == 206)
        .map(|f| f.file.clone())
        .collect();
    assert_eq!(links.len(), 2, "{links:?}");
}

#[test]
fn a_file_that_is_no_text_is_said_and_nothing_breaks() {
    let folder = tempfile::tempdir().unwrap();
    fs::write(folder.path().join("metadata.yaml"), b"name: \xff\xfe\n").unwrap();
    let error = proof(folder.path(), None).unwrap_err();
    assert!(error.to_string().contains("metadata.yaml"), "{error}");
}

#[test]
fn every_code_stands_in_the_documentation() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let page = fs::read_to_string(root.join("../../docs/proof.md")).unwrap();
    let mut known: Vec<u32> = page
        .lines()
        .filter_map(|line| line.strip_prefix("| ")?.split(' ').next()?.parse().ok())
        .collect();
    let mut used = Vec::new();
    let folder = root.join("src/proof");
    for name in files(&folder).iter().filter(|name| name.ends_with(".rs")) {
        let text = fs::read_to_string(folder.join(name)).unwrap();
        let text = text.split("#[cfg(test)]\nmod tests").next().unwrap();
        for (at, _) in text.match_indices(|c: char| c.is_ascii_digit()) {
            let number = text
                .get(at..at + 3)
                .and_then(|word| word.parse::<u32>().ok());
            let alone = |c: Option<char>| !c.is_some_and(|c| c.is_ascii_alphanumeric() || c == '.');
            let around = (
                text[..at].chars().next_back(),
                text[(at + 3).min(text.len())..].chars().next(),
            );
            // Three digits that stand alone are a code, or a limit of another kind.
            if let Some(number) = number.filter(|n| (100..600).contains(n))
                && alone(around.0)
                && alone(around.1)
                && ![200, 256].contains(&number)
            {
                used.push(number);
            }
        }
    }
    used.sort_unstable();
    used.dedup();
    known.sort_unstable();
    assert_eq!(known, used, "docs/proof.md and the checks");
}
