//! A `.charm` unpacks to what was built, and an archive that is none does no harm.

use std::fs::{self, File};
use std::io::Write;
use std::path::{Path, PathBuf};

use ensign_build::{Error, name_of, unpack};
use zip::ZipWriter;
use zip::write::SimpleFileOptions;

use crate::charm::{Charm, files, mode};

#[test]
fn the_archive_unpacks_to_the_directory() {
    let charm = Charm::new();
    charm.executable("x.sh", "#!/bin/sh\n");
    let built = charm.build();
    let out = tempfile::tempdir().unwrap();
    let dir = out.path().join("charm");
    unpack(built.charm.as_deref().unwrap(), &dir).unwrap();
    assert_eq!(files(&dir), files(&built.dir));
    for path in files(&dir) {
        assert_eq!(
            mode(&dir.join(&path)),
            mode(&built.dir.join(&path)),
            "{path}"
        );
        assert_eq!(
            fs::read(dir.join(&path)).unwrap(),
            fs::read(built.dir.join(&path)).unwrap(),
            "{path}"
        );
    }
    assert_eq!(
        fs::read_link(dir.join("bin/charms.reactive")).unwrap(),
        Path::new("../dispatch")
    );
    assert_eq!(name_of(&dir).unwrap(), "tiny");
}

fn refused(entries: &[(&str, Option<&str>)]) -> String {
    let out = tempfile::tempdir().unwrap();
    let path: PathBuf = out.path().join("x.charm");
    let mut zip = ZipWriter::new(File::create(&path).unwrap());
    for (name, link) in entries {
        match link {
            Some(target) => zip
                .add_symlink(*name, *target, SimpleFileOptions::default())
                .unwrap(),
            None => {
                zip.start_file(*name, SimpleFileOptions::default()).unwrap();
                zip.write_all(b"x").unwrap();
            }
        }
    }
    zip.finish().unwrap();
    let inside = out.path().join("in/side");
    let error = unpack(&path, &inside).unwrap_err();
    assert!(matches!(error, Error::Archive { .. }), "{error}");
    let around: Vec<_> = files(out.path())
        .into_iter()
        .filter(|f| !f.starts_with("in/side"))
        .collect();
    assert_eq!(around, ["x.charm"]);
    error.to_string()
}

#[test]
fn entries_that_lead_out_are_refused() {
    assert!(refused(&[("metadata.yaml", None), ("../evil", None)]).contains("leads out"));
    assert!(refused(&[("metadata.yaml", None), ("link", Some("/etc"))]).contains("absolute"));
    assert!(refused(&[("metadata.yaml", None), ("link", Some("../.."))]).contains("leads out"));
    assert!(refused(&[("dir", Some("other")), ("dir/file", None)]).contains("behind a link"));
}

#[test]
fn an_archive_without_metadata_is_no_charm() {
    assert!(refused(&[("dispatch", None)]).contains("metadata.yaml"));
}

#[test]
fn a_file_that_is_no_archive_is_no_charm() {
    let out = tempfile::tempdir().unwrap();
    let path = out.path().join("x.charm");
    fs::write(&path, "hello").unwrap();
    assert!(matches!(
        unpack(&path, &out.path().join("y")),
        Err(Error::Archive { .. })
    ));
}
