//! The password that sudo, doas or su asks for on a host: typed when its prompt shows up on standard error, and not before.
//!
//! Knows streams. Where the password comes from and on which host it is tried first are decided above.

use std::fmt;
use std::ops::Range;
use std::sync::Arc;
use std::time::Duration;

use tokio::io::{AsyncRead, AsyncReadExt, AsyncWrite, AsyncWriteExt};
use tokio::time::{Instant, sleep_until};
use tokio_util::sync::CancellationToken;

use super::drive::End;
use super::frames::Mark;
use crate::command::Secret;
use crate::host::Elevation;

/// How long the program may take to ask, and to make up its mind. PAM waits some seconds after a wrong password.
const LIMIT: Duration = Duration::from_secs(60);

/// How much of what is said before the prompt is kept, to say why none came.
const SAID: usize = 8 << 10;

/// What sudo says of a password that it did not take; said by us when it asks again instead.
const REFUSED: &str = "incorrect password attempt";

/// A password for sudo, doas or su, with the words by which the prompt is known. Nothing shows it.
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

    /// What nobody can guess: followed by `p` it is sudo's prompt, or comes before the prompt of what cannot be told its own; followed
    /// by `r` it is the word of a shell that has started.
    pub(super) fn mark(&self) -> &str {
        &self.mark
    }

    /// The password itself.
    pub(super) fn secret(&self) -> &Secret {
        &self.password
    }

    /// Types it if `by` asks for it. Returns when the shell behind that has started, which says so on standard error.
    ///
    /// # Errors
    /// How it ended instead. A second prompt means that the password is wrong; it is not typed again.
    pub(super) async fn type_in(
        &self,
        by: Elevation,
        cancel: &CancellationToken,
        stdin: &mut (impl AsyncWrite + Unpin),
        stdout: &mut (impl AsyncRead + Unpin),
        stderr: &mut (impl AsyncRead + Unpin),
    ) -> Result<(), End> {
        let password = Some((by, &self.password));
        match started(&self.mark, password, cancel, stdin, stdout, stderr).await? {
            // What waits there to pass the password on would take what is meant for the shell.
            Typed::Nothing if by == Elevation::Doas => {
                Err(End::NotStarted(format!("{by} wanted a password and did not ask for it")))
            }
            Typed::Nothing | Typed::Password => Ok(()),
        }
    }
}

/// What was typed before a shell started.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Typed {
    Nothing,
    Password,
}

/// Waits until a shell says on standard error that it has started: `mark` and an `r`. Types the password, if there is one, when
/// it is asked for.
///
/// # Errors
/// As [`SudoPassword::type_in`].
pub(super) async fn started(
    mark: &str,
    password: Option<(Elevation, &Secret)>,
    cancel: &CancellationToken,
    stdin: &mut (impl AsyncWrite + Unpin),
    stdout: &mut (impl AsyncRead + Unpin),
    stderr: &mut (impl AsyncRead + Unpin),
) -> Result<Typed, End> {
    let (prompt, ready) = (format!("{mark}p"), format!("{mark}r"));
    let words = |said: &[u8]| text(said).replace(&prompt, "").trim().to_owned();
    let deadline = Instant::now() + LIMIT;
    let mut said: Vec<u8> = Vec::new();
    let (mut typed, mut out_open) = (Typed::Nothing, true);
    let (mut buffer, mut noise) = (vec![0; 4 << 10], vec![0; 4 << 10]);
    loop {
        tokio::select! {
            read = stderr.read(&mut buffer) => match read {
                Ok(count @ 1..) => said.extend_from_slice(&buffer[..count]),
                _ => return Err(End::NotStarted(words(&said))),
            },
            // What a login profile prints must not fill the pipe.
            read = stdout.read(&mut noise), if out_open => out_open = matches!(read, Ok(1..)),
            () = cancel.cancelled() => return Err(End::Cancelled),
            () = sleep_until(deadline) => {
                let what = match (password, typed) {
                    (None, _) => "the shell did not start".to_owned(),
                    (Some((by, _)), Typed::Nothing) => format!("{by} did not ask for a password"),
                    (Some((by, _)), Typed::Password) => format!("{by} did not decide on the password"),
                };
                return Err(End::NotStarted(format!("{}\n{what} within {LIMIT:?}", words(&said))));
            }
        }
        if find(&said, ready.as_bytes()).is_some() {
            return Ok(typed);
        }
        if let Some((by, password)) = password
            && let Some(asked) = asked(by, &said, prompt.as_bytes())
        {
            said.drain(asked);
            if typed == Typed::Password {
                return Err(End::NotStarted(format!("{}\n{REFUSED}", words(&said))));
            }
            typed = Typed::Password;
            let line = [password.expose().as_bytes(), b"\n"].concat();
            let write = async {
                stdin.write_all(&line).await?;
                stdin.flush().await
            };
            if write.await.is_err() {
                return Err(End::NotStarted(words(&said)));
            }
        }
        if said.len() > SAID {
            said.drain(..said.len() - SAID / 2);
        }
    }
}

/// Which part of what has been said asks for the password. sudo's prompt is ours. The others have their own, which comes after `prompt` and is the
/// last thing that they say before they wait; before that word nobody who could say the same is listened to.
fn asked(by: Elevation, said: &[u8], prompt: &[u8]) -> Option<Range<usize>> {
    let at = find(said, prompt)?;
    let end = at + prompt.len();
    if by == Elevation::Sudo {
        return Some(at..end);
    }
    let last = text(&said[end..]).to_lowercase();
    let last = last.rsplit(['\n', '\r']).next().unwrap_or_default();
    // The word stays, because it comes once.
    (last.contains("password") && last.ends_with(':')).then_some(end..said.len())
}

/// Whether sudo, sudo-rs, doas or we in the place of su want a password that was not given.
pub(super) fn is_needed(said: &str) -> bool {
    ["a password is required", "interactive authentication is required", "Authentication required"]
        .iter()
        .any(|words| said.contains(words))
}

/// Whether it did not take the one that it was given.
pub(super) fn is_refused(said: &str) -> bool {
    [REFUSED, "incorrect authentication attempt", "Authentication failed", "Authentication failure"]
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

    /// One that asks until it is told the right password, or not at all. Returns how that went and what it was told.
    async fn told(by: Elevation, right: &str, asks: bool) -> (Result<(), End>, Vec<String>) {
        let password = SudoPassword::new(Secret::new("open sesame".to_owned()));
        let (mark, ready) = (format!("{}p", password.mark()), format!("{}r\n", password.mark()));
        let prompt = match by {
            Elevation::Sudo => mark.clone(),
            Elevation::Doas => "\rdoas (deploy@web1) password: ".to_owned(),
            Elevation::Su => "Password: ".to_owned(),
        };
        let (mut stdin, theirs) = duplex(64);
        let (mut stderr, mut says) = duplex(64);
        let right = right.to_owned();
        let sudo = tokio::spawn(async move {
            let mut told = Vec::new();
            let mut lines = BufReader::new(theirs).lines();
            // Nobody else is told it, whatever they ask for.
            says.write_all(b"We trust you have received the usual lecture.\nPassword: ")
                .await
                .unwrap();
            if by != Elevation::Sudo {
                says.write_all(format!("{mark}\n").as_bytes()).await.unwrap();
            }
            let mut asks = asks;
            while asks {
                says.write_all(prompt.as_bytes()).await.unwrap();
                let Ok(Some(line)) = lines.next_line().await else { return told };
                asks = line != right;
                told.push(line);
                match (by, asks) {
                    (_, false) => {}
                    (Elevation::Sudo, true) => {
                        says.write_all(b"Sorry, try again.\n").await.unwrap()
                    }
                    (_, true) => {
                        says.write_all(b"\nsu: Authentication failure\n").await.unwrap();
                        return told;
                    }
                }
            }
            says.write_all(ready.as_bytes()).await.unwrap();
            told
        });
        let cancel = CancellationToken::new();
        let end = password.type_in(by, &cancel, &mut stdin, &mut empty(), &mut stderr).await;
        drop((stdin, stderr));
        (end, sudo.await.unwrap())
    }

    #[tokio::test]
    async fn it_is_typed_once_and_only_when_asked_for() {
        for by in Elevation::ALL {
            let right = (Ok(()), vec!["open sesame".to_owned()]);
            assert_eq!(told(by, "open sesame", true).await, right, "{by}");
            let (end, lines) = told(by, "", false).await;
            // What passes it on to doas still waits for it.
            assert_eq!(end.is_err(), by == Elevation::Doas, "{by}: {end:?}");
            assert_eq!(lines.len(), 0);
            let (end, lines) = told(by, "something else", true).await;
            let Err(End::NotStarted(said)) = end else { panic!("{by}: {end:?}") };
            assert!(is_refused(&said) && said.lines().count() > 1, "{by}: {said}");
            assert_eq!(lines.len(), 1);
        }
    }

    /// What the programs say, as it was read off them: sudo 1.9.13, sudo-rs 0.2.15, opendoas 6.8.2 and su of util-linux 2.38, all with
    /// Debian's PAM.
    #[test]
    fn what_they_say_is_understood() {
        for needed in [
            "sudo: a password is required",
            "sudo: interactive authentication is required",
            "doas: Authentication required",
        ] {
            assert!(is_needed(needed) && !is_refused(needed), "{needed}");
        }
        for refused in [
            "sudo: 1 incorrect password attempt",
            "sudo: Authentication failed, try again.",
            "sudo: maximum 3 incorrect authentication attempts",
            "doas: Authentication failed",
            "su: Authentication failure",
        ] {
            assert!(is_refused(refused) && !is_needed(refused), "{refused}");
        }
        for other in [
            "sudo: I'm sorry app. I'm afraid I can't do that",
            "app is not in the sudoers file.",
            "sudo: user 'nobody1' not found",
            "doas: Operation not permitted",
            "su: user nobody1 does not exist or the user entry does not contain all the required fields",
        ] {
            assert!(!is_needed(other) && !is_refused(other), "{other}");
        }
        // sudo-rs puts the prompt that it is told into one of its own.
        assert_eq!(asked(Elevation::Sudo, b"[sudo: MARKp] Password: ", b"MARKp"), Some(7..12));
        for (by, said, is_prompt) in [
            (Elevation::Doas, "MARKp\r\n\rdoas (deploy@web1) password: ", true),
            (Elevation::Doas, "MARKp\r\n\rdoas (deploy@web1) pass", false),
            (Elevation::Doas, "doas (deploy@web1) password: ", false),
            (Elevation::Su, "MARKp\nPassword: ", true),
            (Elevation::Su, "Password: MARKp\n", false),
            (Elevation::Su, "MARKp\nYour password expires in 3 days:\nYou have mail", false),
        ] {
            assert_eq!(asked(by, said.as_bytes(), b"MARKp").is_some(), is_prompt, "{said}");
        }
    }

    #[test]
    fn nothing_shows_it() {
        let password = SudoPassword::new(Secret::new("open sesame".to_owned()));
        assert_eq!(format!("{password:?}"), "SudoPassword(<secret>)");
    }
}
