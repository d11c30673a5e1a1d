//! The password that sudo asks for on a host: typed when its prompt shows up on standard error, and not before.
//!
//! Knows streams. Where the password comes from and on which host it is tried first are decided above.

use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use tokio::io::{AsyncRead, AsyncReadExt, AsyncWrite, AsyncWriteExt};
use tokio::time::{Instant, sleep_until};
use tokio_util::sync::CancellationToken;

use super::drive::End;
use super::frames::Mark;
use crate::command::Secret;

/// How long sudo may take to ask, and to make up its mind. PAM waits some seconds after a wrong password.
const LIMIT: Duration = Duration::from_secs(60);

/// How much of what is said before the prompt is kept, to say why none came.
const SAID: usize = 8 << 10;

/// What sudo's exit says of a password that it did not take; said by us when it asks again instead.
const REFUSED: &str = "incorrect password attempt";

/// A password for sudo, with the words by which its prompt is known. Nothing shows it.
#[derive(Clone)]
pub struct SudoPassword {
    password: Secret,
    mark: Arc<str>,
}

impl SudoPassword {
    /// A password; of several lines only the first could ever be typed.
    #[must_use]
    pub fn new(password: Secret) -> Self {
        Self { password, mark: Mark::new().word().into() }
    }

    /// What nobody can guess: followed by `p` it is sudo's prompt, followed by `r` the word of a shell that has started.
    pub(super) fn mark(&self) -> &str {
        &self.mark
    }

    /// The password itself.
    pub(super) fn secret(&self) -> &Secret {
        &self.password
    }

    /// Types it if it is asked for. Returns when the shell behind sudo has started, which says so on standard error.
    ///
    /// # Errors
    /// How it ended instead. A second prompt means that the password is wrong; it is not typed again.
    pub(super) async fn type_in(
        &self,
        cancel: &CancellationToken,
        stdin: &mut (impl AsyncWrite + Unpin),
        stdout: &mut (impl AsyncRead + Unpin),
        stderr: &mut (impl AsyncRead + Unpin),
    ) -> Result<(), End> {
        started(&self.mark, Some(&self.password), cancel, stdin, stdout, stderr).await
    }
}

/// Waits until a shell says on standard error that it has started: `mark` and an `r`. Types the password, if there is one, when
/// `mark` and a `p` ask for it.
///
/// # Errors
/// As [`SudoPassword::type_in`].
pub(super) async fn started(
    mark: &str,
    password: Option<&Secret>,
    cancel: &CancellationToken,
    stdin: &mut (impl AsyncWrite + Unpin),
    stdout: &mut (impl AsyncRead + Unpin),
    stderr: &mut (impl AsyncRead + Unpin),
) -> Result<(), End> {
    let (prompt, ready) = (format!("{mark}p"), format!("{mark}r"));
    let deadline = Instant::now() + LIMIT;
    let mut said: Vec<u8> = Vec::new();
    let (mut typed, mut out_open) = (false, true);
    let (mut buffer, mut noise) = (vec![0; 4 << 10], vec![0; 4 << 10]);
    loop {
        tokio::select! {
            read = stderr.read(&mut buffer) => match read {
                Ok(count @ 1..) => said.extend_from_slice(&buffer[..count]),
                _ => return Err(End::NotStarted(text(&said))),
            },
            // What a login profile prints must not fill the pipe.
            read = stdout.read(&mut noise), if out_open => out_open = matches!(read, Ok(1..)),
            () = cancel.cancelled() => return Err(End::Cancelled),
            () = sleep_until(deadline) => {
                let what = match (password, typed) {
                    (None, _) => "the shell did not start",
                    (Some(_), false) => "sudo did not ask for a password",
                    (Some(_), true) => "sudo did not decide on the password",
                };
                return Err(End::NotStarted(format!("{}\n{what} within {LIMIT:?}", text(&said))));
            }
        }
        if find(&said, ready.as_bytes()).is_some() {
            return Ok(());
        }
        if let Some(password) = password
            && let Some(at) = find(&said, prompt.as_bytes())
        {
            said.drain(at..at + prompt.len());
            if typed {
                return Err(End::NotStarted(format!("{}\n{REFUSED}", text(&said))));
            }
            typed = true;
            let line = [password.expose().as_bytes(), b"\n"].concat();
            let write = async {
                stdin.write_all(&line).await?;
                stdin.flush().await
            };
            if write.await.is_err() {
                return Err(End::NotStarted(text(&said)));
            }
        }
        if said.len() > SAID {
            said.drain(..said.len() - SAID / 2);
        }
    }
}

/// Whether sudo, or sudo-rs, wants a password that it was not given.
pub(super) fn is_needed(said: &str) -> bool {
    said.contains("a password is required")
        || said.contains("interactive authentication is required")
}

/// Whether it did not take the one that it was given.
pub(super) fn is_refused(said: &str) -> bool {
    [REFUSED, "incorrect authentication attempt", "Authentication failed"]
        .iter()
        .any(|words| said.contains(words))
}

fn find(bytes: &[u8], word: &[u8]) -> Option<usize> {
    bytes.windows(word.len()).position(|window| window == word)
}

fn text(bytes: &[u8]) -> String {
    String::from_utf8_lossy(bytes).trim().to_owned()
}

impl fmt::Debug for SudoPassword {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("SudoPassword(<secret>)")
    }
}

#[cfg(test)]
mod tests {
    use tokio::io::{AsyncBufReadExt, BufReader, duplex, empty};

    use super::*;

    /// A sudo that asks until it is told the right password, or not at all. Returns how that went and what it was told.
    async fn sudo(right: &str, asks: bool) -> (Result<(), End>, Vec<String>) {
        let password = SudoPassword::new(Secret::new("open sesame".to_owned()));
        let (prompt, ready) = (format!("{}p", password.mark()), format!("{}r\n", password.mark()));
        let (mut stdin, theirs) = duplex(64);
        let (mut stderr, mut says) = duplex(64);
        let right = right.to_owned();
        let sudo = tokio::spawn(async move {
            let mut told = Vec::new();
            let mut lines = BufReader::new(theirs).lines();
            says.write_all(b"We trust you have received the usual lecture.\n").await.unwrap();
            let mut asks = asks;
            while asks {
                says.write_all(prompt.as_bytes()).await.unwrap();
                let Ok(Some(line)) = lines.next_line().await else { return told };
                asks = line != right;
                told.push(line);
                if asks {
                    says.write_all(b"Sorry, try again.\n").await.unwrap();
                }
            }
            says.write_all(ready.as_bytes()).await.unwrap();
            told
        });
        let cancel = CancellationToken::new();
        let end = password.type_in(&cancel, &mut stdin, &mut empty(), &mut stderr).await;
        drop((stdin, stderr));
        (end, sudo.await.unwrap())
    }

    #[tokio::test]
    async fn it_is_typed_once_and_only_when_asked_for() {
        assert_eq!(sudo("open sesame", true).await, (Ok(()), vec!["open sesame".to_owned()]));
        assert_eq!(sudo("", false).await, (Ok(()), Vec::new()));
        let (end, told) = sudo("something else", true).await;
        let Err(End::NotStarted(said)) = end else { panic!("{end:?}") };
        assert!(is_refused(&said) && said.contains("try again"), "{said}");
        assert_eq!(told.len(), 1);
    }

    #[test]
    fn nothing_shows_it() {
        let password = SudoPassword::new(Secret::new("open sesame".to_owned()));
        assert_eq!(format!("{password:?}"), "SudoPassword(<secret>)");
    }
}
