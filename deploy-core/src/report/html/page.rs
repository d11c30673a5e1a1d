//! The page: every section of it, as text.
//!
//! All that comes from outside goes through [`Text`], which leaves no character that HTML would read.

use std::fmt::{self, Display, Write};
use std::time::Duration;

use super::super::control::harmless;
use super::super::record::{CameTo, Output, Record, Step, StepKind};
use super::timeline;
use crate::ExitCode;
use crate::event::{Failure, FailureKind, OperationResult, Outcome, Stream};

const STYLE: &str = include_str!("style.css");

/// Nothing is loaded and no script runs, whatever else stands in the page.
const POLICY: &str =
    "default-src 'none'; style-src 'unsafe-inline'; base-uri 'none'; form-action 'none'";

/// Text that is shown as it is.
pub(super) struct Text<'a>(pub(super) &'a str);

impl Display for Text<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for c in self.0.chars() {
            match c {
                '&' => f.write_str("&amp;")?,
                '<' => f.write_str("&lt;")?,
                '>' => f.write_str("&gt;")?,
                '"' => f.write_str("&quot;")?,
                '\'' => f.write_str("&#39;")?,
                '\n' | '\t' => f.write_char(c)?,
                // Controls, and what would show text in another order than it has.
                '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}' => f.write_char('\u{fffd}')?,
                c if c.is_control() => f.write_char('\u{fffd}')?,
                c => f.write_char(c)?,
            }
        }
        Ok(())
    }
}

/// The class that a step is coloured by.
pub(super) fn class(came_to: CameTo) -> &'static str {
    match came_to {
        CameTo::Running | CameTo::Ended(Outcome::Cancelled) => "open",
        CameTo::Ended(Outcome::TimedOut) => "late",
        CameTo::Unreachable | CameTo::Ended(Outcome::Lost) => "lost",
        CameTo::Operation(OperationResult::Changed | OperationResult::WouldChange)
        | CameTo::WouldRun => "change",
        CameTo::Connected => "link",
        bad if bad.is_bad() => "bad",
        _ => "good",
    }
}

/// A time as people read it.
pub(super) fn time(took: Duration) -> String {
    let seconds = took.as_secs_f64();
    match seconds {
        s if s < 1.0 => format!("{:.0} ms", s * 1e3),
        s if s < 60.0 => format!("{s:.1} s"),
        s => format!("{:.0} min {:02.0} s", (s / 60.0).floor(), (s % 60.0).floor()),
    }
}

/// The whole page.
pub(super) fn page(record: &Record) -> String {
    let mut html = String::new();
    let title = title(record);
    let (state, words) = state(record);
    let _ = write!(
        html,
        "<!doctype html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n\
         <meta http-equiv=\"Content-Security-Policy\" content=\"{POLICY}\">\n\
         <meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n\
         <meta name=\"color-scheme\" content=\"light dark\">\n\
         <title>{}: {words}</title>\n<style>\n{STYLE}</style>\n</head>\n<body>\n",
        Text(&title)
    );
    header(&mut html, record, &title, state, words);
    failures(&mut html, record);
    timeline::section(&mut html, record);
    changes(&mut html, record);
    results(&mut html, record);
    hosts(&mut html, record);
    html.push_str("</body>\n</html>\n");
    html
}

fn title(record: &Record) -> String {
    match record.actions.first() {
        Some(action) => format!("{} {}", action.node, action.name).trim_start().to_owned(),
        None => match record.steps.iter().find(|step| step.kind == StepKind::Command) {
            Some(step) => step.text.lines().next().unwrap_or_default().to_owned(),
            None => "Run".to_owned(),
        },
    }
}

fn state(record: &Record) -> (&'static str, &'static str) {
    match record.end.as_ref().map(|(code, failures)| (*code, failures)) {
        None => ("open", "not finished"),
        Some((0, _)) => ("good", "done"),
        Some((code, _)) if code == ExitCode::WouldChange as u8 => ("change", "would change"),
        Some((code, _)) if code == ExitCode::Interrupted as u8 => ("open", "interrupted"),
        Some(_) => ("bad", "failed"),
    }
}

fn header(html: &mut String, record: &Record, title: &str, state: &str, words: &str) {
    let _ = write!(
        html,
        "<header>\n<h1>{} <span class=\"badge {state}\">{words}</span></h1>\n<p class=\"dim\">",
        Text(title)
    );
    if let Some((first, last)) = record.span {
        let began = humantime::format_rfc3339_seconds(first).to_string();
        let took = last.duration_since(first).unwrap_or_default();
        let _ = write!(html, "<time datetime=\"{began}\">{began}</time> · {}", time(took));
    }
    if let Some((code, _)) = &record.end {
        let _ = write!(html, " · exit code {code}");
    }
    html.push_str("</p>\n<ul id=\"summary\">\n");
    let mut count = |n: usize, one: &str, many: &str, class: &str| {
        if n > 0 {
            let what = if n == 1 { one } else { many };
            let _ = writeln!(html, "<li class=\"{class}\"><b>{n}</b> {what}</li>");
        }
    };
    let failed = (0..record.hosts.len()).filter(|host| is_bad(record, *host)).count();
    let steps =
        |wanted: &dyn Fn(&Step) -> bool| record.steps.iter().filter(|it| wanted(it)).count();
    let operations = |result| steps(&|step: &Step| step.came_to == CameTo::Operation(result));
    count(record.hosts.len(), "host", "hosts", "");
    count(record.hosts.len() - failed, "host ok", "hosts ok", "good");
    count(failed, "host failed", "hosts failed", "bad");
    count(steps(&|step| step.kind == StepKind::Command), "command", "commands", "");
    count(operations(OperationResult::Changed), "changed", "changed", "change");
    let would =
        operations(OperationResult::WouldChange) + steps(&|step| step.came_to == CameTo::WouldRun);
    count(would, "would change", "would change", "change");
    count(operations(OperationResult::Unchanged), "unchanged", "unchanged", "");
    html.push_str("</ul>\n</header>\n");
}

/// Whether the run came to a failure on a host; before its end, whether the last step there is one.
pub(super) fn is_bad(record: &Record, host: usize) -> bool {
    match &record.end {
        Some((_, failures)) => {
            failures.iter().any(|failure| failure.host.as_ref() == Some(&record.hosts[host]))
        }
        None => record
            .steps
            .iter()
            .rev()
            .find(|step| step.host == host)
            .is_some_and(|step| step.came_to.is_bad()),
    }
}

fn failures(html: &mut String, record: &Record) {
    let Some((_, failures)) = record.end.as_ref().filter(|(_, failures)| !failures.is_empty())
    else {
        return;
    };
    html.push_str("<section id=\"failures\">\n<h2>Failures</h2>\n");
    for failure in failures {
        let Failure { host, action, kind, message } = failure;
        html.push_str("<article class=\"failure\">\n<h3>");
        if let Some(host) = host {
            let _ = write!(html, "<span class=\"host\">{}</span> ", Text(host));
        }
        let _ = write!(html, "<span class=\"badge bad\">{}</span>", kind_words(*kind));
        if let Some(action) = action {
            let _ = write!(html, " <span class=\"dim\">{}</span>", Text(action));
        }
        html.push_str("</h3>\n<pre>");
        for line in message.lines() {
            let _ = writeln!(html, "{}", Text(&harmless(line, false)));
        }
        html.push_str("</pre>\n");
        let step = host.as_ref().and_then(|host| {
            record
                .steps
                .iter()
                .rposition(|step| step.came_to.is_bad() && record.hosts[step.host] == *host)
        });
        if let Some(step) = step {
            let _ = writeln!(html, "<p><a href=\"#s{step}\">What happened there</a></p>");
        }
        html.push_str("</article>\n");
    }
    html.push_str("</section>\n");
}

const fn kind_words(kind: FailureKind) -> &'static str {
    match kind {
        FailureKind::Failed => "failed",
        FailureKind::Unreachable => "unreachable",
        FailureKind::TimedOut => "timed out",
        FailureKind::Cancelled => "cancelled",
        FailureKind::NotAttempted => "not attempted",
        FailureKind::Usage => "usage",
    }
}

/// Equal changes of several hosts are one.
fn changes(html: &mut String, record: &Record) {
    let mut changes: Vec<(&Step, Vec<&str>)> = Vec::new();
    let wanted = [OperationResult::Changed, OperationResult::WouldChange].map(CameTo::Operation);
    let mut places = std::collections::HashMap::new();
    for step in record.steps.iter().filter(|step| wanted.contains(&step.came_to)) {
        let place = *places.entry((&step.text, &step.detail)).or_insert(changes.len());
        if place == changes.len() {
            changes.push((step, Vec::new()));
        }
        changes[place].1.push(&record.hosts[step.host]);
    }
    if changes.is_empty() {
        return;
    }
    html.push_str("<section id=\"changes\">\n<h2>Changes</h2>\n");
    for (step, mut hosts) in changes {
        hosts.dedup();
        let names = match hosts.as_slice() {
            [first, second, third, _, rest @ ..] => {
                format!("{first}, {second}, {third} and {} more", rest.len() + 1)
            }
            few => few.join(", "),
        };
        let _ = writeln!(
            html,
            "<details{}><summary><span class=\"dot change\"></span><code>{}</code> <span class=\"host\">{}</span></summary>",
            if hosts.len() <= 3 && step.detail.lines().count() <= 40 { " open" } else { "" },
            Text(&step.text),
            Text(&names)
        );
        diff(html, &step.detail);
        html.push_str("</details>\n");
    }
    html.push_str("</section>\n");
}

/// So many lines of a diff are shown.
const DIFF: usize = 400;

fn diff(html: &mut String, text: &str) {
    html.push_str("<pre class=\"diff\">");
    for line in text.lines().take(DIFF) {
        let class = match line.as_bytes().first() {
            Some(b'+') => "add",
            Some(b'-') => "del",
            Some(b'@') => "hunk",
            _ => "same",
        };
        let _ = writeln!(html, "<span class=\"{class}\">{}</span>", Text(&harmless(line, false)));
    }
    let more = text.lines().count().saturating_sub(DIFF);
    if more > 0 {
        let _ = writeln!(html, "<i>… {more} more lines</i>");
    }
    html.push_str("</pre>\n");
}

fn results(html: &mut String, record: &Record) {
    for (id, title, texts) in
        [("results", "Result", &record.results), ("notes", "Notes", &record.notes)]
    {
        if texts.is_empty() {
            continue;
        }
        let _ = write!(html, "<section id=\"{id}\">\n<h2>{title}</h2>\n<dl>\n");
        for (host, text) in texts {
            let host = host.as_deref().unwrap_or_default();
            let lines: Vec<_> = text.lines().map(|line| harmless(line, false)).collect();
            let text = lines.join("\n");
            let _ =
                writeln!(html, "<dt class=\"host\">{}</dt><dd>{}</dd>", Text(host), Text(&text));
        }
        html.push_str("</dl>\n</section>\n");
    }
}

/// Each host with its steps; those that failed first.
fn hosts(html: &mut String, record: &Record) {
    if record.hosts.is_empty() {
        return;
    }
    html.push_str("<section id=\"hosts\">\n<h2>Hosts</h2>\n");
    let mut steps: Vec<Vec<usize>> = vec![Vec::new(); record.hosts.len()];
    for (index, step) in record.steps.iter().enumerate() {
        steps[step.host].push(index);
    }
    let mut order: Vec<usize> = (0..record.hosts.len()).collect();
    order.sort_by_key(|host| !is_bad(record, *host));
    let few = record.hosts.len() <= 3;
    for host in order {
        let bad = is_bad(record, host);
        let steps = &steps[host];
        let _ = writeln!(
            html,
            "<details class=\"of-host\"{}><summary><span class=\"dot {}\"></span><span class=\"host\">{}</span> <span class=\"dim\">{} {}</span></summary>",
            if bad || few { " open" } else { "" },
            if bad { "bad" } else { "good" },
            Text(&record.hosts[host]),
            steps.len(),
            if steps.len() == 1 { "step" } else { "steps" },
        );
        for index in steps {
            step(html, record, *index);
        }
        html.push_str("</details>\n");
    }
    html.push_str("</section>\n");
}

fn step(html: &mut String, record: &Record, index: usize) {
    let step = &record.steps[index];
    let Output { first, cut, last } = &step.output;
    let empty = first.is_empty() && last.is_empty() && step.detail.is_empty();
    let bad = step.came_to.is_bad();
    let sign = if step.kind == StepKind::Command { "$ " } else { "" };
    let mut lines = step.text.lines();
    let shown = lines.next().unwrap_or_default();
    let long = lines.next().is_some();
    let took = match (step.kind, step.elapsed) {
        (StepKind::Operation, _) | (_, None) => String::new(),
        (_, Some(took)) => format!(" · {}", time(took)),
    };
    let head = format!(
        "<span class=\"dot {}\"></span><code>{sign}{}{}</code> <span class=\"dim\">{}{took}</span>",
        class(step.came_to),
        Text(&harmless(shown, false)),
        if long { " …" } else { "" },
        step.came_to.words(),
    );
    if empty && !long {
        let _ = writeln!(html, "<div class=\"step\" id=\"s{index}\">{head}</div>");
        return;
    }
    // The mark stands inside, so that a link to it opens what it is in.
    let _ = writeln!(
        html,
        "<details class=\"step\"{}><summary>{head}</summary><div id=\"s{index}\">",
        if bad { " open" } else { "" }
    );
    if long {
        let _ = writeln!(html, "<pre class=\"command\">{}</pre>", Text(&step.text));
    }
    if step.kind == StepKind::Operation {
        diff(html, &step.detail);
    } else if !step.detail.is_empty() {
        let _ = writeln!(html, "<pre>{}</pre>", Text(step.detail.trim_end()));
    }
    if !first.is_empty() || !last.is_empty() {
        html.push_str("<pre class=\"output\">");
        first.iter().for_each(|line| output(html, line));
        if *cut > 0 {
            let _ = writeln!(html, "<i class=\"cut\">… {cut} lines left out …</i>");
        }
        last.iter().for_each(|line| output(html, line));
        html.push_str("</pre>\n");
    }
    html.push_str("</div></details>\n");
}

fn output(html: &mut String, (stream, text): &(Stream, String)) {
    let _ = match stream {
        Stream::Stdout => writeln!(html, "{}", Text(text)),
        Stream::Stderr => writeln!(html, "<span class=\"err\">{}</span>", Text(text)),
    };
}
