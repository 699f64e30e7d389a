//! The order of keys in YAML: "natural", as go-yaml v2 sorts them.

use std::cmp::Ordering;

/// Sorts by key. The order is not total for some odd key sets, so Rust's own sort, which insists on one, is not for it.
pub(crate) fn sort<T>(entries: &mut Vec<T>, key: impl Fn(&T) -> &str + Copy) {
    let rest = match entries.len() {
        0 | 1 => return,
        length => entries.split_off(length / 2),
    };
    let mut left = std::mem::take(entries);
    let mut right = rest;
    sort(&mut left, key);
    sort(&mut right, key);
    let mut right = right.into_iter().peekable();
    for entry in left {
        while let Some(other) =
            right.next_if(|other| compare(key(other), key(&entry)) == Ordering::Less)
        {
            entries.push(other);
        }
        entries.push(entry);
    }
    entries.extend(right);
}

/// Rune by rune: letters by code point, a non-letter before a letter, runs of digits as numbers, a prefix first.
fn compare(a: &str, b: &str) -> Ordering {
    let (a, b): (Vec<char>, Vec<char>) = (a.chars().collect(), b.chars().collect());
    let Some(at) = a.iter().zip(&b).position(|(left, right)| left != right) else {
        return a.len().cmp(&b.len());
    };
    let (left, right) = (a[at], b[at]);
    match (left.is_alphabetic(), right.is_alphabetic()) {
        (true, true) => return left.cmp(&right),
        (true, false) => return Ordering::Greater,
        (false, true) => return Ordering::Less,
        (false, false) => {}
    }
    let (mut left_number, mut right_number) = (0, 0);
    // Leading zeros count only behind a number that has begun.
    if left == '0' || right == '0' {
        let begun = a[..at]
            .iter()
            .rev()
            .take_while(|digit| digit.is_ascii_digit())
            .any(|&digit| digit != '0');
        left_number = i64::from(begun);
        right_number = left_number;
    }
    let (left_number, left_end) = number(&a, at, left_number);
    let (right_number, right_end) = number(&b, at, right_number);
    left_number
        .cmp(&right_number)
        .then(left_end.cmp(&right_end))
        .then(left.cmp(&right))
}

fn number(text: &[char], from: usize, start: i64) -> (i64, usize) {
    let mut value = start;
    let mut at = from;
    while let Some(digit) = text.get(at).and_then(|letter| letter.to_digit(10)) {
        value = value.wrapping_mul(10).wrapping_add(i64::from(digit));
        at += 1;
    }
    (value, at)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_verified_sequence_holds() {
        let expected = [
            "-x", "_x", "1", "2", "10", "A", "B", "Z", "a", "a b", "a-b", "a.b", "a_b", "a1", "a2",
            "a10", "ab", "b", "juju-x", "juju_x", "jujux", "é",
        ];
        let mut keys: Vec<&str> = expected.into_iter().rev().collect();
        sort(&mut keys, |key| key);
        assert_eq!(keys, expected);
    }
}
