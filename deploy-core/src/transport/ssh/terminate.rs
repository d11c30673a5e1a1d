//! Ends a master by a message on its socket: the one that the `openssh` crate does not send.
//!
//! `ssh -O exit` does the same, but as a process for each host, which took a third of a short run on fifty hosts. The protocol
//! is OpenSSH's `PROTOCOL.mux`: packets of a length and that many bytes, all numbers 32 bits with the highest byte
//! first, a greeting from each side, then requests and answers.

use std::io;
use std::path::Path;

use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::UnixStream;

const HELLO: u32 = 0x0000_0001;
const VERSION: u32 = 4;
const TERMINATE: u32 = 0x1000_0005;
const OK: u32 = 0x8000_0001;

/// The number of our only request.
const REQUEST: u32 = 1;

/// What a master says is short; anything longer is no master.
const LONGEST: usize = 1024;

/// Asks the master at `socket` to end, and returns once it has said that it does.
///
/// # Errors
/// When there is none, or it refuses.
pub(super) async fn terminate(socket: &Path) -> io::Result<()> {
    let mut stream = UnixStream::connect(socket).await?;
    let mut packets = packet(&[HELLO, VERSION]);
    packets.extend(packet(&[TERMINATE, REQUEST]));
    stream.write_all(&packets).await?;
    loop {
        match receive(&mut stream).await? {
            HELLO => {}
            OK => return Ok(()),
            other => return Err(io::Error::other(format!("the master answered {other:#x}"))),
        }
    }
}

fn packet(words: &[u32]) -> Vec<u8> {
    let length = u32::try_from(words.len() * 4).unwrap_or(u32::MAX);
    std::iter::once(&length).chain(words).flat_map(|word| word.to_be_bytes()).collect()
}

/// The type of the next packet.
async fn receive(stream: &mut UnixStream) -> io::Result<u32> {
    let length = usize::try_from(stream.read_u32().await?).unwrap_or(usize::MAX);
    if !(4..=LONGEST).contains(&length) {
        return Err(io::ErrorKind::InvalidData.into());
    }
    let kind = stream.read_u32().await?;
    stream.read_exact(&mut vec![0; length - 4]).await?;
    Ok(kind)
}

#[cfg(test)]
mod tests {
    use super::*;
    use tokio::net::UnixListener;

    /// A master that reads what it is sent and answers with these packets.
    async fn answered(answer: Vec<Vec<u8>>) -> (io::Result<()>, Vec<u8>) {
        let dir = tempfile::tempdir().unwrap();
        let socket = dir.path().join("m");
        let listener = UnixListener::bind(&socket).unwrap();
        let master = async {
            let (mut stream, _) = listener.accept().await.unwrap();
            let mut asked = vec![0; 24];
            stream.read_exact(&mut asked).await.unwrap();
            stream.write_all(&answer.concat()).await.unwrap();
            asked
        };
        tokio::join!(terminate(&socket), master)
    }

    #[tokio::test]
    async fn greets_asks_and_believes_the_answer() {
        let hello = packet(&[HELLO, VERSION]);
        let (outcome, asked) = answered(vec![hello.clone(), packet(&[OK, REQUEST])]).await;
        assert!(outcome.is_ok());
        assert_eq!(asked[..12], [0, 0, 0, 8, 0, 0, 0, 1, 0, 0, 0, 4]);
        assert_eq!(asked[12..], [0, 0, 0, 8, 0x10, 0, 0, 5, 0, 0, 0, 1]);
        assert!(answered(vec![hello, packet(&[0x8000_0002, REQUEST])]).await.0.is_err());
    }

    #[tokio::test]
    async fn what_is_no_master_is_not_waited_for() {
        assert!(answered(vec![vec![0xff; 8]]).await.0.is_err());
        assert!(answered(vec![]).await.0.is_err());
        assert!(terminate(Path::new("/nonexistent")).await.is_err());
    }
}
