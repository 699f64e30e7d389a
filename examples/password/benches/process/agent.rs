//! The unit agent's end of the socket, with the tools' answers.

use std::io::{BufReader, Read, Write};
use std::os::unix::net::{UnixListener, UnixStream};
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use ensign::tools::ToolOutput;
use ensign::tools::wire::{Call, Connection, Reply, Request, Session, socket_address};

/// Listens as long as this process lives; returns the address.
pub(crate) fn start(folder: &Path) -> String {
    let address = format!("@ensign-bench-{}", std::process::id());
    let listener = UnixListener::bind_addr(&socket_address(&address).unwrap()).unwrap();
    let folder = folder.to_owned();
    std::thread::spawn(move || {
        for stream in listener.incoming() {
            let (stream, folder) = (stream.unwrap(), folder.clone());
            std::thread::spawn(move || serve(&stream, folder));
        }
    });
    address
}

fn serve(stream: &UnixStream, folder: PathBuf) {
    let (mut session, mut from, mut to) = (Session::default(), BufReader::new(stream), stream);
    while let Some(call) = session.read(&mut |room| from.read(room)).unwrap() {
        let reply = reply(&call.unwrap(), &folder);
        to.write_all(&session.answer(&reply)).unwrap();
    }
}

fn reply(call: &Call, folder: &Path) -> Reply {
    if call.command.is_empty() {
        return Reply::Refused("bad request: command not specified".to_owned());
    }
    let stdin = String::from_utf8_lossy(call.stdin.as_deref().unwrap_or_default());
    let stdout = crate::answer(&call.command, &stdin, folder).into_bytes();
    Reply::Done(ToolOutput {
        stdout,
        ..ToolOutput::default()
    })
}

/// How long a call takes in the middle of many.
pub(crate) fn call(address: &str, times: usize) -> Duration {
    let mut connection = Connection::dial(address).unwrap();
    let request = Request {
        context: "password/0-update-status-1",
        dir: "/var/lib/juju/agents/unit-password-0/charm".as_ref(),
        command: "is-leader",
        args: &["--format=json".to_owned()],
        stdin: Some(b""),
        token: "",
    };
    let mut took: Vec<Duration> = (0..times)
        .map(|_| {
            let start = Instant::now();
            connection.send(&request).unwrap();
            assert!(matches!(connection.receive().unwrap(), Reply::Done(_)));
            start.elapsed()
        })
        .collect();
    took.sort_unstable();
    took[times / 2]
}
