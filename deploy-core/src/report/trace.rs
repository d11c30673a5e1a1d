//! `--trace`: when the run is over, its actions, the nodes below them and what ran there, as a tree with timings.
//!
//! Every line begins with the seconds since the run began and the seconds that it took.

use std::io::Write;
use std::sync::{Mutex, PoisonError};
use std::time::{Duration, SystemTime};

use super::control::harmless;
use super::palette::{BAD, CHANGED, DIM, Palette};
use super::record::{CameTo, Record, Step, StepKind};
use crate::event::{Event, OperationResult, Reporter};

/// Writes a trace of the run when it is over.
pub struct Trace {
    state: Mutex<(Record, Box<dyn Write + Send>)>,
    palette: Palette,
}

impl Trace {
    /// To `out`, without colours.
    pub fn new(out: impl Write + Send + 'static) -> Self {
        let state = Mutex::new((Record::default(), Box::new(out) as Box<dyn Write + Send>));
        Self { state, palette: Palette::default() }
    }

    pub(crate) fn colored(mut self, palette: Palette) -> Self {
        self.palette = palette;
        self
    }
}

impl Reporter for Trace {
    fn event(&self, event: &Event) {
        self.state.lock().unwrap_or_else(PoisonError::into_inner).0.note(event, false);
    }

    fn finish(&self) {
        let mut state = self.state.lock().unwrap_or_else(PoisonError::into_inner);
        let record = std::mem::take(&mut state.0);
        let text = Tree::of(&record, self.palette);
        // Standard error is the last resort: there is nowhere to tell that it is gone.
        let _ = state.1.write_all(text.as_bytes()).and_then(|()| state.1.flush());
    }
}

impl std::fmt::Debug for Trace {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Trace").finish_non_exhaustive()
    }
}

struct Tree<'a> {
    record: &'a Record,
    began: SystemTime,
    palette: Palette,
    text: String,
    /// The actions and steps of each action; those of none come last.
    below: Vec<Vec<Item>>,
}

#[derive(Clone, Copy)]
enum Item {
    Action(usize),
    Step(usize),
}

impl<'a> Tree<'a> {
    /// The whole text; empty when nothing ran.
    fn of(record: &'a Record, palette: Palette) -> String {
        let Some((began, _)) = record.span else { return String::new() };
        let mut below = vec![Vec::new(); record.actions.len() + 1];
        let top = record.actions.len();
        for (index, action) in record.actions.iter().enumerate() {
            below[action.parent.unwrap_or(top)].push(Item::Action(index));
        }
        for (index, step) in record.steps.iter().enumerate() {
            below[step.action.unwrap_or(top)].push(Item::Step(index));
        }
        let mut tree = Self { record, began, palette, text: String::new(), below };
        tree.items(top, "", 0);
        match tree.text.is_empty() {
            true => String::new(),
            false => format!(
                "{}\n{}",
                palette.paint(DIM, format!("{:>9} {:>9}  trace", "at", "took")),
                tree.text
            ),
        }
    }

    /// What is below an action of `node`, by time; steps of one node below it stay together.
    fn items(&mut self, action: usize, node: &str, depth: usize) {
        let mut groups: Vec<(&str, SystemTime, Vec<Item>)> = Vec::new();
        let record = self.record;
        for item in std::mem::take(&mut self.below[action]) {
            let (at, start) = match item {
                Item::Action(index) => ("", record.actions[index].start),
                Item::Step(index) => (&*record.steps[index].node, record.steps[index].start),
            };
            let same = |group: &&mut (&str, SystemTime, Vec<Item>)| {
                matches!(item, Item::Step(_)) && at != node && group.0 == at
            };
            match groups.iter_mut().find(same) {
                Some((_, _, items)) => items.push(item),
                None => groups.push((at, start, vec![item])),
            }
        }
        groups.sort_by_key(|(_, start, _)| *start);
        for (at, start, items) in groups {
            let below = !at.is_empty() && at != node;
            if below {
                let took = items.iter().filter_map(|item| self.end(*item)).max();
                let took = took.map(|end| end.duration_since(start).unwrap_or_default());
                self.line(start, took, depth, at);
            }
            for item in items {
                match item {
                    Item::Action(index) => self.action(index, depth),
                    Item::Step(index) => {
                        self.step(&record.steps[index], depth + usize::from(below))
                    }
                }
            }
        }
    }

    fn end(&self, item: Item) -> Option<SystemTime> {
        let (start, elapsed) = match item {
            Item::Action(index) => {
                let action = &self.record.actions[index];
                (action.start, action.elapsed)
            }
            Item::Step(index) => {
                let step = &self.record.steps[index];
                (step.start, step.elapsed)
            }
        };
        elapsed.map(|elapsed| start + elapsed)
    }

    fn action(&mut self, index: usize, depth: usize) {
        let action = &self.record.actions[index];
        let path = format!("{} {}", action.node, action.name);
        let mut text = path.trim_start().to_owned();
        if !action.ok {
            text.push_str(&self.palette.paint(BAD, " (failed)"));
        }
        self.line(action.start, action.elapsed, depth, &text);
        self.items(index, &action.node, depth + 1);
    }

    fn step(&mut self, step: &Step, depth: usize) {
        let host = &self.record.hosts[step.host];
        let sign = match step.kind {
            StepKind::Connect => "",
            StepKind::Command => "$ ",
            StepKind::Operation => "= ",
        };
        let first = step.text.lines().next().unwrap_or_default();
        let more = if step.text.lines().nth(1).is_some() { " …" } else { "" };
        let words = match step.came_to {
            CameTo::Connected | CameTo::Ended(crate::event::Outcome::Ok(_)) => String::new(),
            came_to if came_to.is_bad() => {
                self.palette.paint(BAD, format!(" ({})", came_to.words()))
            }
            CameTo::Operation(OperationResult::Unchanged) => " (unchanged)".to_owned(),
            came_to => self.palette.paint(CHANGED, format!(" ({})", came_to.words())),
        };
        let text = format!(
            "{} {sign}{}{more}{words}",
            self.palette.host(host, host),
            harmless(first, false)
        );
        let took = step.elapsed.filter(|_| step.kind != StepKind::Operation);
        self.line(step.start, took, depth, &text);
    }

    fn line(&mut self, start: SystemTime, took: Option<Duration>, depth: usize, text: &str) {
        let at = start.duration_since(self.began).unwrap_or_default().as_secs_f64();
        let took = took.map_or("-".to_owned(), |took| format!("{:.3}", took.as_secs_f64()));
        let times = self.palette.paint(DIM, format!("{at:>9.3} {took:>9}"));
        self.text.push_str(&format!("{times}  {:indent$}{text}\n", "", indent = 2 * depth));
    }
}

#[cfg(test)]
mod tests {
    use super::super::tests::Buffer;
    use super::*;
    use crate::command::Status;
    use crate::event::{EventKind, Outcome};

    #[test]
    fn what_ran_is_below_its_node_and_action() {
        let buffer = Buffer::default();
        let trace = Trace::new(buffer.clone());
        let at = |millis| SystemTime::UNIX_EPOCH + Duration::from_millis(millis);
        let send = |millis, node: &str, kind| {
            trace.event(&Event { at: at(millis), node: node.into(), kind });
        };
        let host = || "web1".to_owned();
        let command = || "make\nmore".to_owned();
        let elapsed = Duration::from_millis(40);
        send(0, "web", EventKind::ActionStarted { action: "start".to_owned() });
        send(1, "web:web1", EventKind::Connecting { host: host() });
        send(5, "web:web1", EventKind::Connected { host: host(), reused: false });
        let quiet = false;
        send(
            6,
            "web:web1",
            EventKind::CommandStarted { id: 1, host: host(), command: command(), quiet },
        );
        let outcome = Outcome::Failed(Status::Code(3));
        let over = EventKind::CommandFinished {
            id: 1,
            host: host(),
            command: command(),
            outcome,
            elapsed,
        };
        send(46, "web:web1", over);
        let action = "start".to_owned();
        send(
            50,
            "web",
            EventKind::ActionFinished { action, ok: false, elapsed: Duration::from_millis(50) },
        );
        trace.finish();
        trace.finish();
        assert_eq!(
            buffer.text(),
            "       at      took  trace\n\
             \x20   0.000     0.050  web start (failed)\n\
             \x20   0.001     0.045    web:web1\n\
             \x20   0.001     0.004      web1 connect\n\
             \x20   0.006     0.040      web1 $ make … (failed: status 3)\n"
        );
    }
}
