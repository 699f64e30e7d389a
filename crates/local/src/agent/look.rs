//! What the controller may see of a unit.

use std::fs::File;
use std::hash::Hasher;
use std::io::{self, Read};
use std::path::Path;

use serde::Deserialize;
use siphasher::sip128::{Hasher128, SipHasher24};

use super::layout::Layout;
use super::protocol::{Query, Sight};
use crate::charm::STATE;

/// Looks.
pub(super) fn look(query: &Query, layout: &Layout) -> Sight {
    let seen = match query {
        Query::File { path, key } => digest(Path::new(path), key).map(Sight::File),
        Query::Flags => flags(&layout.charm.join(STATE)).map(Sight::Flags),
    };
    seen.unwrap_or_else(|error| Sight::Failed(error.to_string()))
}

fn digest(path: &Path, key: &[u8; 16]) -> io::Result<Option<String>> {
    let mut file = match File::open(path) {
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(None),
        other => other?,
    };
    let mut hasher = SipHasher24::new_with_key(key);
    let mut buffer = vec![0; 1 << 16];
    loop {
        match file.read(&mut buffer)? {
            0 => return Ok(Some(format!("{:032x}", hasher.finish128().as_u128()))),
            count => hasher.write(&buffer[..count]),
        }
    }
}

/// The flags of the newest state document; none where the charm keeps no state.
fn flags(folder: &Path) -> io::Result<Vec<String>> {
    #[derive(Deserialize)]
    struct Document {
        #[serde(default)]
        flags: Vec<String>,
    }
    for name in ["state.next", "state.json"] {
        match std::fs::read(folder.join(name)) {
            Ok(text) => return Ok(serde_json::from_slice::<Document>(&text)?.flags),
            Err(error) if error.kind() == io::ErrorKind::NotFound => {}
            Err(error) => return Err(error),
        }
    }
    Ok(Vec::new())
}
