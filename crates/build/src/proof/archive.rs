//! A `.charm` file, before anything of it is unpacked.

use std::fs::File;
use std::io::BufReader;
use std::path::Path;

use zip::ZipArchive;

use crate::error::{Doing, Error, Result};
use crate::finding::{Finding, Level};

/// Less than this, unpacked, harms nobody. In bytes.
const HARMLESS: u64 = 64 << 20;
/// A charm's files shrink to a tenth at the best; an archive that grows by more is made to fill disks.
const GROWTH: u64 = 200;

/// Refuses an archive that is none, and one that says of itself that it grows beyond all measure. What it says is held
/// against what it does while it is unpacked.
///
/// # Errors
/// Why it is refused, or why it cannot be read.
pub(super) fn look(path: &Path) -> Result<()> {
    let doing = || format!("read `{}`", path.display());
    let bad = |why: String| Error::Archive {
        path: path.to_owned(),
        why,
    };
    let file = File::open(path).doing(doing)?;
    let packed = file.metadata().doing(doing)?.len();
    let mut zip = ZipArchive::new(BufReader::new(file)).map_err(|error| bad(error.to_string()))?;
    let mut unpacked = 0_u64;
    for index in 0..zip.len() {
        let entry = zip
            .by_index_raw(index)
            .map_err(|error| bad(error.to_string()))?;
        unpacked = unpacked.saturating_add(entry.size());
    }
    if unpacked > HARMLESS && unpacked / GROWTH > packed {
        return Err(bad(format!(
            "its {packed} bytes unpack to {unpacked}, which no charm does"
        )));
    }
    Ok(())
}

/// The finding for an archive that is no charm.
pub(super) fn refused(path: &Path, why: &str) -> Finding {
    let message = format!("this is not a charm: {why}");
    Finding::about(Level::Error, path, message)
        .numbered(201)
        .hint("make it with `ensign build`")
}
