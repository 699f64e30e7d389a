//! The `.charm` file: a zip archive whose bytes depend on the charm's files alone.

use std::fs::File;
use std::io::{BufWriter, Write};
use std::path::{Path, PathBuf};

use zip::write::SimpleFileOptions;
use zip::{CompressionMethod, DateTime, ZipWriter};

use crate::error::{Doing, Result};
use crate::owner;
use crate::tree::{Content, Tree, open};

/// How hard to compress; part of what decides the bytes.
const LEVEL: i64 = 6;

/// Writes `tree` to the file `place`, which is replaced.
pub(crate) fn pack(tree: &Tree, place: &Path) -> Result<()> {
    let doing = || format!("write `{}`", place.display());
    let mut new = place.as_os_str().to_owned();
    new.push(".new");
    let new = PathBuf::from(new);
    let mut zip = ZipWriter::new(BufWriter::new(File::create(&new).doing(doing)?));
    for (path, leaf) in tree.files() {
        let options = SimpleFileOptions::default()
            .last_modified_time(DateTime::DEFAULT)
            .unix_permissions(leaf.content.mode() & 0o777)
            .compression_method(CompressionMethod::Deflated)
            .compression_level(Some(LEVEL));
        match &leaf.content {
            Content::Link(target) => zip.add_symlink(path, target, options).doing(doing)?,
            Content::Text(text) | Content::Script(text) => {
                zip.start_file(path, options).doing(doing)?;
                zip.write_all(text.as_bytes()).doing(doing)?;
            }
            Content::Copy(from, _) => {
                zip.start_file(path, options).doing(doing)?;
                std::io::copy(&mut open(from)?, &mut zip).doing(doing)?;
            }
        }
    }
    let mut file = zip.finish().doing(doing)?;
    file.flush().doing(doing)?;
    owner::give(&new)?;
    std::fs::rename(&new, place).doing(doing)
}
