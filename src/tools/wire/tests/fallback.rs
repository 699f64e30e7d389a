//! Without an agent that understands, tools are processes; with one, never. Nothing runs twice.

use std::io::{Read, Write};

use super::super::{Reply, Session, Wire};
use super::agent::{Agent, address, socket};
use crate::error::{ErrorKind, Kind};
use crate::tools::{ToolCall, ToolError, ToolOutput, Tools, TransportError, leader_set};

/// A call that the shell can answer, standing in for a tool on `PATH`: it writes to `file` and says `process`.
fn call(wire: impl crate::tools::Transport + 'static, times: usize) -> Vec<String> {
    let file = std::env::temp_dir().join(format!("{}.ran", address().trim_start_matches('@')));
    let args = [
        "-c".to_owned(),
        format!("echo ran >> {}; printf process", file.display()),
    ];
    let mut tools = Tools::new(wire);
    let mut said: Vec<String> = (0..times)
        .map(|_| {
            let call = ToolCall {
                tool: "sh",
                args: &args,
                stdin: None,
                secret: false,
            };
            match tools.call(&call) {
                Ok(output) => String::from_utf8(output.stdout).unwrap(),
                Err(error) => error.to_string(),
            }
        })
        .collect();
    let ran = std::fs::read_to_string(&file).unwrap_or_default();
    said.push(format!("{} processes", ran.lines().count()));
    let _absent_if_none_ran = std::fs::remove_file(&file);
    said
}

fn wire(agent: &Agent, token: &str) -> Wire {
    Wire::new(agent.socket(token), "foo/0-install-1".to_owned())
}

fn says(text: &str) -> Option<Reply> {
    Some(Reply::Done(ToolOutput {
        stdout: text.as_bytes().to_vec(),
        ..ToolOutput::default()
    }))
}

const FALLEN_BACK: [&str; 3] = ["process", "process", "2 processes"];

#[test]
fn an_agent_that_understands_is_asked_and_no_process_started() {
    let agent = Agent::speaking(|_| says("agent"));
    assert_eq!(
        call(wire(&agent, "right"), 2),
        ["agent", "agent", "0 processes"]
    );
    assert_eq!(
        (agent.commands(), agent.connections()),
        (vec!["sh".to_owned(); 2], 1)
    );
}

#[test]
fn where_nobody_listens_tools_are_processes() {
    for address in [
        address(),
        "/no/such/socket".to_owned(),
        "@".to_owned() + &"x".repeat(200),
    ] {
        let wire = Wire::new(socket(&address, ""), "foo/0-install-1".to_owned());
        assert_eq!(call(wire, 2), FALLEN_BACK, "{address}");
    }
}

#[test]
fn a_rejected_token_is_tried_once() {
    let agent = Agent::speaking(|_| says("agent"));
    assert_eq!(call(wire(&agent, "wrong"), 2), FALLEN_BACK);
    assert_eq!((agent.commands(), agent.connections()), (vec![], 1));
}

#[test]
fn another_protocol_is_tried_once() {
    let bytes: [&'static [u8]; 4] = [
        b"",
        b"HTTP/1.1 400 Bad Request\r\n\r\n",
        b"\x00\x00\x00\x02{}",
        b"\xf8\xff\xff\xff\xff\xff\xff\xff\xff",
    ];
    for bytes in bytes {
        let agent = Agent::start(move |mut stream, _| {
            let _somewhat = stream.read(&mut [0; 1024]);
            stream.write_all(bytes).unwrap();
        });
        assert_eq!(call(wire(&agent, "right"), 2), FALLEN_BACK, "{bytes:?}");
        assert_eq!(agent.connections(), 1);
    }
}

#[test]
fn another_service_of_the_same_protocol_is_tried_once() {
    for reply in [
        Reply::Refused("rpc: can't find service Jujuc.Main".to_owned()),
        Reply::Done(ToolOutput::default()),
    ] {
        let agent = Agent::start(move |stream, _| {
            let (mut session, mut from) = (Session::default(), &stream);
            while session
                .read(&mut |room| from.read(room))
                .is_ok_and(|call| call.is_some())
            {
                (&stream).write_all(&session.answer(&reply)).unwrap();
            }
        });
        assert_eq!(call(wire(&agent, "right"), 2), FALLEN_BACK);
        assert_eq!(agent.connections(), 1);
    }
}

#[test]
fn an_agent_that_says_nothing_is_not_waited_for() {
    let agent = Agent::start(|stream, _| std::mem::forget(stream));
    assert_eq!(call(wire(&agent, "right"), 2), FALLEN_BACK);
}

#[test]
fn once_accepted_a_lost_answer_is_an_error_and_nothing_runs_twice() {
    let agent = Agent::speaking(|_| None);
    let said = call(wire(&agent, "right"), 2);
    assert!(
        said[0].contains("hung up") && said[1].contains("hung up"),
        "{said:?}"
    );
    assert_eq!(said[2], "0 processes");
    // Each call was made once; the second one over a new connection.
    assert_eq!((agent.commands().len(), agent.connections()), (2, 2));
}

#[test]
fn once_accepted_an_answer_that_cannot_be_read_is_an_error() {
    let agent = Agent::start(|stream, heard| {
        let (mut session, mut from) = (Session::default(), &stream);
        while let Ok(Some(Ok(call))) = session.read(&mut |room| from.read(room)) {
            let bytes = if call.command.is_empty() {
                let words = "bad request: command not specified".to_owned();
                session.answer(&Reply::Refused(words))
            } else {
                heard.commands.lock().unwrap().push(call.command);
                vec![7; 64]
            };
            (&stream).write_all(&bytes).unwrap();
        }
    });
    let said = call(wire(&agent, "right"), 1);
    assert!(said[0].contains("cannot be read"), "{said:?}");
    assert_eq!(
        (said[1].as_str(), agent.commands().len()),
        ("0 processes", 1)
    );
}

/// Answers `calls` calls, then is gone with its socket.
fn mortal(calls: usize) -> Agent {
    let agent = Agent {
        address: address(),
        heard: super::agent::Heard::default(),
    };
    let address = super::super::socket_address(&agent.address).unwrap();
    let listener = std::os::unix::net::UnixListener::bind_addr(&address).unwrap();
    std::thread::spawn(move || {
        let (stream, _) = listener.accept().unwrap();
        drop(listener);
        let (mut session, mut from) = (Session::default(), &stream);
        for number in 0..=calls {
            session.read(&mut |room| from.read(room)).unwrap();
            let reply = match number {
                0 => Reply::Refused("bad request: command not specified".to_owned()),
                _ => Reply::Done(ToolOutput::default()),
            };
            (&stream).write_all(&session.answer(&reply)).unwrap();
        }
    });
    agent
}

#[test]
fn once_accepted_an_agent_that_is_gone_is_an_error() {
    let agent = mortal(1);
    let said = call(wire(&agent, "right"), 3);
    assert_eq!(said[0], "");
    assert!(
        said[1].contains("gave no answer") && said[2].contains("gave no answer"),
        "{said:?}"
    );
    assert_eq!(said[3], "0 processes");
}

#[test]
fn a_write_that_is_lost_may_have_happened() {
    let agent = Agent::speaking(|_| None);
    let mut tools = Tools::new(wire(&agent, "right"));
    let error = leader_set(&mut tools, [("k", "v")], false).unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Unknown);
}

#[test]
fn a_refused_call_fails_as_jujus_tool_does() {
    let agent = Agent::speaking(|call| {
        Some(Reply::Refused(match call.command.as_str() {
            "leader-set" => "bad request: unknown command: leader-set".to_owned(),
            _ => "bad request: expected context id \"a\", got \"b\"".to_owned(),
        }))
    });
    let mut tools = Tools::new(wire(&agent, "right"));
    let error = leader_set(&mut tools, [("k", "v")], false).unwrap_err();
    assert!(error.is_missing(), "{error}");
    match crate::tools::is_leader(&mut tools).unwrap_err() {
        ToolError::Failed { code, stderr, .. } => {
            assert_eq!(code, 1);
            assert_eq!(stderr, "bad request: expected context id \"a\", got \"b\"");
        }
        other => panic!("{other}"),
    }
}

#[test]
fn a_call_arrives_as_it_was_made_and_always_with_an_input() {
    let agent = Agent::speaking(|call| {
        let here = std::env::current_dir().unwrap();
        assert_eq!(call.dir, here.to_str().unwrap());
        assert_eq!(call.context, "foo/0-install-1");
        let stdin = String::from_utf8(call.stdin.clone().unwrap()).unwrap();
        Some(Reply::Done(ToolOutput {
            code: 3,
            stdout: format!("{:?} {stdin:?}", call.args).into_bytes(),
            stderr: b"words".to_vec(),
        }))
    });
    let mut tools = Tools::new(wire(&agent, "right"));
    let big = "x".repeat(1 << 20);
    for (stdin, expected) in [
        (None, ""),
        (Some("a\nb"), "a\nb"),
        (Some(big.as_str()), big.as_str()),
    ] {
        let args = ["--".to_owned(), String::new(), "k=ü".to_owned()];
        let call = ToolCall {
            tool: "t",
            args: &args,
            stdin,
            secret: false,
        };
        let output = tools.call(&call).unwrap();
        assert_eq!((output.code, output.stderr.as_slice()), (3, &b"words"[..]));
        assert_eq!(output.stdout, format!("{args:?} {expected:?}").into_bytes());
    }
}

#[test]
fn only_processes_show_their_arguments() {
    let agent = Agent::speaking(|_| says(""));
    assert!(!Tools::new(wire(&agent, "right")).shows_arguments());
    assert!(Tools::new(wire(&agent, "wrong")).shows_arguments());
    assert!(Tools::exec().shows_arguments());
    assert_eq!(agent.commands(), Vec::<String>::new());
}

#[test]
fn printing_shows_no_token() {
    let agent = Agent::speaking(|_| says(""));
    assert!(!format!("{:?}", wire(&agent, "hunter2")).contains("hunter2"));
}

#[test]
fn a_tool_that_cannot_be_asked_has_not_started() {
    let agent = mortal(0);
    let mut wire = wire(&agent, "right");
    assert!(!crate::tools::Transport::shows_arguments(&mut wire));
    let call = ToolCall {
        tool: "sh",
        args: &[],
        stdin: None,
        secret: false,
    };
    // The first may be on its way when the agent goes; the second finds nobody.
    let _lost_or_not_started = crate::tools::Transport::call(&mut wire, &call).unwrap_err();
    let error = crate::tools::Transport::call(&mut wire, &call).unwrap_err();
    assert!(
        matches!(error, TransportError::NotStarted { .. }),
        "{error:?}"
    );
}
