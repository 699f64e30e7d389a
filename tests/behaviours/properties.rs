//! Any charm and any state: the dispatcher does what a simple one does that looks at everybody all the time.

use std::cell::RefCell;
use std::collections::BTreeSet;

use ensign::handler::Clause;
use ensign::{Context, ErrorKind, Flag, Handler, Outcome, Result};
use proptest::prelude::*;

use crate::support::Unit;

const FLAGS: [&str; 5] = ["a", "b", "c", "d", "e"];
const IDS: [&str; 6] = ["h0", "h1", "h2", "h3", "h4", "h5"];
const LIMIT: usize = 8;

/// A condition over flags, by number.
#[derive(Debug, Clone)]
enum Condition {
    All(Vec<usize>),
    Any(Vec<usize>),
    None(Vec<usize>),
    NotAll(Vec<usize>),
}

/// A handler: when, and what it then sets and clears, in order.
#[derive(Debug, Clone)]
struct Plan {
    conditions: Vec<Condition>,
    effects: Vec<(usize, bool)>,
    after: Option<usize>,
}

thread_local! {
    static PLANS: RefCell<Vec<Plan>> = const { RefCell::new(Vec::new()) };
    static RAN: RefCell<Vec<usize>> = const { RefCell::new(Vec::new()) };
}

/// What handler `N` does. It checks the rule that users rely on: it never runs while its condition is false.
fn act<const N: usize>(ctx: &mut Context) -> Result<Outcome> {
    let plan = PLANS.with_borrow(|plans| plans[N].clone());
    let flags: BTreeSet<String> = ctx.flags()?.into_iter().collect();
    assert!(
        plan.conditions.iter().all(|c| c.holds(&flags)),
        "h{N} runs at {flags:?}"
    );
    RAN.with_borrow_mut(|ran| ran.push(N));
    for (flag, set) in plan.effects {
        ctx.toggle_flag(FLAGS[flag], set)?;
    }
    Ok(Outcome::Done)
}

const ACTS: [fn(&mut Context) -> Result<Outcome>; 6] =
    [act::<0>, act::<1>, act::<2>, act::<3>, act::<4>, act::<5>];

impl Condition {
    fn flags(&self) -> &[usize] {
        match self {
            Self::All(f) | Self::Any(f) | Self::None(f) | Self::NotAll(f) => f,
        }
    }

    fn holds(&self, flags: &BTreeSet<String>) -> bool {
        let set = |f: &usize| flags.contains(FLAGS[*f]);
        match self {
            Self::All(f) => f.iter().all(set),
            Self::Any(f) => f.iter().any(set),
            Self::None(f) => !f.iter().any(set),
            Self::NotAll(f) => !f.iter().all(set),
        }
    }

    fn clause(&self) -> Clause {
        let flags: Vec<Flag> = self.flags().iter().map(|f| Flag::new(FLAGS[*f])).collect();
        let flags = flags.leak();
        match self {
            Self::All(_) => Clause::When(flags),
            Self::Any(_) => Clause::WhenAny(flags),
            Self::None(_) => Clause::WhenNot(flags),
            Self::NotAll(_) => Clause::WhenNotAll(flags),
        }
    }
}

fn handler(n: usize, plan: &Plan) -> &'static Handler {
    let clauses: Vec<Clause> = plan.conditions.iter().map(Condition::clause).collect();
    let after: Vec<&str> = plan.after.iter().map(|n| IDS[*n]).collect();
    Box::leak(Box::new(Handler {
        after: after.leak(),
        ..Handler::new(IDS[n], clauses.leak(), ACTS[n])
    }))
}

/// The order that `after` and ids give: an earlier one is named only, so there is no loop.
fn order(plans: &[Plan]) -> Vec<usize> {
    let mut left: BTreeSet<usize> = (0..plans.len()).collect();
    let mut order = Vec::new();
    while let Some(next) = left
        .iter()
        .copied()
        .find(|n| plans[*n].after.is_none_or(|a| !left.contains(&a)))
    {
        left.remove(&next);
        order.push(next);
    }
    order
}

/// The dispatcher in 30 lines: everybody is tested all the time. `None` if it does not settle.
fn simple(plans: &[Plan], flags: &mut BTreeSet<String>) -> Option<Vec<usize>> {
    let order = order(plans);
    let mut ran = Vec::new();
    let mut changed: Option<BTreeSet<usize>> = None;
    for _ in 0..=LIMIT {
        let due = |n: &usize, flags: &BTreeSet<String>| {
            plans[*n].conditions.iter().all(|c| c.holds(flags))
        };
        let named = |n: &usize| {
            let mut all = plans[*n].conditions.iter().flat_map(|c| c.flags());
            changed
                .as_ref()
                .is_none_or(|changed| all.any(|f| changed.contains(f)))
        };
        let mut queue: Vec<usize> = order
            .iter()
            .copied()
            .filter(|n| named(n) && due(n, flags))
            .collect();
        if queue.is_empty() {
            return Some(ran);
        }
        let mut batch = BTreeSet::new();
        while !queue.is_empty() {
            let n = queue.remove(0);
            ran.push(n);
            for (flag, set) in &plans[n].effects {
                let name = FLAGS[*flag].to_owned();
                let real = if *set {
                    flags.insert(name)
                } else {
                    flags.remove(&name)
                };
                if real {
                    batch.insert(*flag);
                }
            }
            queue.retain(|n| due(n, flags));
        }
        changed = Some(batch);
    }
    None
}

fn plans() -> impl Strategy<Value = Vec<Plan>> {
    let flag = 0..FLAGS.len();
    let condition =
        (0..4, prop::collection::vec(flag.clone(), 1..3)).prop_map(|(kind, flags)| match kind {
            0 => Condition::All(flags),
            1 => Condition::Any(flags),
            2 => Condition::None(flags),
            _ => Condition::NotAll(flags),
        });
    let plan = (
        prop::collection::vec(condition, 1..3),
        prop::collection::vec((flag, any::<bool>()), 0..3),
        prop::option::weighted(0.3, 0..IDS.len()),
    );
    prop::collection::vec(plan, 1..=IDS.len()).prop_map(|all| {
        let numbered = all.into_iter().enumerate();
        numbered
            .map(|(n, (conditions, effects, after))| Plan {
                conditions,
                effects,
                after: after.filter(|a| *a < n),
            })
            .collect()
    })
}

/// Runs one hook over these handlers, registered in this order, and returns what ran, and the flags after it.
fn real(plans: &[Plan], shift: usize, before: &[bool]) -> (Vec<usize>, bool, Vec<String>) {
    let mut handlers: Vec<&'static Handler> = plans
        .iter()
        .enumerate()
        .map(|(n, p)| handler(n, p))
        .collect();
    handlers.rotate_left(shift % plans.len());
    let mut unit = Unit::new(&handlers);
    unit.registry = unit.registry.clone().with_limit(Some(LIMIT));
    let flags: Vec<&str> = FLAGS
        .iter()
        .zip(before)
        .filter_map(|(f, set)| set.then_some(*f))
        .collect();
    unit.start_with(&flags);
    PLANS.set(plans.to_vec());
    RAN.take();
    let ended = unit.hook_unheard("update-status");
    if let Some(error) = &ended.error {
        assert_eq!(error.kind(), ErrorKind::Loop, "{error:?}");
    }
    (RAN.take(), ended.error.is_none(), unit.stored_flags())
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 300, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn it_runs_whom_the_simple_one_runs_in_the_same_order_and_settles_or_says_that_it_does_not(
        plans in plans(),
        before in prop::collection::vec(any::<bool>(), FLAGS.len()),
        shift in 0_usize..6,
    ) {
        let mut flags: BTreeSet<String> = FLAGS
            .iter()
            .zip(&before)
            .filter(|(_, set)| **set)
            .map(|(f, _)| (*f).to_owned())
            .collect();
        let start: Vec<String> = flags.iter().cloned().collect();
        let expected = simple(&plans, &mut flags);
        let (ran, settled, after) = real(&plans, 0, &before);
        prop_assert_eq!(settled, expected.is_some());
        if let Some(expected) = expected {
            prop_assert_eq!(&ran, &expected);
            prop_assert_eq!(&after, &flags.into_iter().collect::<Vec<_>>());
        } else {
            prop_assert_eq!(&after, &start, "rolled back");
        }
        // Whatever the linker's order.
        prop_assert_eq!(real(&plans, shift, &before), (ran, settled, after));
    }
}
