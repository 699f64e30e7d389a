//! What apt and dpkg say when they fail, in a line.

use std::process::Output;

/// Longer than any cause, and short enough for a status.
const ENOUGH: usize = 240;

/// What these programs say when another of their kind is at work.
pub(crate) fn is_locked(output: &Output) -> bool {
    let text = String::from_utf8_lossy(&output.stderr);
    ["Could not get lock", "frontend lock", "Unable to lock"]
        .iter()
        .any(|words| text.contains(words))
}

/// The cause, as far as it can be told from all that was printed; without passwords of sources.
pub(crate) fn cause(output: &Output) -> String {
    let [text, other] = [&output.stderr, &output.stdout].map(|text| String::from_utf8_lossy(text));
    let lines: Vec<&str> = text.lines().map(str::trim).collect();
    let said = by_dpkg(&lines)
        // What dpkg and its scripts say under apt comes on apt's stdout.
        .or_else(|| by_dpkg(&other.lines().map(str::trim).collect::<Vec<_>>()))
        .or_else(|| starting(&lines, "E: "))
        .or_else(|| starting(&lines, "W: "))
        .or_else(|| lines.iter().rfind(|l| !l.is_empty()).map(|&l| l.to_owned()))
        .unwrap_or_else(|| format!("it ended with {}", output.status));
    let said = without_passwords(&said);
    match said.char_indices().nth(ENOUGH) {
        Some((end, _)) => format!("{}…", &said[..end]),
        None => said,
    }
}

/// Which package dpkg gave up, and why it says so: apt only tells that dpkg failed.
fn by_dpkg(lines: &[&str]) -> Option<String> {
    let at = lines
        .iter()
        .position(|l| l.starts_with("dpkg: error processing "))?;
    let what = lines[at].strip_prefix("dpkg: ")?;
    let why = lines.get(at + 1).filter(|l| !l.is_empty());
    Some(match why {
        Some(why) => format!("{} {why}", what.trim_end_matches(':').to_owned() + ":"),
        None => what.to_owned(),
    })
}

/// The first line of that kind, but what says no more than that it failed.
fn starting(lines: &[&str], kind: &str) -> Option<String> {
    let says = |line: &&&str| {
        line.starts_with(kind)
            && !line.contains("Sub-process ")
            && !line.contains("Some index files failed")
    };
    let line = lines.iter().find(says)?;
    Some(line[kind.len()..].to_owned())
}

/// `https://user:password@host` loses the middle.
pub(crate) fn without_passwords(text: &str) -> String {
    let mut shown = String::new();
    let mut rest = text;
    while let Some(at) = rest.find("://") {
        let (before, after) = rest.split_at(at + 3);
        shown.push_str(before);
        let end = after
            .find(|c: char| c == '/' || c.is_whitespace())
            .unwrap_or(after.len());
        rest = match after[..end].rfind('@') {
            Some(host) => {
                shown.push('…');
                &after[host..]
            }
            None => after,
        };
    }
    shown + rest
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::os::unix::process::ExitStatusExt;
    use std::process::ExitStatus;

    fn said(stderr: &str) -> Output {
        Output {
            status: ExitStatus::from_raw(100 << 8),
            stdout: Vec::new(),
            stderr: stderr.as_bytes().to_owned(),
        }
    }

    #[test]
    fn the_cause_is_what_helps() {
        for (stderr, cause_) in [
            (
                "E: Unable to locate package redis-sever\n",
                "Unable to locate package redis-sever",
            ),
            (
                "W: GPG error\nE: Failed to fetch http://x/y  404  Not Found\nE: Unable to fetch some archives\n",
                "Failed to fetch http://x/y  404  Not Found",
            ),
            (
                "dpkg: error processing package redis-server (--configure):\n installed script returned error exit status 1\nErrors were encountered while processing:\n redis-server\nE: Sub-process /usr/bin/dpkg returned an error code (1)\n",
                "error processing package redis-server (--configure): installed script returned error exit status 1",
            ),
            (
                "W: Failed to fetch http://x  Could not resolve 'x'\n",
                "Failed to fetch http://x  Could not resolve 'x'",
            ),
            ("something else\n\n", "something else"),
            ("", "it ended with exit status: 100"),
        ] {
            assert_eq!(cause(&said(stderr)), cause_);
        }
    }

    #[test]
    fn what_dpkg_says_under_apt_counts_for_more_than_a_warning() {
        let mut output = said(
            "W: chown to root:adm of file /var/log/apt/term.log failed\nE: Sub-process /usr/bin/dpkg returned an error code (1)\n",
        );
        output.stdout = b"Setting up redis-tools ...\ndpkg: error processing package redis-tools (--configure):\n installed redis-tools package post-installation script subprocess returned error exit status 1\nErrors were encountered\n".to_vec();
        assert_eq!(
            cause(&output),
            "error processing package redis-tools (--configure): installed redis-tools package post-installation script \
             subprocess returned error exit status 1"
        );
    }

    #[test]
    fn a_cause_is_never_endless() {
        let long = cause(&said(&"é".repeat(1000)));
        assert_eq!(long.chars().count(), ENOUGH + 1);
    }

    #[test]
    fn passwords_of_sources_are_not_shown() {
        let text = "Failed to fetch https://me:pa@ss@ppa.example/x and http://open/y@z";
        assert_eq!(
            without_passwords(text),
            "Failed to fetch https://…@ppa.example/x and http://open/y@z"
        );
        assert_eq!(without_passwords("https://token@host"), "https://…@host");
    }

    #[test]
    fn all_locks_are_known() {
        for stderr in [
            "E: Could not get lock /var/lib/dpkg/lock-frontend. It is held by process 7 (apt)",
            "E: Unable to acquire the dpkg frontend lock (/var/lib/dpkg/lock-frontend), is another process using it?",
            "dpkg: error: dpkg frontend lock was locked by another process with pid 7",
            "E: Unable to lock directory /var/lib/apt/lists/",
        ] {
            assert!(is_locked(&said(stderr)), "{stderr}");
        }
        assert!(!is_locked(&said("E: Unable to locate package lock-step")));
    }
}
