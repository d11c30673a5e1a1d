//! How a visit looks: as a page and as plain lines.
//!
//! Owns the markup and its escaping. It knows neither requests nor the database.

use std::fmt;

/// What one answer shows.
#[derive(Debug)]
pub(crate) struct Page<'a> {
    /// The host that answers.
    pub(crate) host: &'a str,
    /// The revision it runs.
    pub(crate) revision: &'a str,
    /// How many visits there were, this one included.
    pub(crate) visits: i64,
}

impl Page<'_> {
    /// Lines of `name value`, for scripts.
    pub(crate) fn text(&self) -> String {
        let Page { host, revision, visits } = self;
        format!("host {host}\nrevision {revision}\nvisits {visits}\n")
    }

    /// One HTML page that needs nothing else.
    pub(crate) fn html(&self) -> String {
        let (host, revision) = (Escaped(self.host), Escaped(self.revision));
        let visits = self.visits;
        let unit = if visits == 1 { "visit" } else { "visits" };
        let hue = hue(self.host);
        format!(
            r#"<!doctype html>
<html lang="en" style="--hue: {hue}">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<link rel="icon" href="data:,">
<title>{host}</title>
<style>{STYLE}</style>
</head>
<body>
<main>
<p>You were served by</p>
<h1>{host}</h1>
<dl>
<div><dt>Revision</dt><dd><code id="revision">{revision}</code></dd></div>
<div><dt>Counted so far</dt><dd><span id="visits">{visits}</span> {unit}</dd></div>
</dl>
</main>
</body>
</html>
"#
        )
    }
}

const STYLE: &str = "
:root { color-scheme: light dark; --back: #f6f6f4; --card: #fff; --ink: #1d1f21; --faint: #5f6368;
  --line: #e3e3df; --accent: hsl(var(--hue) 65% 32%); }
@media (prefers-color-scheme: dark) { :root { --back: #16181a; --card: #1f2225; --ink: #eceded;
  --faint: #a0a5aa; --line: #34383c; --accent: hsl(var(--hue) 65% 70%); } }
* { box-sizing: border-box; }
body { margin: 0; min-height: 100vh; display: grid; place-items: center; padding: 1.5rem;
  background: var(--back); color: var(--ink); font: 1rem/1.5 system-ui, sans-serif; }
main { width: 100%; max-width: 28rem; padding: 2rem; background: var(--card);
  border: 1px solid var(--line); border-top: 4px solid var(--accent); border-radius: .5rem; }
p, dt { margin: 0; color: var(--faint); font-size: .875rem; }
h1 { margin: 0 0 1.25rem; font-size: 2.25rem; line-height: 1.2; color: var(--accent);
  overflow-wrap: anywhere; }
dl { margin: 0; display: grid; gap: .75rem; }
dl div { padding-top: .75rem; border-top: 1px solid var(--line); }
dd { margin: 0; overflow-wrap: anywhere; font-variant-numeric: tabular-nums; }
code { font: .9375rem ui-monospace, monospace; }
";

/// A colour for each host, far apart for neighbours such as web1 and web2, so that a reload
/// through a balancer can be seen from across the room. It is set on the root element: the colours
/// that use it are declared there.
fn hue(host: &str) -> u32 {
    let sum = host.bytes().fold(0u32, |sum, byte| sum.wrapping_mul(31).wrapping_add(byte.into()));
    (sum % 360) * 137 % 360
}

/// Text that stays text, between tags and inside quoted attributes.
struct Escaped<'a>(&'a str);

impl fmt::Display for Escaped<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for part in self.0.split_inclusive(['&', '<', '>', '"', '\'']) {
            let (text, entity) = match part.as_bytes().last() {
                Some(b'&') => (&part[..part.len() - 1], "&amp;"),
                Some(b'<') => (&part[..part.len() - 1], "&lt;"),
                Some(b'>') => (&part[..part.len() - 1], "&gt;"),
                Some(b'"') => (&part[..part.len() - 1], "&quot;"),
                Some(b'\'') => (&part[..part.len() - 1], "&#39;"),
                _ => (part, ""),
            };
            f.write_str(text)?;
            f.write_str(entity)?;
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn markup_in_a_value_is_escaped() {
        assert_eq!(Escaped(r#"é<a b="c">&'"#).to_string(), "é&lt;a b=&quot;c&quot;&gt;&amp;&#39;");
        let html = Page { host: "</title><script>", revision: "<b>", visits: 1 }.html();
        assert!(!html.contains("<script>") && !html.contains("<b>"), "{html}");
        assert!(html.contains("<title>&lt;/title&gt;&lt;script&gt;</title>"), "{html}");
    }

    #[test]
    fn text_has_one_fact_per_line() {
        let page = Page { host: "web1", revision: "abc", visits: 3 };
        assert_eq!(page.text(), "host web1\nrevision abc\nvisits 3\n");
    }

    #[test]
    fn neighbours_differ_in_colour() {
        let hues = ["web1", "web2", "web3"].map(hue);
        for (one, other) in [(0, 1), (1, 2), (0, 2)] {
            let apart = hues[one].abs_diff(hues[other]);
            assert!(apart.min(360 - apart) >= 60, "{hues:?}");
        }
    }
}
