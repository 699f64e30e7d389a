//! What an explorer sees of the model.

use std::rc::Rc;

use ensign_model::{Life, UnitName};

use super::frame::Frame;
use super::stage::Stage;

/// The model at a moment, as far as choices depend on it.
#[derive(Debug, Default)]
pub(super) struct View {
    /// Units whose agent runs and is connected.
    pub(super) live: Vec<UnitName>,
    /// Those of them that do not run anything now.
    pub(super) idle: Vec<UnitName>,
    /// Units of other applications that do not run anything now.
    pub(super) others: Vec<UnitName>,
    pub(super) cut: Vec<UnitName>,
    pub(super) leader: Option<UnitName>,
    /// The unit that runs now, innermost.
    pub(super) running: Option<UnitName>,
    /// It began as leader and is none now, and may become it again.
    pub(super) may_return: bool,
    /// There are agents whose Juju has leader settings.
    pub(super) settings: bool,
    /// The controller's has.
    pub(super) controller_settings: bool,
    /// Of how many parts a flush consists.
    pub(super) parts: usize,
    /// Units of which a flush is under way.
    pub(super) late: Vec<UnitName>,
}

impl Stage {
    pub(super) fn view(self: &Rc<Self>) -> View {
        let status = self.sim.borrow().model().status();
        let frames = self.frames.borrow();
        let notes = self.notes.borrow();
        let sim = self.sim.borrow();
        let controller = sim.model().controller_profile().differences();
        let mut view = View {
            running: frames.last().map(|frame| frame.unit.clone()),
            settings: sim.model().config().profile.differences().leader_settings,
            controller_settings: controller.leader_settings,
            parts: controller.flush.len(),
            late: notes.late.keys().cloned().collect(),
            ..View::default()
        };
        if let Some(application) = status.applications.get(&self.subject.application) {
            view.leader = application.leader.clone();
            for unit in &application.units {
                if notes.cut.contains(&unit.unit) {
                    view.cut.push(unit.unit.clone());
                }
                if !unit.alive {
                    continue;
                }
                if unit.life == Life::Alive {
                    view.live.push(unit.unit.clone());
                }
                if !frames.iter().any(|frame| frame.unit == unit.unit) {
                    view.idle.push(unit.unit.clone());
                }
            }
        }
        for beside in &self.subject.beside {
            let units = sim.live(&beside.application).into_iter();
            view.others
                .extend(units.filter(|unit| !frames.iter().any(|frame| frame.unit == *unit)));
        }
        view.may_return = frames.last().is_some_and(|frame| {
            view.leader.as_ref() != Some(&frame.unit)
                && frame.promised.is_some()
                && frame.deposed
                && Frame::may_regain(frame)
        });
        view
    }
}
