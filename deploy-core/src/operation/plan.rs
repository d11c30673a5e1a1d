//! [`Plan`]: the commands that are missing, and what they change in words.

use similar::TextDiff;

use crate::command::Cmd;

/// The steps from a state to what is wanted, and the difference that they make.
///
/// ```
/// use deploy_core::operation::Plan;
/// use deploy_core::Cmd;
/// let plan = Plan::nothing().step("start nginx", Cmd::argv(["systemctl", "start", "nginx"]));
/// assert_eq!(plan.commands(), ["systemctl start nginx"]);
/// assert_eq!(plan.diff(), "start nginx\n");
/// ```
#[derive(Clone, Debug, Default)]
pub struct Plan {
    steps: Vec<Step>,
    diff: String,
}

/// One command of a plan.
#[derive(Clone, Debug)]
pub struct Step {
    description: String,
    cmd: Cmd,
}

impl Step {
    /// What it does, in a few words.
    #[must_use]
    pub fn description(&self) -> &str {
        &self.description
    }

    /// The command.
    pub const fn cmd(&self) -> &Cmd {
        &self.cmd
    }
}

impl Plan {
    /// A plan without steps: everything is as wanted.
    #[must_use]
    pub fn nothing() -> Self {
        Self::default()
    }

    /// Adds a command. Its description is what a run shows in place of the command.
    #[must_use]
    pub fn step(mut self, description: impl Into<String>, cmd: Cmd) -> Self {
        self.steps.push(Step { description: description.into(), cmd });
        self
    }

    /// Adds a line to the difference, such as `mode 0600 becomes 0644`.
    #[must_use]
    pub fn line(mut self, text: impl AsRef<str>) -> Self {
        self.diff.push_str(text.as_ref().trim_end_matches('\n'));
        self.diff.push('\n');
        self
    }

    /// Adds the unified diff between two contents of what is called `name`; says so where they are not text.
    #[must_use]
    pub fn content(self, name: &str, old: &[u8], new: &[u8]) -> Self {
        let texts = (std::str::from_utf8(old), std::str::from_utf8(new));
        let (Ok(old_text), Ok(new_text)) = texts else {
            return self.line(format!(
                "{name}: binary content changed ({} becomes {} bytes)",
                old.len(),
                new.len()
            ));
        };
        let diff = TextDiff::from_lines(old_text, new_text)
            .unified_diff()
            .context_radius(3)
            .header(name, name)
            .to_string();
        if diff.is_empty() { self } else { self.line(diff) }
    }

    /// Whether nothing is to be done.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.steps.is_empty()
    }

    /// What is to be done, in order.
    #[must_use]
    pub fn steps(&self) -> &[Step] {
        &self.steps
    }

    /// The commands as they would be echoed; for tests.
    #[must_use]
    pub fn commands(&self) -> Vec<String> {
        self.steps.iter().map(|step| step.cmd.to_string()).collect()
    }

    /// The difference: what was added to it, or else the steps in words. Empty when nothing is to be done.
    #[must_use]
    pub fn diff(&self) -> String {
        if !self.diff.is_empty() && !self.is_empty() {
            return self.diff.clone();
        }
        self.steps.iter().map(|step| format!("{}\n", step.description)).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn diff_of_texts_is_unified() {
        let plan = Plan::nothing()
            .content("/etc/motd", b"a\nb\n", b"a\nc\n")
            .step("write", "w".into_cmd());
        assert_eq!(plan.diff(), "--- /etc/motd\n+++ /etc/motd\n@@ -1,2 +1,2 @@\n a\n-b\n+c\n");
    }

    #[test]
    fn binary_content_is_not_shown() {
        let plan = Plan::nothing().content("/bin/x", b"\xff", b"ab").step("write", "w".into_cmd());
        assert_eq!(plan.diff(), "/bin/x: binary content changed (1 becomes 2 bytes)\n");
    }

    use crate::command::IntoCmd;
}
