//! Boots a local model, deploys charms, plays steps, and looks at the result: once for each Juju version.

use std::collections::BTreeMap;
use std::path::PathBuf;
use std::time::Duration;

use ensign_local::{Comparison, Home, LocalModel, Options, Report as ModelReport, Step, Wanted};
use ensign_model::{ModelStatus, Profile};

use super::charm::{Deployable, prepare};
use super::model::fresh_name;
use super::proof::fit_for_juju_4;
use super::settings::{Setting, Settings, settings};
use super::watch::Watch;
use crate::progress::Progress;
use crate::report::Report;

/// What to run.
#[derive(Debug, Clone)]
pub(crate) struct Run {
    /// Charms: folders, built directories, archives. The first is the one that steps mean without a name.
    pub(crate) charms: Vec<PathBuf>,
    /// How many units of the first charm.
    pub(crate) units: u32,
    /// How many of the application of that name.
    pub(crate) units_of: BTreeMap<String, u32>,
    /// Options that they are deployed with.
    pub(crate) settings: Vec<Setting>,
    /// One model after the other behaves as each.
    pub(crate) profiles: Vec<Profile>,
    /// What happens once the model has settled; it settles again after each group.
    pub(crate) steps: Vec<Steps>,
    /// Files to compare; those that the charms' crates name if empty.
    pub(crate) same: Vec<String>,
    /// How long settling may take, in model time.
    pub(crate) timeout: Duration,
    /// Leave the models running.
    pub(crate) keep: bool,
    /// Machines, or plain processes.
    pub(crate) wanted: Wanted,
    /// Decides what chance decides.
    pub(crate) seed: Option<u64>,
}

/// Steps that are played without settling between.
#[derive(Debug, Clone)]
pub(crate) struct Steps {
    /// As they were typed.
    pub(crate) text: String,
    pub(crate) steps: Vec<Step>,
}

impl Run {
    /// Whether a model behaves as Juju 4, from its start or later.
    fn reaches_juju_4(&self) -> bool {
        let is_4 = |profile: &Profile| !profile.differences().leader_settings;
        let steps = self.steps.iter().flat_map(|group| &group.steps);
        self.profiles.iter().any(is_4)
            || steps
                .into_iter()
                .any(|step| matches!(step, Step::Migrate(to) if is_4(to)))
    }
}

/// One model in the end.
#[derive(Debug)]
pub(crate) struct Outcome {
    /// What JSON shows.
    pub(crate) report: ModelReport,
    /// What `juju status` shows.
    pub(crate) status: ModelStatus,
    /// The files, compared.
    pub(crate) compared: Vec<Comparison>,
}

impl Outcome {
    /// Why the run has failed, if it has.
    pub(crate) fn complaint(&self) -> Option<String> {
        let juju = &self.report.juju;
        if !self.report.settled {
            return Some(format!(
                "the model has not settled on Juju {juju}: {}",
                self.report.unsettled.join("; ")
            ));
        }
        let differing: Vec<String> = self
            .report
            .same
            .iter()
            .filter(|(_, same)| !**same)
            .map(|(path, _)| format!("`{path}`"))
            .collect();
        let verb = if differing.len() == 1 {
            "differs"
        } else {
            "differ"
        };
        (!differing.is_empty()).then(|| {
            format!(
                "{} {verb} between units on Juju {juju}",
                differing.join(", ")
            )
        })
    }
}

/// Runs everything.
pub(crate) fn run(run: &Run, progress: &mut Progress) -> Result<Vec<Outcome>, Report> {
    let home = Home::of_this_user()?;
    if let Some(left) = super::left_behind(&home)? {
        progress.note(&format!(
            "killed commands have left models behind: {}; `{}` removes them",
            left.names.join(", "),
            left.remedy()
        ));
    }
    let charms: Vec<Deployable> = run
        .charms
        .iter()
        .map(|path| prepare(path, progress))
        .collect::<Result<_, _>>()?;
    check_names(run, &charms)?;
    let settings = settings(&run.settings, &charms)?;
    if run.reaches_juju_4() {
        let dirs = charms.iter().map(|charm| charm.charm.dir.as_path());
        fit_for_juju_4(run.charms.iter().zip(dirs))?;
    }
    let mut same = run.same.clone();
    if same.is_empty() {
        same = charms
            .iter()
            .flat_map(|charm| charm.same_files.iter().cloned())
            .collect();
    }
    run.profiles
        .iter()
        .map(|profile| one(run, *profile, &home, &charms, &settings, &same, progress))
        .collect()
}

fn check_names(run: &Run, charms: &[Deployable]) -> Result<(), Report> {
    for (index, charm) in charms.iter().enumerate() {
        if charms[..index].iter().any(|other| other.name == charm.name) {
            return Err(Report::usage(format!(
                "two of the charms are called `{}`",
                charm.name
            )));
        }
    }
    match run
        .units_of
        .keys()
        .find(|name| !charms.iter().any(|charm| charm.name == **name))
    {
        Some(name) => Err(
            Report::usage(format!("no charm here is called `{name}`")).hint(
                "`--units 3` counts for the first charm, `--units APP=3` for the one of that name",
            ),
        ),
        None => Ok(()),
    }
}

fn one(
    run: &Run,
    profile: Profile,
    home: &Home,
    charms: &[Deployable],
    settings: &Settings,
    same: &[String],
    progress: &mut Progress,
) -> Result<Outcome, Report> {
    progress.activity(&format!("starting a model of Juju {profile}"));
    let application = charms.first().map_or("model", |charm| charm.name.as_str());
    let mut model = LocalModel::start(Options {
        home: home.clone(),
        name: fresh_name(home, application, &profile.to_string())?,
        profile,
        seed: run.seed,
        wanted: run.wanted,
        exe: None,
        keep: run.keep,
    })?;
    for note in model.notes() {
        progress.note_once(note);
    }
    let played = play(run, &mut model, charms, settings, same, progress);
    progress.clear();
    if run.keep {
        let name = model.name();
        model.keep()?;
        progress.note(&format!(
            "the model goes on: `ensign juju status -m {name}`, `ensign juju destroy-model {name}`"
        ));
        return played;
    }
    progress.activity("removing the model");
    let destroyed = model.destroy();
    progress.clear();
    // What went wrong first is what matters.
    let outcome = played?;
    destroyed?;
    Ok(outcome)
}

fn play(
    run: &Run,
    model: &mut LocalModel,
    charms: &[Deployable],
    settings: &Settings,
    same: &[String],
    progress: &mut Progress,
) -> Result<Outcome, Report> {
    let none = BTreeMap::new();
    for (index, charm) in charms.iter().enumerate() {
        let default = if index == 0 { run.units } else { 1 };
        let units = run.units_of.get(&charm.name).copied().unwrap_or(default);
        progress.activity(&format!("deploying {units} of `{}`", charm.name));
        let options = settings.get(&charm.name).unwrap_or(&none);
        model.deploy_configured(&charm.name, &charm.charm, units, options)?;
    }
    let mut watch = Watch::new(progress);
    let mut settling = watch.during("settling", |tell| model.settle(run.timeout, tell))?;
    for group in &run.steps {
        if !settling.is_settled() {
            break;
        }
        let doing = format!("playing `{}`", group.text);
        for step in &group.steps {
            watch.during(&doing, |tell| model.step(step, tell))?;
        }
        settling = watch.during("settling", |tell| model.settle(run.timeout, tell))?;
    }
    let report = ModelReport {
        settled: settling.is_settled(),
        unsettled: settling.unsettled,
        ..model.report(same)?
    };
    let compared = same
        .iter()
        .map(|path| model.compare_file(path))
        .collect::<Result<_, _>>()?;
    Ok(Outcome {
        report,
        status: model.status()?,
        compared,
    })
}
