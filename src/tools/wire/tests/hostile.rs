//! Whatever arrives is an error at worst: no panic, and no more memory than what has arrived.

use std::io::Read;
use std::path::Path;

use proptest::prelude::*;

use super::super::client::Answers;
use super::super::encode::{Value as Struct, put_bytes, put_int};
use super::super::{Call, Reply, Request, Session, WireError};
use super::{hex, listen};
use crate::tools::ToolOutput;

/// Reads calls to the end, or to the first that cannot be read; answers each.
fn serve(bytes: &[u8]) -> Result<Vec<Call>, WireError> {
    let (mut session, mut from, mut calls) = (Session::default(), bytes, Vec::new());
    while let Some(call) = session.read(&mut |room| from.read(room))? {
        calls.extend(call.ok());
        let _answer = session.answer(&Reply::Refused("no".to_owned()));
    }
    Ok(calls)
}

fn asked() -> Vec<u8> {
    let args = ["--file".to_owned(), "-".to_owned(), "k=v".to_owned()];
    let mut request = Request {
        context: "redis/0-config-changed-1",
        dir: Path::new("/var/lib/juju"),
        command: "state-set",
        args: &args,
        stdin: None,
        token: "hunter2",
    };
    let first = request.encode(0);
    let long = vec![b'x'; 300];
    request.stdin = Some(&long);
    [first, request.encode(1)].concat()
}

fn answered() -> Vec<u8> {
    let (mut session, asked) = (Session::default(), asked());
    let mut from = asked.as_slice();
    session.read(&mut |room| from.read(room)).unwrap();
    session.answer(&Reply::Done(ToolOutput {
        code: 2,
        stdout: vec![b'x'; 300],
        stderr: b"ERROR no\n".to_vec(),
    }))
}

#[test]
fn what_breaks_off_anywhere_is_an_error() {
    let (asked, answered) = (asked(), answered());
    assert_eq!(serve(&asked).unwrap().len(), 2);
    assert!(listen(&answered).is_ok());
    let between = (0..asked.len()).filter(|end| serve(&asked[..*end]).is_ok());
    let calls: Vec<usize> = between
        .map(|end| serve(&asked[..end]).unwrap().len())
        .collect();
    assert_eq!(
        calls,
        [0, 1],
        "only before and between calls nothing is missing"
    );
    for end in 0..answered.len() {
        assert!(listen(&answered[..end]).is_err(), "{end}");
    }
}

fn first() -> Request<'static> {
    Request {
        context: "c",
        dir: Path::new("/"),
        command: "t",
        args: &[],
        stdin: None,
        token: "",
    }
}

#[test]
fn a_length_that_never_comes_takes_no_memory() {
    for length in [
        "fc03ffffff",
        "f8ffffffffffffffff",
        "f87fffffffffffffff",
        "f701ffffffffffffffffff",
        "80",
    ] {
        assert!(serve(&hex(length)).is_err(), "{length}");
        assert!(listen(&hex(length)).is_err(), "{length}");
    }
}

/// The types of a call, then a body of these bytes.
fn body(fields: &str) -> Vec<u8> {
    let mut bytes = first().encode(0);
    let mut own = Struct::of(65);
    own.bytes(1, b"c");
    own.bytes(2, b"/");
    own.bytes(3, b"t");
    let mut tail = Vec::new();
    own.finish(&mut tail);
    assert!(bytes.ends_with(&tail));
    bytes.truncate(bytes.len() - tail.len());
    let fields = hex(fields);
    bytes.push(u8::try_from(fields.len()).unwrap());
    bytes.extend(fields);
    bytes
}

#[test]
fn values_that_lie_are_errors() {
    assert!(serve(&body("ff82 0101 63 00")).is_ok());
    for (lie, why) in [
        ("ff82 01f87fffffffffffffff 00", "a text of any length"),
        ("ff82 04f87fffffffffffffff 00", "a list of any length"),
        ("ff82 08 00", "a field that is not defined"),
        ("ff82 f8ffffffffffffffff 00", "a field of any number"),
        ("ff82 0101 63", "no end"),
        ("ff82 0101 63 00 00", "something behind the end"),
        ("ff90 00", "a type that is not defined"),
        ("0c 0163", "a type of Go's own"),
        ("ff84 00", "a list where a struct belongs"),
        ("f8fffffffffffffffe 00", "the largest type"),
        ("f8ffffffffffffffff 00", "a definition of the smallest type"),
        ("ff81 03 0102ff8200 00 00", "a type that is there already"),
        ("0b 03 01020c00 00 00", "a type of Go's own defined"),
    ] {
        assert!(serve(&body(lie)).is_err(), "{why}");
    }
}

#[test]
fn a_type_that_holds_itself_ends() {
    let types = "ff87 03 0102ff8800 0101 01014101ff8800 00 00";
    let mut bytes = body(types);
    let deep = [hex("ff88"), vec![1; 100_000], vec![0; 100_001]].concat();
    let length = u32::try_from(deep.len()).unwrap().to_be_bytes();
    bytes.push(0xfc);
    bytes.extend(length);
    bytes.extend(deep);
    let error = serve(&bytes).err().unwrap();
    assert!(error.to_string().contains("too deep"), "{error}");
}

#[test]
fn more_types_fields_or_arguments_than_anyone_has_are_errors() {
    let empty = |count: i64| -> Vec<u8> {
        let mut bytes = Vec::new();
        for id in 100..100 + count {
            let mut body = Vec::new();
            put_int(&mut body, -id);
            body.extend([3, 1, 2, 2, 0, 0, 0]);
            put_bytes(&mut bytes, &body);
        }
        bytes
    };
    // Three are defined by the call.
    let types = |count| [first().encode(0), empty(count), first().encode(1)].concat();
    assert_eq!(serve(&types(29)).unwrap().len(), 2);
    assert!(serve(&types(30)).is_err());

    let fields = |count: &str, times| {
        format!(
            "ff87 03 0102ff8800 01 {count} {} 00 00",
            "010166010c00".repeat(times)
        )
    };
    let with = |body: &str| -> Vec<u8> {
        let mut bytes = first().encode(0);
        put_bytes(&mut bytes, &hex(body));
        bytes.extend(first().encode(1));
        bytes
    };
    assert_eq!(serve(&with(&fields("40", 64))).unwrap().len(), 2);
    assert!(serve(&with(&fields("41", 65))).is_err());

    let args = vec![String::new(); (1 << 20) + 1];
    let request = Request {
        args: &args,
        ..first()
    };
    let error = serve(&request.encode(0)).err().unwrap();
    assert!(error.to_string().contains("too long"), "{error}");
}

#[test]
fn the_answer_to_another_call_is_none() {
    let bytes = answered();
    let mut from = bytes.as_slice();
    assert!(
        Answers::default()
            .read(&mut |room| from.read(room), 1)
            .is_err()
    );
}

#[test]
fn another_method_is_refused_in_gos_words_and_nothing_else_of_it_is_read() {
    let refuse = |method: &str| {
        let mut bytes = first().encode(0);
        let mut header = Struct::of(64);
        header.bytes(1, method.as_bytes());
        let mut own = Vec::new();
        header.finish(&mut own);
        bytes.splice(47..47 + 16, own);
        let (mut session, mut from) = (Session::default(), bytes.as_slice());
        session
            .read(&mut |room| from.read(room))
            .unwrap()
            .unwrap()
            .err()
            .unwrap()
    };
    assert_eq!(refuse("Jujuc.Foo"), "rpc: can't find method Jujuc.Foo");
    assert_eq!(refuse("Other.Main"), "rpc: can't find service Other.Main");
    assert_eq!(
        refuse("Main"),
        "rpc: service/method request ill-formed: Main"
    );
}

/// A definition or a value in which anything may stand, of types that refer to each other.
fn odd_message() -> impl Strategy<Value = Vec<u8>> {
    let id = prop_oneof![4 => 1_i64..8, 8 => 64..72_i64, 1 => any::<i64>()];
    let ids = prop::collection::vec(id.clone(), 0..4);
    let definition = (64_i64..72, 1_u8..8, ids).prop_map(|(own, kind, ids)| {
        let mut body = Vec::new();
        put_int(&mut body, -own);
        // A type of that kind, and what all types have in common: here only the number.
        body.extend([kind, 1, 2]);
        put_int(&mut body, own);
        body.push(0);
        if kind == 3 {
            body.extend([1, u8::try_from(ids.len()).unwrap()]);
        }
        for id in ids {
            if kind == 3 {
                body.extend([1, 1, b'f']);
            }
            body.push(1);
            put_int(&mut body, id);
            if kind == 3 {
                body.push(0);
            }
        }
        body.extend([0, 0]);
        body
    });
    let bytes = prop::collection::vec(0_u8..9, 0..40);
    let value = (id, bytes).prop_map(|(id, bytes)| {
        let mut body = Vec::new();
        put_int(&mut body, id);
        body.extend(bytes);
        body
    });
    prop_oneof![definition, value].prop_map(|body| {
        let mut message = Vec::new();
        put_bytes(&mut message, &body);
        message
    })
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(2_000))]

    #[test]
    fn any_bytes_are_read_or_refused(bytes in prop::collection::vec(any::<u8>(), 0..600)) {
        let _read_or_refused = (serve(&bytes).is_ok(), listen(&bytes).is_ok());
    }

    #[test]
    fn any_change_to_honest_bytes_is_read_or_refused(
        changes in prop::collection::vec((any::<prop::sample::Index>(), any::<u8>()), 1..6),
        cut in any::<prop::sample::Index>(),
    ) {
        for (bytes, calls) in [(asked(), true), (answered(), false)] {
            let mut bytes = bytes;
            for (at, byte) in &changes {
                let at = at.index(bytes.len());
                bytes[at] = *byte;
            }
            bytes.remove(cut.index(bytes.len()));
            if calls {
                let _read_or_refused = serve(&bytes).is_ok();
            } else {
                let _read_or_refused = listen(&bytes).is_ok();
            }
        }
    }

    #[test]
    fn any_types_and_values_are_read_or_refused(messages in prop::collection::vec(odd_message(), 1..12)) {
        let bytes = messages.concat();
        let _read_or_refused = (serve(&bytes).is_ok(), listen(&bytes).is_ok());
    }

    #[test]
    fn every_call_arrives_as_it_was_made(
        (context, dir, command, token) in any::<(String, String, String, String)>(),
        args in prop::collection::vec(any::<String>(), 0..5),
        stdin in any::<Option<Vec<u8>>>(),
        times in 1_u64..4,
    ) {
        let request = Request {
            context: &context,
            dir: Path::new(&dir),
            command: &command,
            args: &args,
            stdin: stdin.as_deref(),
            token: &token,
        };
        let bytes: Vec<u8> = (0..times).flat_map(|seq| request.encode(seq)).collect();
        let call = Call { context, dir, command, args, stdin, token };
        let calls = serve(&bytes).unwrap();
        prop_assert_eq!(calls.len() as u64, times);
        prop_assert!(calls.iter().all(|heard| *heard == call));
    }

    #[test]
    fn every_answer_arrives_as_it_was_given(
        replies in prop::collection::vec(
            prop_oneof![
                any::<(i32, Vec<u8>, Vec<u8>)>()
                    .prop_map(|(code, stdout, stderr)| Reply::Done(ToolOutput { code, stdout, stderr })),
                "[^\0]+".prop_map(Reply::Refused),
            ],
            1..5,
        ),
    ) {
        let asked: Vec<u8> = (0..replies.len() as u64).flat_map(|seq| first().encode(seq)).collect();
        let (mut session, mut from, mut bytes) = (Session::default(), asked.as_slice(), Vec::new());
        for reply in &replies {
            session.read(&mut |room| from.read(room)).unwrap();
            bytes.extend(session.answer(reply));
        }
        let (mut answers, mut from) = (Answers::default(), bytes.as_slice());
        for (seq, reply) in replies.iter().enumerate() {
            prop_assert_eq!(&answers.read(&mut |room| from.read(room), seq as u64).unwrap(), reply);
        }
        prop_assert!(from.is_empty());
    }
}
