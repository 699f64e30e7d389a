//! What snapd says when it fails, in a line.

use std::process::Output;

/// Longer than any cause, and short enough for a status.
const ENOUGH: usize = 240;

/// Whether it will do when it has finished what it is at: another change of the same snap, maybe one that an
/// interrupted hook has begun, or its own start.
pub(crate) fn is_busy(output: &Output) -> bool {
    let text = unwrapped(output);
    [
        "change in progress",
        "changes in progress",
        "too early for operation",
    ]
    .iter()
    .any(|words| text.contains(words))
}

/// The cause: the first paragraph, in which snapd breaks lines where it likes.
pub(crate) fn cause(output: &Output) -> String {
    let said = unwrapped(output);
    let said = said.strip_prefix("error: ").unwrap_or(&said);
    match said.char_indices().nth(ENOUGH) {
        Some((end, _)) => format!("{}…", &said[..end]),
        None if said.is_empty() => format!("it ended with {}", output.status),
        None => said.to_owned(),
    }
}

fn unwrapped(output: &Output) -> String {
    let text = String::from_utf8_lossy(&output.stderr);
    let lines = text.lines().map(str::trim);
    let lines = lines.skip_while(|line| line.is_empty());
    let first: Vec<_> = lines
        .take_while(|line| !line.is_empty())
        .map(|line| line.trim_start_matches("- "))
        .collect();
    first.join(" ")
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::os::unix::process::ExitStatusExt;
    use std::process::ExitStatus;

    fn said(stderr: &str) -> Output {
        Output {
            status: ExitStatus::from_raw(1 << 8),
            stdout: Vec::new(),
            stderr: stderr.as_bytes().to_owned(),
        }
    }

    #[test]
    fn the_cause_is_what_helps() {
        for (stderr, cause_) in [
            (
                "error: snap \"nosuch\" not found\n",
                "snap \"nosuch\" not found",
            ),
            (
                "error: cannot perform the following tasks:\n- Run configure hook of \"core\" snap if present (run hook \"configure\": cannot parse \"x\")\n",
                "cannot perform the following tasks: Run configure hook of \"core\" snap if present (run hook \"configure\": cannot parse \"x\")",
            ),
            (
                "error: This revision of snap \"x\" was published using classic confinement\n       and thus may perform changes.\n\n       If you understand, repeat the command including --classic.\n",
                "This revision of snap \"x\" was published using classic confinement and thus may perform changes.",
            ),
            ("", "it ended with exit status: 1"),
        ] {
            assert_eq!(cause(&said(stderr)), cause_);
        }
        assert_eq!(cause(&said(&"é".repeat(1000))).chars().count(), ENOUGH + 1);
    }

    #[test]
    fn a_busy_snapd_is_known() {
        for stderr in [
            "error: snap \"redis\" has \"install-snap\" change in progress\n",
            "error: snap \"redis\" has changes in progress\n",
            "error: snap \"redis\" has \"auto-refresh\" change in\n       progress\n",
            "error: too early for operation, device not yet seeded or device model not\n       acknowledged\n",
        ] {
            assert!(is_busy(&said(stderr)), "{stderr}");
        }
        assert!(!is_busy(&said("error: snap \"progress\" not found\n")));
    }
}
