//! Replays recorded answers of Juju's hook tools against the model's.
//!
//! A recording is a file of JSON lines; each line is a [`Case`]: a hook context, a few calls made in it, and what they
//! answered and changed. The model is put into that context, answers the same calls, and the two are compared.
//!
//! ```
//! use ensign_model::{Profile, conformance::Case};
//!
//! let line = r#"{"id": "is-leader/0000", "context": {"unit": "redis/0", "kind": "hook", "hook": "start", "leader": true},
//!     "calls": [{"argv": ["is-leader"], "code": 0, "stdout": "True\n", "stderr": ""}], "effects": {}}"#;
//! let case: Case = serde_json::from_str(line).expect("the line is a case");
//! assert_eq!(case.replay(Profile::V3_6), Ok(()));
//! ```

mod case;
mod compare;
mod convert;
mod effects;
mod scene;
mod scratch;
mod secrets;

pub use case::Case;
pub use compare::Difference;

use crate::{Answer, Call, Profile, tool};
use scene::Scene;
use scratch::{DIR, Scratch};

impl Case {
    /// Answers the case's calls as Juju `profile` and compares.
    ///
    /// # Errors
    ///
    /// The first difference.
    pub fn replay(&self, profile: Profile) -> Result<(), Difference> {
        let mut scene = Scene::of(&self.context, profile).map_err(Difference::Context)?;
        let mut files = Scratch::of(&self.context.files);
        for (index, call) in self.calls.iter().enumerate() {
            let argv: Vec<String> = call
                .argv
                .iter()
                .map(|arg| arg.replace("@DIR@", DIR))
                .collect();
            let mut context = scene.context();
            let mut answer = tool::answer(
                &mut context,
                &Call {
                    argv: &argv,
                    stdin: None,
                    cwd: DIR,
                },
                &mut files,
            );
            if answer == Answer::NeedsStdin {
                let stdin = call.stdin.as_deref().unwrap_or_default().as_bytes();
                let call = Call {
                    argv: &argv,
                    stdin: Some(stdin),
                    cwd: DIR,
                };
                answer = tool::answer(&mut context, &call, &mut files);
            }
            let result = answer.result().unwrap_or_default();
            scene.note(&argv, &result);
            call.compare(&result)
                .map_err(|what| Difference::Answer { call: index, what })?;
        }
        let effects = scene.effects(&files);
        let expected = serde_json::Value::Object(self.effects.clone());
        if effects == expected {
            Ok(())
        } else {
            Err(Difference::Effects {
                expected,
                found: effects,
            })
        }
    }
}
