//! Models that killed commands left behind.

use super::connection::LocalModel;
use crate::error::{Error, Result};
use crate::home::Home;

impl LocalModel {
    /// Removes the model `name`, running or not.
    ///
    /// # Errors
    /// [`Error::NoModel`] when there is none, or when a file cannot be removed.
    pub fn destroy_left_behind(home: &Home, name: &str) -> Result<()> {
        match Self::connect(home, name) {
            Ok(model) => model.destroy(),
            Err(Error::NotRunning(_)) => {
                let _turn = home.take_turn()?;
                let folder = home.model(name)?;
                let _lock = folder.lock()?;
                let settings = folder.settings()?;
                folder.remove(settings.ids, settings.in_memory)
            }
            // So little of it is there that nothing can have run in it.
            Err(Error::NoModel(_)) if home.model(name)?.path().exists() => {
                let _turn = home.take_turn()?;
                let folder = home.model(name)?;
                let _lock = folder.lock()?;
                folder.remove(crate::machine::Ids::of_this_user(), false)
            }
            Err(error) => Err(error),
        }
    }
}
