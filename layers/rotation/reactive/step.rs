//! How far a replacement is.

use std::fmt;
use std::str::FromStr;

use ensign::prelude::*;

/// Which replacement, and how far it is: the leader's value `rotation`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(crate) struct Rotation {
    pub(crate) number: u64,
    pub(crate) step: Step,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(crate) enum Step {
    /// `other` is the new password, which services accept.
    Accept,
    /// `other` is the old one, which nobody uses from now on.
    Use,
    #[default]
    Done,
}

impl Rotation {
    /// What the leader says.
    pub(crate) fn current(ctx: &mut Context) -> Result<Self> {
        let text = ctx.leader_get("rotation")?;
        text.map_or_else(|| Ok(Self::default()), |text| text.parse())
    }

    /// The same replacement at another step.
    pub(crate) fn at(self, step: Step) -> Self {
        Self { step, ..self }
    }

    /// The one after this.
    pub(crate) fn next(self, step: Step) -> Self {
        let number = self.number + 1;
        Self { number, step }
    }

    /// Another text for each password that clients are to use.
    pub(crate) fn version(self) -> String {
        let former = u64::from(self.step == Step::Accept);
        self.number.saturating_sub(former).to_string()
    }
}

impl fmt::Display for Rotation {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let step = match self.step {
            Step::Accept => "accept",
            Step::Use => "use",
            Step::Done => "done",
        };
        write!(f, "{} {step}", self.number)
    }
}

impl FromStr for Rotation {
    type Err = Error;

    fn from_str(text: &str) -> Result<Self> {
        let (number, step) = text.split_once(' ').unwrap_or((text, "done"));
        Ok(Self {
            number: number.parse()?,
            step: match step {
                "accept" => Step::Accept,
                "use" => Step::Use,
                _ => Step::Done,
            },
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_rotation_reads_as_it_is_written() {
        for step in [Step::Accept, Step::Use, Step::Done] {
            let rotation = Rotation { number: 3, step };
            let read: Rotation = rotation.to_string().parse().unwrap();
            assert_eq!(read, rotation);
        }
        assert_eq!(Rotation::default().to_string(), "0 done");
        assert!("x done".parse::<Rotation>().is_err());
    }

    #[test]
    fn clients_hear_of_a_new_version_when_they_are_to_use_it() {
        let third = Rotation::default().next(Step::Done).next(Step::Done);
        let third = third.next(Step::Accept);
        assert_eq!(third.version(), "2");
        assert_eq!(third.at(Step::Use).version(), "3");
        assert_eq!(third.at(Step::Done).version(), "3");
    }
}
