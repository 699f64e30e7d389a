//! What Juju's 3.6 client and server said to each other decodes to what was meant, and is what we say.

use std::io::Read;
use std::path::Path;

use super::super::client::Answers;
use super::super::{Call, NEEDS_STDIN, Reply, Request, Session};
use super::{hex, listen};
use crate::tools::ToolOutput;

const CONTEXT: &str = "redis/0-config-changed-1";

/// Up to and with the value of the header.
const ASKS: &str = "2e7f0301010752657175657374 01ff80000102 010d536572766963654d6574686f64010c00
    0103536571 0106000000 0fff80010a4a756a75632e4d61696e00";

/// The types of the body.
const ASKS_TYPES: &str = "66ff810301010752657175657374 01ff82000107
    0109436f6e746578744964010c00 0103446972010c00 010b436f6d6d616e644e616d65010c00 010441726773 01ff8400
    0108537464696e536574010200 0105537464696e010a00 0105546f6b656e010c000000
    16ff83020101085b5d737472696e6701ff840001 0c0000";

const IS_LEADER: &str = "2bff820118 72656469732f302d636f6e6669672d6368616e6765642d31 01012f
    0109 69732d6c6561646572 00";

const LEADER_GET: &str = "30ff820118 72656469732f302d636f6e6669672d6368616e6765642d31 01012f
    010a 6c65616465722d676574 0101012d00";

/// The type and value of the header of an answer that is no error.
const ANSWERS: &str =
    "397f03010108526573706f6e7365 01ff80000103 010d536572766963654d6574686f64010c00
    0103536571010600 01054572726f72010c000000 0fff80010a4a756a75632e4d61696e00";

const ANSWERS_TYPE: &str = "39ff8103010 10c45786563526573706f6e7365 01ff82000103 0104436f6465010400
    01065374646f7574010a00 0106537464657272010a000000";

/// The type of the header alone.
const HEADER_TYPE: &str =
    "397f03010108526573706f6e7365 01ff80000103 010d536572766963654d6574686f64010c00
    0103536571010600 01054572726f72010c000000";

const NOTHING: &str = "0aff8303010 2ff84000000 03ff8400";

fn request<'a>(command: &'a str, args: &'a [String]) -> Request<'a> {
    Request {
        context: CONTEXT,
        dir: Path::new("/"),
        command,
        args,
        stdin: None,
        token: "",
    }
}

fn call(command: &str, args: &[&str], stdin: Option<&[u8]>) -> Call {
    Call {
        context: CONTEXT.to_owned(),
        dir: "/".to_owned(),
        command: command.to_owned(),
        args: args.iter().map(ToString::to_string).collect(),
        stdin: stdin.map(<[u8]>::to_owned),
        token: String::new(),
    }
}

fn done(code: i32, stdout: &[u8], stderr: &[u8]) -> Reply {
    Reply::Done(ToolOutput {
        code,
        stdout: stdout.to_owned(),
        stderr: stderr.to_owned(),
    })
}

/// A session that has read this one call.
fn session(bytes: &[u8]) -> (Session, Call) {
    let (mut session, mut from) = (Session::default(), bytes);
    let call = session
        .read(&mut |room| from.read(room))
        .unwrap()
        .unwrap()
        .unwrap();
    assert!(from.is_empty());
    (session, call)
}

#[test]
fn is_leader_is_asked_and_answered_as_juju_does_it() {
    let asked = hex(&[ASKS, ASKS_TYPES, IS_LEADER].concat());
    assert_eq!(request("is-leader", &[]).encode(0), asked);
    let (mut session, heard) = session(&asked);
    assert!(heard == call("is-leader", &[], None));

    let answered = hex(&[ANSWERS, ANSWERS_TYPE, "0aff8202 05547275650a 00"].concat());
    let reply = done(0, b"True\n", b"");
    assert_eq!(session.answer(&reply), answered);
    let read = listen(&answered);
    assert_eq!(read.unwrap(), reply);
}

#[test]
fn leader_get_of_all_settings() {
    let args = ["-".to_owned()];
    let asked = hex(&[ASKS, ASKS_TYPES, LEADER_GET].concat());
    assert_eq!(request("leader-get", &args).encode(0), asked);
    let (mut session, heard) = session(&asked);
    assert!(heard == call("leader-get", &["-"], None));

    let answered = hex(&[
        ANSWERS,
        ANSWERS_TYPE,
        "13ff8202 0e 613a207820790a623a202232220a 00",
    ]
    .concat());
    let reply = done(0, b"a: x y\nb: \"2\"\n", b"");
    assert_eq!(session.answer(&reply), answered);
    let read = listen(&answered);
    assert_eq!(read.unwrap(), reply);
}

#[test]
fn a_wrong_option_is_exit_code_2() {
    let words = b"ERROR option provided but not defined: --bogus\n";
    let mut value = hex("36ff82 0104 022f");
    value.extend_from_slice(words);
    value.push(0);
    let answered = [hex(&[ANSWERS, ANSWERS_TYPE].concat()), value].concat();
    let reply = done(2, b"", words);
    let (mut session, _) = session(&hex(&[ASKS, ASKS_TYPES, IS_LEADER].concat()));
    assert_eq!(session.answer(&reply), answered);
    let read = listen(&answered);
    assert_eq!(read.unwrap(), reply);
}

fn refusal(head: &str, words: &str) -> Vec<u8> {
    let mut bytes = hex(head);
    bytes.extend_from_slice(words.as_bytes());
    bytes.push(0);
    [bytes, hex(NOTHING)].concat()
}

#[test]
fn an_unknown_tool_is_an_error_with_an_empty_struct() {
    let words = "bad request: unknown command: no-such-tool";
    let head = [HEADER_TYPE, "3bff80010a4a756a75632e4d61696e 022a"].concat();
    let answered = refusal(&head, words);
    let reply = Reply::Refused(words.to_owned());
    let (mut session, _) = session(&hex(&[ASKS, ASKS_TYPES, IS_LEADER].concat()));
    assert_eq!(session.answer(&reply), answered);
    let read = listen(&answered);
    assert_eq!(read.unwrap(), reply);
}

#[test]
fn a_tool_that_needs_its_input_is_asked_twice_on_one_connection() {
    let args = ["--file".to_owned(), "-".to_owned()];
    let first = request("state-set", &args).encode(0);
    let mut again = request("state-set", &args);
    again.stdin = Some(b"");
    let second = again.encode(1);
    let head = "11ff80010a4a756a75632e4d61696e010100
        38ff820118 72656469732f302d636f6e6669672d6368616e6765642d31 01012f 0109 73746174652d736574
        0102062d2d66696c65012d 0101 00";
    assert_eq!(second, hex(head));

    let both = [first, second].concat();
    let (mut session, mut from) = (Session::default(), both.as_slice());
    let heard = session
        .read(&mut |room| from.read(room))
        .unwrap()
        .unwrap()
        .unwrap();
    assert!(heard == call("state-set", &["--file", "-"], None));
    let needs = session.answer(&Reply::Refused(NEEDS_STDIN.to_owned()));
    let head = [HEADER_TYPE, "38ff80010a4a756a75632e4d61696e 0227"].concat();
    assert_eq!(needs, refusal(&head, NEEDS_STDIN));
    let heard = session
        .read(&mut |room| from.read(room))
        .unwrap()
        .unwrap()
        .unwrap();
    assert!(heard == call("state-set", &["--file", "-"], Some(b"")));
    let answered = session.answer(&done(0, b"", b""));
    let expected = [
        "11ff80010a4a756a75632e4d61696e010100",
        ANSWERS_TYPE,
        "03ff8200",
    ]
    .concat();
    assert_eq!(answered, hex(&expected));

    let all = [needs, answered].concat();
    let (mut answers, mut from) = (Answers::default(), all.as_slice());
    let refused = Reply::Refused(NEEDS_STDIN.to_owned());
    assert_eq!(
        answers.read(&mut |room| from.read(room), 0).unwrap(),
        refused
    );
    assert_eq!(
        answers.read(&mut |room| from.read(room), 1).unwrap(),
        done(0, b"", b"")
    );
}

/// Another run of Go's, whose types have other numbers: they are the sender's to choose.
#[test]
fn types_are_known_by_what_they_are_not_by_their_numbers() {
    let asked = hex(
        "2fff81030101 0752657175657374 01ff82000102 010d536572766963654d6574686f64010c00 01035365710106000000
         0fff82010a4a756a75632e4d61696e00
         66ff83030101 0752657175657374 01ff84000107 0109436f6e746578744964010c00 0103446972010c00
         010b436f6d6d616e644e616d65010c00 0104417267730 1ff8600 0108537464696e536574010200
         0105537464696e010a00 0105546f6b656e010c000000
         16ff85020101085b5d737472696e6701ff8600010c0000
         31ff84010d 752f302d696e7374616c6c2d31 01022f63 0109 69732d6c6561646572
         0101 0d 2d2d666f726d61743d6a736f6e 00",
    );
    let (_, heard) = session(&asked);
    assert_eq!(
        (heard.context.as_str(), heard.dir.as_str()),
        ("u/0-install-1", "/c")
    );
    assert_eq!(
        (heard.command.as_str(), heard.args),
        ("is-leader", vec!["--format=json".to_owned()])
    );

    let answered = hex(
        "3aff87030101 08526573706f6e7365 01ff88000103 010d536572766963654d6574686f64010c00 0103536571010600
         01054572726f72010c000000 0fff88010a4a756a75632e4d61696e00
         39ff89030101 0c45786563526573706f6e7365 01ff8a000103 0104436f6465010400 01065374646f7574010a00
         0106537464657272010a000000 0aff8a0205547275650a00",
    );
    let read = listen(&answered);
    assert_eq!(read.unwrap(), done(0, b"True\n", b""));
}

/// A message of these bytes: they are preceded by their length.
fn message(body: &str) -> Vec<u8> {
    let mut body = hex(body);
    body.insert(0, u8::try_from(body.len()).unwrap());
    body
}

#[test]
fn fields_that_another_version_has_or_lacks_do_not_matter() {
    // A later Juju's: no `Token`, but a list of numbers and a map from texts to structs like itself.
    let asked = [
        hex(ASKS),
        message("ff81 03 01 01 0752657175657374 01ff8200 0103 0103446972010c00 01014e01ff8400 01014d01ff86000000"),
        message("ff83 02 01 02ff8400 010400 00"),
        message("ff85 04 01 02ff8600 010c 01ff8200 00"),
        message("ff82 01012f 0103020406 0101016b01017800 00"),
    ]
    .concat();
    let (_, heard) = session(&asked);
    assert_eq!((heard.dir.as_str(), heard.command.as_str()), ("/", ""));
}
