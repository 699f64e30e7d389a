//! Failing schedules made short.

use super::event::{Event, Schedule};
use super::violation::Violation;

/// More replays than this are not worth anybody's time.
const ENOUGH: usize = 1500;

/// What was possible of a schedule, and the rule that it broke.
pub(super) type Replayed = (Vec<Event>, Option<Violation>);

/// The shortest schedule found that still breaks that rule, and how. `replay` plays one, and says what of it was
/// possible.
pub(super) fn shrink(
    schedule: Schedule,
    violation: Violation,
    replay: &dyn Fn(&Schedule) -> Replayed,
) -> (Schedule, Violation) {
    let mut best = (schedule, violation);
    let mut replays = 0;
    let mut size = length(&best.0.events) / 2;
    while size > 0 {
        let mut at = 0;
        let before = length(&best.0.events);
        while at < length(&best.0.events) && replays < ENOUGH {
            replays += 1;
            let shorter = Schedule {
                events: without(&best.0.events, at, size),
                ..best.0.clone()
            };
            let (events, violation) = replay(&shorter);
            match violation {
                Some(violation)
                    if violation.rule() == best.1.rule()
                        && length(&events) < length(&best.0.events) =>
                {
                    best = (Schedule { events, ..shorter }, violation);
                }
                _ => at += size,
            }
        }
        // Single steps are tried again as long as that helps.
        if size > 1 || length(&best.0.events) == before {
            size /= 2;
        }
    }
    best
}

/// How many events there are, those within hooks included.
pub(super) fn length(events: &[Event]) -> usize {
    let inside = |event: &Event| match event {
        Event::Run { inside, .. } => inside.iter().map(|i| length_of(&i.event)).sum(),
        _ => 0,
    };
    events.iter().map(|event| 1 + inside(event)).sum()
}

fn length_of(event: &Event) -> usize {
    length(std::slice::from_ref(event))
}

/// The events without `size` of them from `at` on; what happens within a hook goes with it.
fn without(events: &[Event], at: usize, size: usize) -> Vec<Event> {
    let mut number = 0;
    let gone = at..at + size;
    events
        .iter()
        .filter_map(|event| keep(event, &mut number, &gone))
        .collect()
}

fn keep(event: &Event, number: &mut usize, gone: &std::ops::Range<usize>) -> Option<Event> {
    let kept = !gone.contains(number);
    *number += 1;
    let Event::Run { unit, what, inside } = event else {
        return kept.then(|| event.clone());
    };
    let mut left = Vec::new();
    for one in inside {
        if let Some(event) = keep(&one.event, number, gone) {
            left.push(super::event::Inside {
                event,
                ..one.clone()
            });
        }
    }
    kept.then(|| Event::Run {
        unit: unit.clone(),
        what: what.clone(),
        inside: left,
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::campaign::event::Inside;

    fn schedule() -> Schedule {
        let text = "juju 4.0\nseed 3\nunits 2\nwait 1\nrun a/0\n  2 run a/1\n    1 kill\n  3 wait 5\nwait 2\nsettle\n";
        text.parse().unwrap()
    }

    #[test]
    fn what_a_hook_contains_goes_with_it() {
        let all = schedule().events;
        assert_eq!(length(&all), 7);
        assert_eq!(length(&without(&all, 1, 1)), 3);
        assert_eq!(length(&without(&all, 2, 1)), 5);
        assert_eq!(without(&all, 7, 3), all);
    }

    #[test]
    fn only_what_matters_is_left() {
        fn waits(events: &[Event]) -> u64 {
            let of = |event: &Event| match event {
                Event::Wait(seconds) => *seconds,
                Event::Run { inside, .. } => waits(
                    &inside
                        .iter()
                        .map(|i: &Inside| i.event.clone())
                        .collect::<Vec<_>>(),
                ),
                _ => 0,
            };
            events.iter().map(of).sum()
        }
        let broken = Violation::new("five", "");
        let (short, _) = shrink(schedule(), broken.clone(), &|schedule| {
            let events = schedule.events.clone();
            let bad = waits(&events) >= 5;
            (events, bad.then(|| broken.clone()))
        });
        assert_eq!(
            short.to_string(),
            "juju 4.0\nseed 3\nunits 2\nrun a/0  # \n  3 wait 5  # before \n"
        );
    }
}
