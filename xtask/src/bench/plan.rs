//! What is measured, as data: groups of cases that run side by side, and the goals that they are judged by.
//!
//! Pure: nothing here runs anything.

use super::process::Invocation;

/// Whose program a case runs.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Side {
    /// The least that could do the work, to which everything is compared.
    Floor,
    /// This framework.
    Ours,
    /// Another tool.
    Peer,
}

/// Looks at what a run left behind; the error says what is wrong.
type Check = Box<dyn Fn() -> Result<(), String>>;

/// One program that is measured once a round.
pub(super) struct Case {
    pub(super) name: &'static str,
    pub(super) side: Side,
    /// What runs, or why it cannot.
    pub(super) invocation: Result<Invocation, String>,
    /// Runs before it, unmeasured.
    pub(super) before: Vec<Invocation>,
    /// Where the program itself writes how much memory it took, in KiB.
    pub(super) memory: Option<std::path::PathBuf>,
    pub(super) check: Option<Check>,
    /// Rounds beyond this leave it out: it takes too long.
    pub(super) most_rounds: usize,
}

impl Case {
    pub(super) fn new(
        side: Side,
        name: &'static str,
        invocation: Result<Invocation, String>,
    ) -> Self {
        Self {
            name,
            side,
            invocation,
            before: Vec::new(),
            memory: None,
            check: None,
            most_rounds: usize::MAX,
        }
    }

    pub(super) fn before(mut self, invocation: Invocation) -> Self {
        self.before.push(invocation);
        self
    }

    pub(super) fn memory(mut self, file: std::path::PathBuf) -> Self {
        self.memory = Some(file);
        self
    }

    pub(super) fn check(mut self, check: impl Fn() -> Result<(), String> + 'static) -> Self {
        self.check = Some(Box::new(check));
        self
    }

    pub(super) fn at_most(mut self, rounds: usize) -> Self {
        self.most_rounds = rounds;
        self
    }
}

/// What a group's rows are about; decides which columns are shown.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Quantity {
    /// Wall time, with processor time beside it.
    Time,
    /// Processor time, with wall time beside it.
    Cpu,
    /// The largest resident size.
    Memory,
}

/// When a goal is reached.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) enum Test {
    /// A row takes at most `factor` times what another takes.
    Ratio { row: &'static str, to: &'static str, factor: f64 },
    /// A row takes at most this, in seconds or MiB.
    Value { row: &'static str, at_most: f64 },
    /// A row takes, for each host that another has less, at most this many KiB more.
    PerHost { row: &'static str, less: &'static str, hosts: usize, at_most: f64 },
    /// A row takes at most so many microseconds for each of its commands.
    PerCommand { row: &'static str, commands: usize, at_most: f64 },
    /// A row's results were all as they should be.
    Correct { row: &'static str },
}

/// A promise of the design and how it is judged.
#[derive(Clone, Debug)]
pub(super) struct Goal {
    pub(super) text: &'static str,
    pub(super) test: Test,
}

impl Goal {
    pub(super) fn ratio(
        text: &'static str,
        row: &'static str,
        to: &'static str,
        factor: f64,
    ) -> Self {
        Self { text, test: Test::Ratio { row, to, factor } }
    }

    /// `row` is at least `times` as fast as `to`.
    pub(super) fn faster(
        text: &'static str,
        row: &'static str,
        to: &'static str,
        times: f64,
    ) -> Self {
        Self::ratio(text, row, to, times.recip())
    }
}

/// Cases that are measured in turn, in the same rounds.
pub(super) struct Group {
    /// What `--only` calls it.
    pub(super) key: &'static str,
    pub(super) title: String,
    /// What the reader must know to judge the numbers.
    pub(super) note: &'static str,
    pub(super) quantity: Quantity,
    /// The case that is 1.00.
    pub(super) floor: &'static str,
    pub(super) cases: Vec<Case>,
    pub(super) goals: Vec<Goal>,
}
