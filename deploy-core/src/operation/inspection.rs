//! Many inspections as one script, and its answer taken apart again.
//!
//! Pure: shell source out, bytes in. Each inspection runs in a subshell of its own, behind `eval`, so that neither an
//! `exit` nor a syntax error in one reaches the next, and both its streams end with a mark that no output can guess.

use std::hash::{BuildHasher, Hasher, RandomState};

use super::{Op, Step};
use crate::command::{Cmd, Output, Status};

/// A script that inspects several operations, maybe after a step that changes something.
pub(super) struct Inspection {
    pub(super) cmd: Cmd,
    mark: String,
    count: usize,
    follows_step: bool,
}

impl Inspection {
    pub(super) fn of(ops: &[Op]) -> Self {
        Self::with_mark(ops, unguessable())
    }

    /// The step, and in the same round trip the inspection of `ops`. When the step fails, the script ends with its
    /// status and has said nothing but what the step said.
    pub(super) fn after(step: &Step, ops: &[Op]) -> Self {
        let mark = unguessable();
        let source = Cmd::new().lit("( eval ").words(step.cmd()).lit(STEP_END);
        let source = inspections(marked(source, &mark), ops, &mark);
        let cmd = step.cmd().clone().with_source(source).described_as(step.description()).quiet();
        Self { cmd, mark, count: ops.len(), follows_step: true }
    }

    fn with_mark(ops: &[Op], mark: String) -> Self {
        let cmd = inspections(Cmd::new(), ops, &mark);
        let description = match ops {
            [op] => format!("inspect {}", op.describe()),
            _ => format!("inspect {} operations", ops.len()),
        };
        let cmd = cmd.described_as(description).read_only().quiet();
        Self { cmd, mark, count: ops.len(), follows_step: false }
    }

    /// The answer of each operation, or nothing when the answer is not whole.
    pub(super) fn split(&self, output: &Output) -> Option<Vec<Output>> {
        let mut stdout = &output.stdout[..];
        let mut stderr = &output.stderr[..];
        let mut outputs = Vec::with_capacity(self.count);
        for _ in 0..self.count + usize::from(self.follows_step) {
            let (own_stdout, after) = cut(stdout, format!("\n{} ", self.mark).as_bytes())?;
            let (code, after) = cut(after, b"\n")?;
            let (own_stderr, after_stderr) = cut(stderr, format!("\n{}\n", self.mark).as_bytes())?;
            let code = std::str::from_utf8(code).ok()?.parse::<u8>().ok()?;
            let mut own = Output::from_stdout(own_stdout);
            own.stderr = own_stderr.to_vec();
            own.status = Status::Code(code);
            own.elapsed = output.elapsed;
            outputs.push(own);
            (stdout, stderr) = (after, after_stderr);
        }
        outputs.drain(..usize::from(self.follows_step));
        Some(outputs)
    }
}

/// Appends the inspections, each behind `eval` in a subshell without input, and with its description in front for who
/// reads the script.
fn inspections(mut script: Cmd, ops: &[Op], mark: &str) -> Cmd {
    for op in ops {
        let description = op.describe().replace(char::is_control, " ");
        script = script
            .lit(COMMENT)
            .raw_part(&description)
            .lit("\n( eval ")
            .words(&op.inspect())
            .lit(" ) </dev/null\n");
        script = marked(script, mark);
    }
    script
}

const COMMENT: &str = "# inspect ";
const STEP_END: &str = " ) || exit\n";
const STATUS: &str = "printf '\\n%s %d\\n' ";

/// An inspection script as seen by a connector that runs nothing.
pub(crate) struct Seen {
    mark: String,
    /// Whether a step comes first.
    pub(crate) step: bool,
    /// What the operations are described as.
    pub(crate) operations: Vec<String>,
}

impl Seen {
    /// What the script inspects, if it is one of ours.
    pub(crate) fn of(script: &[u8]) -> Option<Self> {
        let script = String::from_utf8_lossy(script);
        let (_, after) = script.split_once(STATUS)?;
        let mark = after.get(..after.find(' ')?)?.to_owned();
        let end = format!("{STATUS}{mark} $?\nprintf '\\n%s\\n' {mark} >&2\n");
        let mut parts: Vec<&str> = script.split(end.as_str()).collect();
        parts.pop();
        let step = parts.first()?.ends_with(STEP_END);
        // The context stands in front of the very first part.
        let described = |part: &&str| {
            let (_, from) = part.split_once(COMMENT)?;
            from.split_once('\n').map(|(description, _)| description.to_owned())
        };
        let operations = parts.iter().skip(usize::from(step)).filter_map(described).collect();
        Some(Self { mark, step, operations })
    }

    /// Appends the end of one part to both streams.
    pub(crate) fn end(&self, status: Status, stdout: &mut Vec<u8>, stderr: &mut Vec<u8>) {
        stdout.extend_from_slice(format!("\n{} {}\n", self.mark, status.code()).as_bytes());
        stderr.extend_from_slice(format!("\n{}\n", self.mark).as_bytes());
    }
}

/// Appends the end of one part: the mark on both streams, with the status.
fn marked(script: Cmd, mark: &str) -> Cmd {
    script.lit(STATUS).words(mark).lit(" $?\nprintf '\\n%s\\n' ").words(mark).lit(" >&2\n")
}

/// What is before the first `mark`, and what is behind it.
fn cut<'a>(bytes: &'a [u8], mark: &[u8]) -> Option<(&'a [u8], &'a [u8])> {
    let at = bytes.windows(mark.len()).position(|window| window == mark)?;
    Some((&bytes[..at], &bytes[at + mark.len()..]))
}

/// 128 bits from the hasher keys that the standard library draws from the system.
fn unguessable() -> String {
    let half = || RandomState::new().build_hasher().finish();
    format!("deploy-{:016x}{:016x}", half(), half())
}

#[cfg(test)]
mod tests {
    use std::process::Command;

    use super::*;
    use crate::Result;
    use crate::operation::{Operation, Plan};

    struct Script(&'static str);

    impl Operation for Script {
        type State = ();

        fn describe(&self) -> String {
            "script".to_owned()
        }
        fn inspect(&self) -> Cmd {
            Cmd::raw(self.0)
        }
        fn parse(&self, _: &Output) -> Result<()> {
            Ok(())
        }
        fn plan(&self, (): &()) -> Result<Plan> {
            Ok(Plan::nothing())
        }
    }

    #[test]
    fn each_has_its_own_status_and_streams() {
        let scripts = [
            "printf a",
            "exit 3",
            "echo b; echo c >&2",
            "if then",
            "x=1; cat; set -- 1",
            "echo \"[$x]\"",
        ];
        let ops: Vec<Op> = scripts.map(|script| Script(script).into()).into();
        let inspection = Inspection::of(&ops);
        let source = String::from_utf8(inspection.cmd.source()).unwrap();
        let run = Command::new("sh").arg("-c").arg(source).output().unwrap();
        let mut output = Output::from_stdout(run.stdout);
        output.stderr = run.stderr;
        let answers = inspection.split(&output).unwrap();
        let stdout: Vec<String> = answers
            .iter()
            .map(|answer| String::from_utf8_lossy(&answer.stdout).into_owned())
            .collect();
        assert_eq!(stdout, ["a", "", "b\n", "", "", "[]\n"]);
        let codes: Vec<i32> = answers.iter().map(|answer| answer.status.code()).collect();
        assert_eq!((codes[0], codes[1], codes[2], codes[4], codes[5]), (0, 3, 0, 0, 0));
        assert_ne!(codes[3], 0);
        assert_eq!(answers[2].stderr, b"c\n");
    }

    #[test]
    fn half_an_answer_is_none() {
        let inspection = Inspection::with_mark(&[Script("true").into()], "m".to_owned());
        assert!(inspection.split(&Output::from_stdout("x\nm ")).is_none());
    }
}
