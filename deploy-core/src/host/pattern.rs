//! Host patterns such as `deploy@web[01-20].example.com:2222,db1`.
//!
//! A pattern is a list of items separated by commas. An item is a connector's URI (`local`, `docker:[user@]name`,
//! `chroot:/path`, `docker+ssh://web1/name`) or an ssh destination `[user@]host[:port]`; in it `[01-20]`, `[1,3-5]` stand
//! for numbers (a leading zero sets the width) and several brackets multiply, the last running fastest. `[::1]` is an IPv6
//! address. What looks like a port is one: a container whose name is a number is written `docker://123`.

use std::fmt;
use std::net::Ipv6Addr;

use super::HostSpec;
use crate::{Error, Result};

/// How many hosts one pattern may stand for; more is taken for a typing mistake.
const LIMIT: usize = 100_000;

/// A parsed host pattern.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Pattern {
    text: String,
    items: Vec<String>,
}

impl Pattern {
    /// Parses and expands a pattern.
    ///
    /// # Errors
    /// A usage error that says what is wrong and where.
    pub fn parse(text: &str) -> Result<Self> {
        let wrong = |message: String| {
            Error::usage_with_hint(
                format!("bad host pattern `{text}`: {message}"),
                "a pattern looks like `web[1-3],db1` or `deploy@web[01-20].example.com:2222`",
            )
        };
        let mut items = Vec::new();
        for item in split(text, ',').map_err(&wrong)? {
            let item = item.trim();
            if item.is_empty() {
                return Err(wrong("there is an empty name in it".to_owned()));
            }
            if let Some(odd) = item
                .chars()
                .find(|c| c.is_whitespace() || c.is_control() || "'\"`$;|&<>(){}\\".contains(*c))
            {
                return Err(wrong(format!("{odd:?} cannot be part of a host's name")));
            }
            if item.starts_with('-') {
                return Err(wrong(format!("`{item}` begins with a dash")));
            }
            expand(item, &mut items).map_err(&wrong)?;
        }
        Ok(Self { text: text.to_owned(), items })
    }

    /// The names it stands for, in order, with repeats.
    pub fn names(&self) -> impl Iterator<Item = &str> {
        self.items.iter().map(String::as_str)
    }

    /// Whether `name` is one of them; `*` in an item stands for anything.
    #[must_use]
    pub fn matches(&self, name: &str) -> bool {
        self.items.iter().any(|item| glob(item.as_bytes(), name.as_bytes()))
    }

    /// A host for each item.
    ///
    /// # Errors
    /// A usage error when an item is no destination.
    pub fn specs(&self) -> Result<Vec<HostSpec>> {
        self.items.iter().map(|item| spec(item)).collect()
    }
}

impl fmt::Display for Pattern {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.text)
    }
}

/// Whether `text` matches `pattern`, in which `*` stands for any bytes and `?` for one.
pub(crate) fn glob(pattern: &[u8], text: &[u8]) -> bool {
    let (mut p, mut t, mut star) = (0, 0, None);
    while t < text.len() {
        match pattern.get(p) {
            Some(b'*') => {
                star = Some((p, t));
                p += 1;
            }
            Some(&byte) if byte == b'?' || byte == text[t] => {
                p += 1;
                t += 1;
            }
            _ => match star {
                Some((star_p, star_t)) => {
                    star = Some((star_p, star_t + 1));
                    p = star_p + 1;
                    t = star_t + 1;
                }
                None => return false,
            },
        }
    }
    pattern[p..].iter().all(|byte| *byte == b'*')
}

/// Splits at `separator` outside brackets.
fn split(text: &str, separator: char) -> Result<Vec<&str>, String> {
    let (mut parts, mut start, mut depth) = (Vec::new(), 0, 0_u32);
    for (index, c) in text.char_indices() {
        match c {
            '[' if depth > 0 => return Err("a bracket inside a bracket".to_owned()),
            '[' => depth += 1,
            ']' => depth = depth.checked_sub(1).ok_or("a `]` without its `[`")?,
            c if c == separator && depth == 0 => {
                parts.push(&text[start..index]);
                start = index + 1;
            }
            _ => {}
        }
    }
    if depth > 0 {
        return Err("a `[` without its `]`".to_owned());
    }
    parts.push(&text[start..]);
    Ok(parts)
}

/// Appends every name that one item stands for.
fn expand(item: &str, out: &mut Vec<String>) -> Result<(), String> {
    let mut search = 0;
    while let Some(open) = item[search..].find('[').map(|at| at + search) {
        let close = item[open..].find(']').map(|at| at + open).ok_or("a `[` without its `]`")?;
        let inner = &item[open + 1..close];
        if inner.contains(':') {
            search = close + 1;
            continue;
        }
        let numbers = numbers(inner)?;
        for number in numbers {
            expand(&format!("{}{number}{}", &item[..open], &item[close + 1..]), out)?;
        }
        return Ok(());
    }
    if out.len() >= LIMIT {
        return Err(format!("it stands for more than {LIMIT} hosts"));
    }
    out.push(item.to_owned());
    Ok(())
}

/// `01-03,7` as numbers with their width kept.
fn numbers(inner: &str) -> Result<Vec<String>, String> {
    let mut out = Vec::new();
    for range in inner.split(',') {
        let (first, last) = range.split_once('-').unwrap_or((range, range));
        let number = |text: &str| -> Result<u64, String> {
            if text.is_empty() || !text.bytes().all(|b| b.is_ascii_digit()) {
                return Err(format!(
                    "`[{inner}]` holds something else than numbers and ranges such as 1-3"
                ));
            }
            text.parse().map_err(|_| format!("`{text}` is too large"))
        };
        let (low, high) = (number(first)?, number(last)?);
        if high < low {
            return Err(format!("the range `{range}` runs backwards"));
        }
        if usize::try_from(high - low).map_or(true, |count| count >= LIMIT) {
            return Err(format!("the range `{range}` stands for more than {LIMIT} hosts"));
        }
        let width = if first.starts_with('0') { first.len() } else { 1 };
        out.extend((low..=high).map(|n| format!("{n:0width$}")));
    }
    Ok(out)
}

/// One expanded item as a host.
fn spec(item: &str) -> Result<HostSpec> {
    if item == "local" || item == "localhost" {
        return Ok(HostSpec::local());
    }
    if let Some((scheme, address)) = uri(item) {
        return connector(item, scheme, address);
    }
    let (user, rest) = match item.rsplit_once('@') {
        Some((user, rest)) => (Some(user), rest),
        None => (None, item),
    };
    if let Some(inner) = rest.strip_prefix('[') {
        let (address, tail) = inner.split_once(']').unwrap_or((inner, ""));
        return ssh(item, user, address, tail.strip_prefix(':'));
    }
    match rest.split_once(':') {
        Some((_, port)) if port.contains(':') => ssh(item, user, rest, None),
        Some((address, port)) if port.bytes().all(|b| b.is_ascii_digit()) => {
            ssh(item, user, address, Some(port))
        }
        Some((_, port)) => {
            Err(Error::usage(format!("bad host `{item}`: `{port}` is no port number")))
        }
        None => ssh(item, user, rest, None),
    }
}

/// The scheme and the rest of a URI, which is neither a port nor part of an IPv6 address.
fn uri(item: &str) -> Option<(&str, &str)> {
    let (scheme, rest) = item.split_once(':')?;
    let of_scheme = |b: u8| b.is_ascii_lowercase() || b.is_ascii_digit() || b"+-".contains(&b);
    let is_scheme =
        scheme.starts_with(|c: char| c.is_ascii_lowercase()) && scheme.bytes().all(of_scheme);
    let is_port = rest.bytes().all(|b| b.is_ascii_digit());
    let is_address = item.split('%').next().is_some_and(|text| text.parse::<Ipv6Addr>().is_ok());
    (is_scheme && !is_port && !is_address).then_some((scheme, rest))
}

/// A host behind a connector. Its user is of the container; that of an ssh host on the way stays in the address.
fn connector(item: &str, scheme: &str, address: &str) -> Result<HostSpec> {
    let address = address.strip_prefix("//").unwrap_or(address);
    if address.is_empty() {
        return Err(Error::usage(format!("bad host `{item}`: a name is missing")));
    }
    if scheme == "ssh" {
        return spec(address.trim_end_matches('/'));
    }
    match address.split_once('@') {
        Some((user, rest)) if !scheme.contains('+') && !user.contains('/') => {
            if user.is_empty() || rest.is_empty() {
                return Err(Error::usage(format!("bad host `{item}`: a name is missing")));
            }
            Ok(HostSpec { user: Some(user.to_owned()), ..HostSpec::new(scheme, rest) })
        }
        _ => Ok(HostSpec::new(scheme, address)),
    }
}

fn ssh(item: &str, user: Option<&str>, address: &str, port: Option<&str>) -> Result<HostSpec> {
    let port = port
        .map(|port| port.parse::<u16>().ok().filter(|port| *port > 0))
        .map(|port| {
            port.ok_or_else(|| {
                Error::usage(format!("bad host `{item}`: a port is a number from 1 to 65535"))
            })
        })
        .transpose()?;
    if address.is_empty() || user.is_some_and(str::is_empty) {
        return Err(Error::usage(format!("bad host `{item}`: a name is missing")));
    }
    Ok(HostSpec { user: user.map(str::to_owned), port, ..HostSpec::new("ssh", address) })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn names(text: &str) -> Vec<String> {
        Pattern::parse(text).unwrap().names().map(str::to_owned).collect()
    }

    #[test]
    fn expansion() {
        assert_eq!(names("web[1-3],db1"), ["web1", "web2", "web3", "db1"]);
        assert_eq!(names("web[01-03]"), ["web01", "web02", "web03"]);
        assert_eq!(names("r[1-2]n[1,3]"), ["r1n1", "r1n3", "r2n1", "r2n3"]);
        assert_eq!(names("[::1]:22"), ["[::1]:22"]);
        assert_eq!(names(" a , b "), ["a", "b"]);
    }

    #[test]
    fn mistakes_are_usage_errors() {
        for text in [
            "",
            "web[1-",
            "web]1[",
            "web[3-1]",
            "web[a]",
            "a,,b",
            "web[[1]]",
            "-oProxyCommand=x",
            "a b",
            "web[0-999999]",
            "x;id",
        ] {
            let error = Pattern::parse(text).and_then(|p| p.specs()).expect_err(text);
            assert_eq!(error.exit_code(), crate::ExitCode::Usage, "{text}");
        }
    }

    #[test]
    fn destinations() {
        let one = |text: &str| Pattern::parse(text).unwrap().specs().unwrap().remove(0);
        let host = one("deploy@web1.example.com:2222");
        assert_eq!(
            (host.name.as_str(), host.user.as_deref(), host.port),
            ("web1.example.com", Some("deploy"), Some(2222))
        );
        assert_eq!(one("local").connector, "local");
        assert_eq!(
            (one("docker:app").connector.as_str(), one("docker:app").address.as_str()),
            ("docker", "app")
        );
        for (text, scheme, user, address) in [
            ("docker:deploy@app", "docker", Some("deploy"), "app"),
            ("docker://123", "docker", None, "123"),
            ("chroot:/srv/a@b:c", "chroot", None, "/srv/a@b:c"),
            ("chroot:///srv/tree", "chroot", None, "/srv/tree"),
            ("kubectl:prod/web-0/app", "kubectl", None, "prod/web-0/app"),
            ("kubectl:/web-0/app", "kubectl", None, "/web-0/app"),
            ("docker+ssh://deploy@web1:22/app", "docker+ssh", None, "deploy@web1:22/app"),
            ("docker+ssh:web1/app", "docker+ssh", None, "web1/app"),
            ("ssh://deploy@web1/", "ssh", Some("deploy"), "web1"),
            ("ssh:web1", "ssh", None, "web1"),
            ("fe80::1", "ssh", None, "fe80::1"),
            ("fe80::1%eth0", "ssh", None, "fe80::1%eth0"),
            ("deploy@fe80::1", "ssh", Some("deploy"), "fe80::1"),
            ("docker:22", "ssh", None, "docker"),
        ] {
            let host = one(text);
            assert_eq!(
                (host.connector.as_str(), host.user.as_deref(), host.address.as_str()),
                (scheme, user, address),
                "{text}"
            );
        }
        let hosts = Pattern::parse("docker:app[1-3],chroot:/srv/[01-02]").unwrap().specs().unwrap();
        let names: Vec<&str> = hosts.iter().map(|host| host.name.as_str()).collect();
        assert_eq!(names, ["app1", "app2", "app3", "/srv/01", "/srv/02"]);
        assert!(Pattern::parse("docker:").and_then(|p| p.specs()).is_err());
        assert_eq!((one("[::1]:22").address.as_str(), one("[::1]:22").port), ("::1", Some(22)));
        assert!(Pattern::parse("web1:99999").unwrap().specs().is_err());
    }

    #[test]
    fn stars_match() {
        let pattern = Pattern::parse("web*,db1").unwrap();
        assert!(pattern.matches("web12") && pattern.matches("db1") && !pattern.matches("db12"));
    }
}
