//! Ways into a unit's machine that need no network of the host's.

use std::io;
use std::net::{SocketAddr, TcpListener, TcpStream};
use std::os::fd::OwnedFd;
use std::path::PathBuf;
use std::process::{Command, Stdio};

use ensign_model::UnitName;

use super::connection::{LocalModel, unexpected};
use super::protocol::{Answer, Request};
use crate::error::{Doing, Result};
use crate::roles;

impl LocalModel {
    /// `juju ssh UNIT [COMMAND]`: a program to run in the unit's machine as its operator, outside of any hook. Without
    /// `words` it is a shell. It takes this process's stdin, stdout and stderr unless they are set.
    ///
    /// # Errors
    /// [`crate::Error::Model`] when the unit has no machine, or that is not up.
    pub fn shell(&mut self, unit: &UnitName, words: &[String]) -> Result<Command> {
        let process = self.process(unit)?;
        let mut command = Command::new(self.folder.exe());
        command
            .args([roles::ENTER, &process.to_string()])
            .args(words);
        Ok(command)
    }

    /// `juju ssh -L`: who connects to `local` on this host is connected to `host`, `port` as the unit's machine reaches them,
    /// until the value is dropped. With port 0 any port is taken. It works for ordinary users too, who do not reach machines
    /// by address.
    ///
    /// # Errors
    /// [`crate::Error::Model`] when the unit has no machine or that is not up; when `local` cannot be had.
    pub fn forward(
        &mut self,
        unit: &UnitName,
        local: SocketAddr,
        (host, port): (&str, u16),
    ) -> Result<Forward> {
        let process = self.process(unit)?;
        let listening = || format!("listen on {local}");
        let listener = TcpListener::bind(local).doing(listening)?;
        let local = listener.local_addr().doing(listening)?;
        let line = Line {
            exe: self.folder.exe(),
            words: [
                roles::DIAL.to_owned(),
                process.to_string(),
                host.to_owned(),
                port.to_string(),
            ],
        };
        let own = listener.try_clone().doing(listening)?;
        std::thread::spawn(move || {
            for stream in own.incoming().map_while(io::Result::ok) {
                // One that cannot be served is closed.
                let _ = line.serve(stream);
            }
        });
        Ok(Forward { listener, local })
    }

    fn process(&mut self, unit: &UnitName) -> Result<u32> {
        match self.ask(&Request::Process { unit: unit.clone() }, &mut |_| {})? {
            Answer::Process(process) => Ok(process),
            other => Err(unexpected(&other)),
        }
    }
}

/// A port of this host that leads into a machine.
#[derive(Debug)]
pub struct Forward {
    listener: TcpListener,
    local: SocketAddr,
}

impl Forward {
    /// Where it listens.
    pub fn local(&self) -> SocketAddr {
        self.local
    }
}

impl Drop for Forward {
    fn drop(&mut self) {
        // Ends the wait for connections, as on any listening socket that is shut down.
        let _ = rustix::net::shutdown(&self.listener, rustix::net::Shutdown::Both);
    }
}

/// How a connection gets into the machine.
struct Line {
    exe: PathBuf,
    words: [String; 4],
}

impl Line {
    fn serve(&self, stream: TcpStream) -> io::Result<()> {
        let mut child = Command::new(&self.exe)
            .args(&self.words)
            .stdin(Stdio::from(OwnedFd::from(stream)))
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .spawn()?;
        std::thread::spawn(move || child.wait());
        Ok(())
    }
}
