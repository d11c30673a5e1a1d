//! Whether a service answers, asked on its own host with whatever can speak HTTP there.

use std::time::Duration;

use deploy_core::prelude::*;

/// `$1` host, `$2` port: prints the answer to `GET /health`, status line first, and fails when there is none.
const ASK: &str = r#"url=http://$1:$2/health
if command -v curl >/dev/null; then
  curl -sS -i --max-time 5 "$url"
elif command -v wget >/dev/null; then
  wget -q -S -T 5 -O - "$url" 2>&1
elif command -v bash >/dev/null; then
  bash -c 'exec 3<>"/dev/tcp/$0/$1" && printf "GET /health HTTP/1.0\r\nHost: $0\r\n\r\n" >&3 && cat <&3' "$1" "$2"
else
  echo "there is no curl, wget or bash to ask $url with" >&2; exit 1
fi"#;

/// The revision that answers healthily at `address`, if one does.
///
/// # Errors
/// When the host cannot be reached.
pub(crate) async fn revision(host: &Host, address: &str) -> Result<Option<String>> {
    let out = host.probe(ask(address).ok_codes(0..=255)).await?;
    let healthy = out.lines().next().is_some_and(|line| line.contains(" 200"));
    let revision =
        out.lines().find_map(|line| line.strip_prefix("revision ").map(|it| it.trim().to_owned()));
    Ok(revision.filter(|_| healthy))
}

/// Waits until `revision` answers healthily at `address`, for up to half a minute.
///
/// # Errors
/// When it does not.
pub(crate) async fn wait(host: &Host, address: &str, wanted: &str) -> Result {
    for _ in 0..60 {
        if revision(host, address).await?.as_deref() == Some(wanted) {
            return Ok(());
        }
        tokio::time::sleep(Duration::from_millis(500)).await;
    }
    Err(host.error(format!("revision {wanted} does not answer healthily at {address}")))
}

fn ask(address: &str) -> Cmd {
    let (host, port) = address.rsplit_once(':').unwrap_or((address, "80"));
    let host = if host == "0.0.0.0" { "127.0.0.1" } else { host };
    Cmd::script(ASK, [host, port]).described_as(format!("ask http://{host}:{port}/health"))
}
