//! The way into the lab for OpenSSH: standard input and output on one side, an address of the lab on the other.
//!
//! It runs inside the lab's network namespace. Where the kernel has no netem, it also makes the delay that `lab delay` asks
//! for, then for these connections only. It must start fast, since every connection starts one.

use std::fs;
use std::io::{ErrorKind, Read, Write};
use std::net::{Ipv4Addr, Shutdown, TcpStream};
use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::sync::mpsc::{Receiver, SyncSender, sync_channel};
use std::thread;
use std::time::{Duration, Instant};

use crate::error::{Context, Result};

/// Chunks that may be under way, which bounds memory and not much else.
const UNDER_WAY: usize = 256;

/// Where `lab delay` leaves the milliseconds for a host.
pub(crate) fn delay_file(lab: &Path, address: Ipv4Addr) -> PathBuf {
    lab.join(format!("delay/{address}"))
}

/// Copies until one side ends.
pub(crate) fn run(lab: &Path, address: Ipv4Addr, port: u16) -> Result<ExitCode> {
    let delay_file = delay_file(lab, address);
    thread::sleep(delay(&delay_file));
    let socket = TcpStream::connect((address, port))
        .context(format_args!("connect to {address} port {port}"))?;
    socket.set_nodelay(true).context("set up the connection")?;
    let from_host = socket.try_clone().context("share the connection")?;
    let (sender, receiver) = sync_channel(UNDER_WAY);
    thread::spawn(move || to_host(socket));
    thread::spawn(move || read_chunks(from_host, &delay_file, &sender));
    write_chunks(&receiver);
    Ok(ExitCode::SUCCESS)
}

/// Ends the whole process with its input, because OpenSSH is gone then.
fn to_host(mut socket: TcpStream) {
    let copied = copy(&mut std::io::stdin().lock(), &mut socket);
    // The kernel still delivers what was written; a failed copy means that the host is gone.
    let _ = socket.shutdown(Shutdown::Write);
    std::process::exit(i32::from(copied.is_err()));
}

/// Not `std::io::copy`, which splices here: while the host takes nothing, that holds a lock on the pipe, and OpenSSH, waiting
/// for the lock, cannot notice that the host is gone.
fn copy(from: &mut impl Read, to: &mut impl Write) -> std::io::Result<()> {
    let mut buffer = vec![0; 64 * 1024];
    loop {
        match from.read(&mut buffer) {
            Ok(0) => return Ok(()),
            Ok(length) => to.write_all(&buffer[..length])?,
            Err(error) if error.kind() == ErrorKind::Interrupted => {}
            Err(error) => return Err(error),
        }
    }
}

fn read_chunks(mut socket: TcpStream, delay_file: &Path, sender: &SyncSender<(Instant, Vec<u8>)>) {
    let mut buffer = vec![0; 64 * 1024];
    loop {
        match socket.read(&mut buffer) {
            Ok(0) => return,
            Ok(length) => {
                let due = Instant::now() + delay(delay_file);
                if sender.send((due, buffer[..length].to_vec())).is_err() {
                    return;
                }
            }
            Err(error) if error.kind() == ErrorKind::Interrupted => {}
            Err(_) => return,
        }
    }
}

fn write_chunks(receiver: &Receiver<(Instant, Vec<u8>)>) {
    let mut out = std::io::stdout().lock();
    for (due, chunk) in receiver {
        thread::sleep(due.saturating_duration_since(Instant::now()));
        if out.write_all(&chunk).and_then(|()| out.flush()).is_err() {
            return;
        }
    }
}

fn delay(file: &Path) -> Duration {
    let text = fs::read_to_string(file).unwrap_or_default();
    Duration::from_millis(text.trim().parse().unwrap_or(0))
}
