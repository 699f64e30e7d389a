//! `model.log`: the model's log, one line a record, as `juju debug-log` prints it.

use std::fs::{File, OpenOptions};
use std::io::Write;
use std::path::Path;

use ensign_model::LogRecord;

use crate::error::{Doing, Result};

/// The open file.
#[derive(Debug)]
pub(super) struct Logbook {
    file: File,
}

impl Logbook {
    pub(super) fn open(path: &Path) -> Result<Self> {
        let file = OpenOptions::new().create(true).append(true).open(path);
        Ok(Self {
            file: file.doing(|| format!("open `{}`", path.display()))?,
        })
    }

    pub(super) fn write(&mut self, record: &LogRecord, epoch: u64) {
        let seconds = (epoch + record.time.since_start().as_secs()) % 86_400;
        let (hour, minute, second) = (seconds / 3600, seconds / 60 % 60, seconds % 60);
        let who = record
            .unit
            .as_ref()
            .map_or_else(|| "controller-0".to_owned(), ensign_model::UnitName::tag);
        let LogRecord {
            level,
            logger,
            message,
            ..
        } = record;
        let line = format!("{who}: {hour:02}:{minute:02}:{second:02} {level} {logger} {message}\n");
        // In one piece; and a log that cannot be written must not stop the model.
        let _ = self.file.write_all(line.as_bytes());
    }
}
