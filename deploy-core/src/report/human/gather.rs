//! `--gather`: hosts that did and printed the same are told together, under one pattern of names, when the run is over.
//!
//! Collects events and gives them back folded. What is kept is bounded: beyond that it is shown early.

use std::collections::{BTreeMap, HashMap};
use std::hash::Hash;
use std::time::{Duration, Instant};

use similar::TextDiff;

use super::super::palette::{BAD, DIM};
use super::super::screen::To;
use super::State;
use crate::event::{Event, EventKind, Failure, Stream};
use crate::host::{fold, natural};

/// So many bytes of output are kept before what there is so far is shown.
const KEPT: usize = 64 << 20;

/// How long a comparison may look for the shortest difference.
const DIFF_TIME: Duration = Duration::from_millis(500);

/// Something to show.
#[derive(Debug)]
pub(super) enum Folded {
    /// What some hosts printed.
    Block(Block),
    /// An event in which a pattern stands for the host.
    Event(EventKind),
}

/// What some hosts printed, all the same.
#[derive(Debug)]
pub(super) struct Block {
    /// The hosts, as a pattern.
    pub(super) hosts: String,
    pub(super) count: usize,
    /// The command, where more than one printed something.
    pub(super) command: Option<String>,
    pub(super) stream: Stream,
    pub(super) text: String,
    /// Whether the text is a difference, and from which hosts.
    pub(super) differs_from: Option<String>,
}

/// What happened so far and was not shown.
#[derive(Debug, Default)]
pub(super) struct Gather {
    /// Whether differences from what most hosts printed are shown instead of the whole.
    pub(super) diff: bool,
    steps: Vec<Step>,
    /// The steps of a node in which the same happened.
    known: HashMap<(String, What), Vec<usize>>,
    commands: HashMap<u64, Command>,
    kept: usize,
}

/// A command that runs.
#[derive(Debug)]
struct Command {
    node: String,
    text: String,
    /// What it has printed so far, if anything.
    step: Option<usize>,
}

/// The same thing on several hosts.
#[derive(Debug)]
struct Step {
    what: What,
    hosts: HashMap<String, Printed>,
}

/// What happened, apart from where.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
enum What {
    /// A command printed something.
    Printed { command: String },
    /// An event that is shown as it is: its words, and the event as data.
    Told(String),
}

impl What {
    fn without(&self, host: &str) -> Self {
        match self {
            Self::Printed { command } => Self::Printed { command: without_name(command, host) },
            Self::Told(words) => Self::Told(without_name(words, host)),
        }
    }
}

/// What a command printed on one host.
#[derive(Debug, Default)]
struct Printed {
    streams: [String; 2],
    event: Option<EventKind>,
}

impl Gather {
    /// Takes note of an event, and gives what is to be shown now. `verbose` says whether commands are.
    pub(super) fn take(&mut self, event: &Event, verbose: u8) -> Vec<Folded> {
        match &event.kind {
            EventKind::CommandStarted { id, host, command, quiet } => {
                let (node, text) = (without_cell(&event.node, host), command.clone());
                self.commands.insert(*id, Command { node, text, step: None });
                if verbose > u8::from(*quiet) {
                    self.told(event, host);
                }
            }
            EventKind::CommandFinished { id, .. } => {
                self.commands.remove(id);
            }
            EventKind::Line { id, host, stream, text } => {
                self.line(*id, host, *stream, text);
                if self.kept > KEPT {
                    return self.drain();
                }
            }
            EventKind::Operation { host, .. }
            | EventKind::WouldRun { host, .. }
            | EventKind::Note { host: Some(host), .. } => self.told(event, host),
            EventKind::Result { value, text } => {
                let mut shown = self.drain();
                let (value, text) = (value.clone(), folded_results(text));
                shown.push(Folded::Event(EventKind::Result { value, text }));
                return shown;
            }
            EventKind::Finished { exit_code, failures } => {
                let mut shown = self.drain();
                let failures = folded_failures(failures);
                shown.push(Folded::Event(EventKind::Finished { exit_code: *exit_code, failures }));
                return shown;
            }
            kind => return vec![Folded::Event(kind.clone())],
        }
        Vec::new()
    }

    /// Everything that was kept, in the order in which it first happened anywhere.
    pub(super) fn drain(&mut self) -> Vec<Folded> {
        self.commands.values_mut().for_each(|command| command.step = None);
        self.known.clear();
        self.kept = 0;
        let steps = std::mem::take(&mut self.steps);
        let printed = steps.iter().filter(|step| matches!(step.what, What::Printed { .. }));
        let several = printed.count() > 1;
        steps.into_iter().flat_map(|step| step.folded(several, self.diff)).collect()
    }

    /// Keeps an event that is shown as it is.
    fn told(&mut self, event: &Event, host: &str) {
        let Some(words) = words(&event.kind) else { return };
        self.kept += words.len();
        let step = self.step(without_cell(&event.node, host), What::Told(words), host);
        let printed = self.steps[step].hosts.entry(host.to_owned()).or_default();
        printed.event = Some(event.kind.clone());
    }

    fn line(&mut self, id: u64, host: &str, stream: Stream, text: &str) {
        let Some(command) = self.commands.get(&id) else { return };
        let step = match command.step {
            Some(step) => step,
            None => {
                let (node, command) = (command.node.clone(), command.text.clone());
                self.step(node, What::Printed { command }, host)
            }
        };
        if let Some(command) = self.commands.get_mut(&id) {
            command.step = Some(step);
        }
        let printed = self.steps[step].hosts.entry(host.to_owned()).or_default();
        let printed = &mut printed.streams[stream as usize];
        printed.push_str(text);
        printed.push('\n');
        self.kept += text.len() + 1;
    }

    /// The first step of these words that has not happened on the host yet; else of the words in which each host's own name
    /// is left open; else a new one.
    fn step(&mut self, node: String, what: What, host: &str) -> usize {
        let open = what.without(host);
        let keys = [(node.clone(), what.clone()), (node, open.clone())];
        for key in &keys {
            let steps = self.known.get(key).into_iter().flatten();
            let new = |step: &&usize| !self.steps[**step].hosts.contains_key(host);
            if let Some(step) = steps.copied().find(|step| new(&step)) {
                if self.steps[step].what != what {
                    self.steps[step].what = open;
                }
                return step;
            }
        }
        for key in keys {
            self.known.entry(key).or_default().push(self.steps.len());
        }
        self.steps.push(Step { what, hosts: HashMap::new() });
        self.steps.len() - 1
    }
}

impl Step {
    fn folded(self, several: bool, diff: bool) -> Vec<Folded> {
        match self.what {
            What::Told(_) => {
                let hosts = fold(self.hosts.keys().map(String::as_str));
                let event = self.hosts.into_values().find_map(|printed| printed.event);
                event.map(|event| Folded::Event(on(event, hosts))).into_iter().collect()
            }
            What::Printed { command } => {
                let command = several.then_some(command);
                let streams = [Stream::Stdout, Stream::Stderr].into_iter();
                streams.flat_map(|stream| blocks(&self.hosts, stream, &command, diff)).collect()
            }
        }
    }
}

/// What hosts printed on one stream: equal texts together, in the order of their first hosts.
fn blocks(
    hosts: &HashMap<String, Printed>,
    stream: Stream,
    command: &Option<String>,
    diff: bool,
) -> Vec<Folded> {
    let mut texts: BTreeMap<&str, Vec<&str>> = BTreeMap::new();
    for (host, printed) in hosts {
        texts.entry(&printed.streams[stream as usize]).or_default().push(host);
    }
    let mut groups: Vec<(&str, Vec<&str>)> = texts.into_iter().collect();
    for (_, hosts) in &mut groups {
        hosts.sort_by_key(|host| natural(host));
    }
    groups.sort_by_key(|(_, hosts)| natural(hosts[0]));
    // Of several that are as many the first.
    let most = groups.iter().map(|(_, hosts)| hosts.len()).max().unwrap_or(0);
    let main = groups.iter().position(|(_, hosts)| hosts.len() == most).filter(|_| diff);
    if let Some(main) = main {
        groups[..=main].rotate_right(1);
    }
    let main = main.map(|_| (groups[0].0, fold(groups[0].1.iter().copied())));
    let block = |(index, (text, hosts)): (usize, &(&str, Vec<&str>))| {
        let (text, differs_from) = match &main {
            Some((main, from)) if index > 0 => (difference(main, text), Some(from.clone())),
            _ => ((*text).to_owned(), None),
        };
        let (hosts, count) = (fold(hosts.iter().copied()), hosts.len());
        let command = command.clone();
        (!text.is_empty())
            .then(|| Folded::Block(Block { hosts, count, command, stream, text, differs_from }))
    };
    groups.iter().enumerate().filter_map(block).collect()
}

fn difference(from: &str, to: &str) -> String {
    let diff = TextDiff::configure().timeout(DIFF_TIME).diff_lines(from, to);
    diff.unified_diff().context_radius(2).to_string()
}

/// What makes an event the same as that of another host; nothing for those that are not shown.
fn words(kind: &EventKind) -> Option<String> {
    match kind {
        EventKind::CommandStarted { command, quiet, .. } => Some(format!("$ {quiet} {command}")),
        EventKind::Operation { description, result, diff, .. } => {
            Some(format!("= {result:?} {description}\n{diff}"))
        }
        EventKind::WouldRun { command, .. } => Some(format!("would {command}")),
        EventKind::Note { text, .. } => Some(format!("note {text}")),
        _ => None,
    }
}

/// The event with something else in place of its host.
fn on(mut event: EventKind, hosts: String) -> EventKind {
    match &mut event {
        EventKind::CommandStarted { host, .. }
        | EventKind::Operation { host, .. }
        | EventKind::WouldRun { host, .. } => *host = hosts,
        EventKind::Note { host, .. } => *host = Some(hosts),
        _ => {}
    }
    event
}

/// The node's path as it is for every cell.
fn without_cell(node: &str, host: &str) -> String {
    node.replace(&format!(":{host}"), "")
}

/// The text with a placeholder where the host's own name is a word of it, so that what is said to each host about itself is
/// the same.
fn without_name(text: &str, host: &str) -> String {
    let part_of_word = |c: char| c.is_alphanumeric() || "_-".contains(c);
    let (mut out, mut from) = (String::with_capacity(text.len()), 0);
    for (at, _) in text.match_indices(host).filter(|_| !host.is_empty()) {
        let end = at + host.len();
        let whole = !text[..at].ends_with(part_of_word) && !text[end..].starts_with(part_of_word);
        if whole {
            out.push_str(&text[from..at]);
            out.push_str("{host}");
            from = end;
        }
    }
    out.push_str(&text[from..]);
    out
}

fn folded_results(parts: &[(Option<String>, String)]) -> Vec<(Option<String>, String)> {
    let folded = |same: Vec<&(Option<String>, String)>| {
        let hosts = same.iter().filter_map(|(host, _)| host.as_deref());
        let (host, text) = same[0];
        (host.as_ref().map(|_| fold(hosts)), text.clone())
    };
    alike(parts, |(host, text)| (host.is_some(), text)).into_iter().map(folded).collect()
}

/// Failures that differ in their host alone are one.
fn folded_failures(failures: &[Failure]) -> Vec<Failure> {
    let folded = |same: Vec<&Failure>| {
        let hosts = fold(same.iter().filter_map(|failure| failure.host.as_deref()));
        match (same[0].host.as_ref(), without_host(same[0])) {
            (Some(_), Some(rest)) => {
                let message = format!("{hosts}: {rest}");
                Failure { host: Some(hosts), message, ..same[0].clone() }
            }
            _ => same[0].clone(),
        }
    };
    let key = |failure: &Failure| {
        let message = without_host(failure).unwrap_or(&failure.message).to_owned();
        (failure.action.clone(), failure.kind as u8, message)
    };
    alike(failures, key).into_iter().map(folded).collect()
}

fn without_host(failure: &Failure) -> Option<&str> {
    failure.message.strip_prefix(failure.host.as_deref()?)?.strip_prefix(": ")
}

/// The items of each key, in the order of the first of each.
fn alike<'a, T, K: Hash + Eq>(items: &'a [T], key: impl Fn(&'a T) -> K) -> Vec<Vec<&'a T>> {
    let mut groups: Vec<Vec<&T>> = Vec::new();
    let mut known: HashMap<K, usize> = HashMap::new();
    for item in items {
        let group = *known.entry(key(item)).or_insert(groups.len());
        if group == groups.len() {
            groups.push(Vec::new());
        }
        groups[group].push(item);
    }
    groups
}

impl State {
    /// Shows what an event makes due while hosts are told together.
    pub(super) fn show_gathered(&mut self, folded: Vec<Folded>, now: Instant) {
        for folded in folded {
            match folded {
                Folded::Event(kind) => self.show(&kind, now),
                Folded::Block(block) => self.block(&block),
            }
        }
    }

    fn block(&mut self, block: &Block) {
        let (to, mark, style) = match block.stream {
            Stream::Stdout => (To::Out, "|", DIM),
            Stream::Stderr => (To::Err, "!", BAD),
        };
        let palette = self.palettes[to as usize];
        let hosts = if block.count == 1 { "host" } else { "hosts" };
        let mut about = format!(" ({} {hosts})", block.count);
        if let Some(from) = &block.differs_from {
            about.push_str(&format!(", compared with {from}"));
        }
        if let Some(command) = &block.command {
            let first = command.lines().next().unwrap_or_default();
            about.push_str(&format!(": {}", self.clean(to, first)));
        }
        let mut lines =
            format!("{}{}\n", palette.host(&block.hosts, &block.hosts), palette.paint(DIM, about));
        for line in block.text.lines() {
            let line = self.clean(to, line);
            if self.prefix {
                lines.push_str(&format!("{} ", palette.paint(style, mark)));
            }
            match block.differs_from.is_some() {
                true => lines.push_str(&palette.diff_line(&line)),
                false => lines.push_str(&line),
            }
            lines.push('\n');
        }
        self.screen.write(to, &lines);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_is_left_open_where_it_is_a_word() {
        for (text, open) in [
            ("rm /srv/web1.pid web1", "rm /srv/{host}.pid {host}"),
            ("web10 my-web1 web1_a", "web10 my-web1 web1_a"),
            ("", ""),
        ] {
            assert_eq!(without_name(text, "web1"), open);
        }
    }

    /// What is kept is bounded: a command that prints without end is shown in parts, each line once.
    #[test]
    fn too_much_output_is_shown_early() {
        let mut gather = Gather::default();
        let take = |gather: &mut Gather, kind| {
            let shown = gather.take(&Event::new("".into(), kind), 0);
            let blocks = shown.into_iter().map(|folded| match folded {
                Folded::Block(block) => block.text.len(),
                Folded::Event(_) => 0,
            });
            blocks.sum::<usize>()
        };
        let (host, command) = (|| "web1".to_owned(), "yes".to_owned());
        let started = EventKind::CommandStarted { id: 1, host: host(), command, quiet: false };
        take(&mut gather, started);
        let text = "y".repeat((1 << 20) - 1);
        let mut early = 0;
        for _ in 0..100 {
            let (stream, text) = (Stream::Stdout, text.clone());
            early += take(&mut gather, EventKind::Line { id: 1, host: host(), stream, text });
            assert!(gather.kept <= KEPT);
        }
        let failures = Vec::new();
        let rest = take(&mut gather, EventKind::Finished { exit_code: 0, failures });
        assert!(early > 0 && rest > 0);
        assert_eq!(early + rest, 100 << 20);
    }
}
