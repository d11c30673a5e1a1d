//! What `cargo xtask bench` measures against where no program exists that does only the necessary: the `openssh` crate
//! on connections that are there already, without any framework.
//!
//! `bench_floor exec|shell SOCKETS COUNT CMD…`, `bench_floor put SOCKETS COUNT FILE REMOTE`, `bench_floor tar SOCKETS COUNT DIR REMOTE`;
//! `SOCKETS` is the directory of the control sockets `m.h1` to `m.hCOUNT`.

use std::fs::File;
use std::os::fd::OwnedFd;
use std::path::Path;

use futures_util::future::try_join_all;
use openssh::{Session, Stdio};
use tokio::io::{AsyncBufReadExt, AsyncWriteExt, BufReader};

type Result<T = ()> = std::result::Result<T, Box<dyn std::error::Error>>;

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result {
    let args: Vec<String> = std::env::args().skip(1).collect();
    let args: Vec<&str> = args.iter().map(String::as_str).collect();
    let [task, sockets, count, ref rest @ ..] = args[..] else {
        return Err("bench_floor exec|shell|put|tar SOCKETS COUNT …".into());
    };
    let sessions: Vec<Session> = (1..=count.parse()?)
        .map(|host: usize| Path::new(sockets).join(format!("m.h{host}")))
        .map(|socket| Session::resume_mux(socket.into_boxed_path(), None))
        .collect();
    match (task, rest) {
        ("exec", commands) => exec(&sessions, commands).await,
        ("shell", commands) => shell(&sessions, commands).await,
        ("put", [file, remote]) => pipe(&sessions, file, &format!("cat > {remote}")).await,
        ("tar", [directory, remote]) => tar(&sessions, directory, remote).await,
        _ => Err("unknown task".into()),
    }
}

/// A channel for each command, in lock step.
async fn exec(sessions: &[Session], commands: &[&str]) -> Result {
    for command in commands {
        let runs = sessions
            .iter()
            .map(|session| async move { session.raw_command(command).status().await });
        for status in try_join_all(runs).await? {
            if !status.success() {
                return Err(format!("{command}: {status}").into());
            }
        }
    }
    Ok(())
}

/// One shell for each host, to which all commands are given, in lock step.
async fn shell(sessions: &[Session], commands: &[&str]) -> Result {
    let mut shells = Vec::new();
    for session in sessions {
        let mut command = session.raw_command("sh");
        command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::null());
        shells.push(command);
    }
    let mut shells = try_join_all(shells.iter_mut().map(|shell| shell.spawn())).await?;
    let mut pipes = Vec::new();
    for shell in &mut shells {
        let (input, output) = (shell.stdin().take(), shell.stdout().take());
        let (Some(input), Some(output)) = (input, output) else { return Err("no pipes".into()) };
        pipes.push((input, BufReader::new(output)));
    }
    for command in commands {
        let frame = format!("( {command} ) </dev/null; echo __floor $?\n");
        let runs = pipes.iter_mut().map(|(input, output)| async {
            input.write_all(frame.as_bytes()).await?;
            let mut line = String::new();
            while output.read_line(&mut line).await? > 0 && !line.starts_with("__floor ") {
                line.clear();
            }
            Ok::<_, std::io::Error>(line)
        });
        if let Some(line) = try_join_all(runs).await?.iter().find(|line| *line != "__floor 0\n") {
            return Err(format!("{command}: {line}").into());
        }
    }
    drop(pipes);
    try_join_all(shells.into_iter().map(openssh::Child::wait)).await?;
    Ok(())
}

/// A directory as one archive, packed once.
async fn tar(sessions: &[Session], directory: &str, remote: &str) -> Result {
    let archive = tempfile::NamedTempFile::new()?;
    let path = archive.path().to_string_lossy();
    let packed =
        std::process::Command::new("tar").args(["-cf", &path, "-C", directory, "."]).status()?;
    if !packed.success() {
        return Err(format!("tar: {packed}").into());
    }
    pipe(sessions, &path, &format!("mkdir -p {remote} && tar -xf - -C {remote}")).await
}

/// A file through a command; the channel gets the file itself, not its bytes from us.
async fn pipe(sessions: &[Session], file: &str, through: &str) -> Result {
    let mut commands = Vec::new();
    for session in sessions {
        let mut command = session.raw_command(through);
        command.stdin(Stdio::from(OwnedFd::from(File::open(file)?)));
        commands.push(command);
    }
    for status in try_join_all(commands.iter_mut().map(|command| command.status())).await? {
        if !status.success() {
            return Err(format!("{through}: {status}").into());
        }
    }
    Ok(())
}
