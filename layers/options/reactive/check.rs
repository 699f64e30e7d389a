//! Whether options make sense.

use std::fmt::Display;
use std::ops::RangeInclusive;

/// Checks, one after the other; the first complaint counts.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
#[must_use = "a check is nothing until it is returned"]
pub struct Check(Option<String>);

impl Check {
    /// A number within bounds.
    pub fn within(self, option: &str, value: i64, range: RangeInclusive<i64>) -> Self {
        let (least, most) = (range.start(), range.end());
        let words = format!("must be between {least} and {most}");
        self.that(option, range.contains(&value), words)
    }

    /// One of these texts.
    pub fn one_of(self, option: &str, value: &str, all: &[&str]) -> Self {
        let words = format!("must be one of {}", all.join(", "));
        self.that(option, all.contains(&value), words)
    }

    /// What was chosen at deployment, if anything was; the choice is told.
    pub fn fixed(self, option: &str, value: &str, chosen: Option<&str>) -> Self {
        let back = chosen.unwrap_or_default();
        let words = format!("cannot be changed after deployment: set it back to {back}");
        self.that(option, chosen.is_none_or(|chosen| chosen == value), words)
    }

    /// Anything that `is_good`; else the words say what it has to be, after the option's name.
    pub fn that(mut self, option: &str, is_good: bool, words: impl Display) -> Self {
        if self.0.is_none() && !is_good {
            self.0 = Some(format!("`{option}` {words}"));
        }
        self
    }

    /// The first complaint.
    #[must_use]
    pub fn complaint(self) -> Option<String> {
        self.0
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_first_complaint_counts() {
        let check = Check::default()
            .within("a", 1, 1..=2)
            .one_of("b", "x", &["x", "y"])
            .fixed("c", "new", None)
            .fixed("d", "old", Some("old"));
        assert_eq!(check.clone().complaint(), None);
        let both = check
            .clone()
            .within("a", 3, 1..=2)
            .that("b", false, "is wrong");
        assert_eq!(both.complaint().unwrap(), "`a` must be between 1 and 2");
        let wrong = check.clone().one_of("b", "z", &["x", "y"]);
        assert_eq!(wrong.complaint().unwrap(), "`b` must be one of x, y");
        let back = "`d` cannot be changed after deployment: set it back to old";
        assert_eq!(
            check.fixed("d", "new", Some("old")).complaint().unwrap(),
            back
        );
    }
}
