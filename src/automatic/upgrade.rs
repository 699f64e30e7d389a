//! `upgrade.charm` and `upgrade.series.in-progress` (B49).

use crate::context::{Context, Provider, ProviderEntry, Updates};
use crate::error::Result;
use crate::hook::HookKind;

pub(super) const ENTRY: ProviderEntry = ProviderEntry {
    prefix: "upgrade.",
    source: None,
    derived: false,
    new: || Box::new(UpgradeFlags),
};

/// `upgrade.charm` is set in the first hook that runs another build of the charm than the last one that
/// committed, and cleared in the hook after it. It compares build ids because a forced upgrade of a unit in
/// error runs no `upgrade-charm` hook. A new unit is not an upgrade.
#[derive(Debug)]
struct UpgradeFlags;

impl Provider for UpgradeFlags {
    fn refresh(&mut self, ctx: &mut Context) -> Result<Updates> {
        let mut updates = Updates::default();
        updates.flag("upgrade.charm", ctx.is_upgraded());
        match ctx.hook().kind() {
            HookKind::PreSeriesUpgrade => updates.flag("upgrade.series.in-progress", true),
            HookKind::PostSeriesUpgrade => updates.flag("upgrade.series.in-progress", false),
            _ => {}
        }
        Ok(updates)
    }
}
