//! What ssh's messages mean.
//!
//! Its exit code is 255 for every failure, so the text is all there is. The words are OpenSSH's own and the
//! system's error texts; a proxy command's and a jump host's come along on the same stream.

use crate::error::Unreachable;

/// A phrase and what it means; the first phrase that occurs decides, so the more telling ones come first.
const PHRASES: &[(&str, Unreachable)] = &[
    ("REMOTE HOST IDENTIFICATION HAS CHANGED", Unreachable::HostKeyChanged),
    ("host key is known for", Unreachable::HostKeyUnknown),
    ("authenticity of host", Unreachable::HostKeyUnknown),
    ("Host key verification failed", Unreachable::HostKeyUnknown),
    ("Could not resolve hostname", Unreachable::UnknownName),
    ("Name or service not known", Unreachable::UnknownName),
    ("Connection refused", Unreachable::Refused),
    ("No route to host", Unreachable::NoRoute),
    ("Host is unreachable", Unreachable::NoRoute),
    ("Network is unreachable", Unreachable::NoRoute),
    ("timed out", Unreachable::TimedOut),
    ("Permission denied", Unreachable::PermissionDenied),
    ("Too many authentication failures", Unreachable::PermissionDenied),
    ("Unable to negotiate with", Unreachable::Handshake),
    ("kex_exchange_identification", Unreachable::Handshake),
    ("ssh_exchange_identification", Unreachable::Handshake),
    ("banner exchange", Unreachable::Handshake),
    ("Connection closed by", Unreachable::Handshake),
    ("Connection reset by", Unreachable::Handshake),
    ("Bad packet length", Unreachable::Handshake),
    ("Protocol major versions differ", Unreachable::Handshake),
];

/// Why ssh did not connect, and the line that says so.
pub(super) fn classify(stderr: &str) -> (Unreachable, String) {
    for (phrase, reason) in PHRASES {
        if let Some(line) = stderr.lines().find(|line| line.contains(phrase)) {
            let line = match reason {
                Unreachable::HostKeyChanged => offending(stderr).unwrap_or(line),
                _ => line,
            };
            return (*reason, tidy(line));
        }
    }
    let last =
        stderr.lines().rev().find(|line| !line.trim().is_empty()).unwrap_or("ssh said nothing");
    (Unreachable::Other, tidy(last))
}

/// Where the key is that does not match.
fn offending(stderr: &str) -> Option<&str> {
    stderr.lines().find(|line| line.starts_with("Offending "))
}

fn tidy(line: &str) -> String {
    let line = line.trim().trim_matches('@').trim();
    line.strip_prefix("ssh: ").unwrap_or(line).to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Texts of OpenSSH 9.2, as it wrote them.
    #[test]
    fn real_texts() {
        for (stderr, reason, detail) in [
            (
                "ssh: Could not resolve hostname nosuch.invalid: Name or service not known\r\n",
                Unreachable::UnknownName,
                "Could not resolve hostname nosuch.invalid: Name or service not known",
            ),
            (
                "ssh: connect to host 127.0.0.1 port 1: Connection refused\r\n",
                Unreachable::Refused,
                "connect to host 127.0.0.1 port 1: Connection refused",
            ),
            (
                "ssh: connect to host 10.255.255.1 port 22: Connection timed out\r\n",
                Unreachable::TimedOut,
                "connect to host 10.255.255.1 port 22: Connection timed out",
            ),
            (
                "Connection timed out during banner exchange\r\nConnection to UNKNOWN port 65535 timed out\r\n",
                Unreachable::TimedOut,
                "Connection timed out during banner exchange",
            ),
            (
                "ssh: connect to host 10.9.9.9 port 22: No route to host\r\n",
                Unreachable::NoRoute,
                "connect to host 10.9.9.9 port 22: No route to host",
            ),
            (
                "deploy@10.77.0.11: Permission denied (publickey,password).\r\n",
                Unreachable::PermissionDenied,
                "deploy@10.77.0.11: Permission denied (publickey,password).",
            ),
            (
                "Warning: Identity file nokey not accessible: No such file or directory.\nReceived disconnect from 127.0.0.1 port 22:2: Too many authentication failures\r\nDisconnected from 127.0.0.1 port 22\r\n",
                Unreachable::PermissionDenied,
                "Received disconnect from 127.0.0.1 port 22:2: Too many authentication failures",
            ),
            (
                "No ED25519 host key is known for web1 and you have requested strict checking.\r\nHost key verification failed.\r\n",
                Unreachable::HostKeyUnknown,
                "No ED25519 host key is known for web1 and you have requested strict checking.",
            ),
            (
                "Host key verification failed.\r\n",
                Unreachable::HostKeyUnknown,
                "Host key verification failed.",
            ),
            (
                "@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@\r\n@    WARNING: REMOTE HOST IDENTIFICATION HAS CHANGED!     @\r\n@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@\r\nIT IS POSSIBLE THAT SOMEONE IS DOING SOMETHING NASTY!\r\nOffending ED25519 key in /home/me/.ssh/known_hosts:3\r\nHost key for web1 has changed and you have requested strict checking.\r\nHost key verification failed.\r\n",
                Unreachable::HostKeyChanged,
                "Offending ED25519 key in /home/me/.ssh/known_hosts:3",
            ),
            (
                "Unable to negotiate with 127.0.0.1 port 22: no matching host key type found. Their offer: ssh-rsa\r\n",
                Unreachable::Handshake,
                "Unable to negotiate with 127.0.0.1 port 22: no matching host key type found. Their offer: ssh-rsa",
            ),
            (
                "kex_exchange_identification: Connection closed by remote host\r\nConnection closed by 127.0.0.1 port 22\r\n",
                Unreachable::Handshake,
                "kex_exchange_identification: Connection closed by remote host",
            ),
            (
                "channel 0: open failed: connect failed: Connection refused\r\nstdio forwarding failed\r\nkex_exchange_identification: Connection closed by remote host\r\n",
                Unreachable::Refused,
                "channel 0: open failed: connect failed: Connection refused",
            ),
            (
                "/etc/x: line 1: Bad configuration option: nonsense\r\n/etc/x: terminating, 1 bad configuration options\r\n",
                Unreachable::Other,
                "/etc/x: terminating, 1 bad configuration options",
            ),
            ("", Unreachable::Other, "ssh said nothing"),
        ] {
            assert_eq!(classify(stderr), (reason, detail.to_owned()), "{stderr}");
        }
    }
}
