//! Nobody but rules: what is shown is searched for prompts, and what is typed are their answers.

use std::collections::VecDeque;
use std::time::Duration;

use async_trait::async_trait;
use tokio::time::{Instant, sleep_until};

use crate::command::{Responder, Status};
use crate::transport::{Echo, Happening, Near, Setup, Sink, Size, TransportError};

/// Between a prompt and its answer. Programs show the prompt first, and then switch echo off and throw away what was typed before;
/// there is no way to see from afar when they have.
const PAUSE: Duration = Duration::from_millis(100);

/// So much of what was shown since the last answer is searched.
const SEARCHED: usize = 64 << 10;

/// Wide enough that nothing is wrapped.
const SIZE: Size = Size { rows: 50, columns: 200 };

/// Answers prompts, and hands on what is shown.
pub(in super::super) struct Responders<'a, S> {
    rules: Vec<Rule<'a>>,
    sink: &'a mut S,
    /// What was shown since the last prompt.
    recent: Vec<u8>,
    typing: VecDeque<(Instant, Vec<u8>)>,
    failure: Option<String>,
    start: Instant,
}

struct Rule<'a> {
    responder: &'a Responder,
    /// How often it was answered.
    answered: usize,
}

impl<'a, S: Sink> Responders<'a, S> {
    pub(in super::super) fn new(responders: &'a [Responder], sink: &'a mut S) -> Self {
        let rules = responders.iter().map(|responder| Rule { responder, answered: 0 }).collect();
        Self {
            rules,
            sink,
            recent: Vec::new(),
            typing: VecDeque::new(),
            failure: None,
            start: Instant::now(),
        }
    }

    /// What a command that has ended by itself came to: an error if the last that it showed is one.
    pub(in super::super) fn verdict(&mut self, status: Status) -> Result<Status, TransportError> {
        match self.failure.take() {
            Some(message) => Err(TransportError::Ended { message }),
            None => Ok(status),
        }
    }

    /// Acts on every prompt in what was shown lately.
    fn search(&mut self) {
        while self.failure.is_none() {
            let text = String::from_utf8_lossy(&self.recent).into_owned();
            let rules = self.rules.iter_mut();
            let found = rules.filter_map(|rule| Some((rule.responder.prompt.find(&text)?, rule)));
            let Some((at, rule)) = found.min_by_key(|(at, _)| at.start) else { break };
            let Responder { prompt, answer } = rule.responder;
            match answer {
                None => self.failure = Some(format!("it showed `{prompt}`")),
                Some(_) if rule.answered == prompt.limit() => {
                    let times = match rule.answered {
                        1 => "the answer was given".to_owned(),
                        times => format!("{times} answers were given"),
                    };
                    self.failure = Some(format!("it asked `{prompt}` again after {times}"));
                }
                Some(answer) => {
                    rule.answered += 1;
                    self.typing.push_back((Instant::now() + PAUSE, answer.bytes()));
                }
            }
            self.recent = text.into_bytes().split_off(at.end);
        }
        let excess = self.recent.len().saturating_sub(SEARCHED);
        self.recent.drain(..excess);
    }

    /// The prompt that must be shown first of those that have a limit, and when.
    fn awaited(&self) -> Option<(Instant, String)> {
        let missing = self.rules.iter().filter(|rule| rule.answered == 0);
        let limits = missing.filter_map(|rule| {
            let limit = rule.responder.prompt.deadline()?;
            let why = format!("it did not ask `{}` within {limit:?}", rule.responder.prompt);
            Some((self.start + limit, why))
        });
        limits.min_by_key(|(at, _)| *at)
    }
}

#[async_trait]
impl<S: Sink> Near for Responders<'_, S> {
    async fn setup(&mut self) -> Result<Setup, TransportError> {
        self.start = Instant::now();
        let mut setup = Setup::new(SIZE);
        // Colours and the like would stand between the words of a prompt.
        setup.kind = Some("dumb");
        setup.echo = Echo::Off;
        Ok(setup)
    }

    async fn shows(&mut self, bytes: &[u8]) {
        self.sink.stdout(bytes);
        self.recent.extend_from_slice(bytes);
        self.search();
    }

    async fn next(&mut self) -> Happening {
        if let Some(why) = &self.failure {
            return Happening::GivesUp(why.clone());
        }
        if let Some((at, _)) = self.typing.front() {
            sleep_until(*at).await;
            let keys = self.typing.pop_front().map(|(_, keys)| keys);
            return Happening::Keys(keys.unwrap_or_default());
        }
        match self.awaited() {
            Some((at, why)) => {
                sleep_until(at).await;
                Happening::GivesUp(why)
            }
            None => std::future::pending().await,
        }
    }
}

#[cfg(test)]
mod tests {
    use futures_util::FutureExt;

    use super::*;
    use crate::command::Prompt;
    use crate::transport::Sink;

    #[derive(Default)]
    struct Shown(Vec<u8>);

    impl Sink for Shown {
        fn stdout(&mut self, bytes: &[u8]) {
            self.0.extend_from_slice(bytes);
        }
        fn stderr(&mut self, _: &[u8]) {}
    }

    fn rule(prompt: impl Into<Prompt>, answer: Option<&str>) -> Responder {
        Responder { prompt: prompt.into(), answer: answer.map(Into::into) }
    }

    /// What happens after each of these pieces was shown.
    async fn talk(rules: &[Responder], pieces: &[&str]) -> Vec<Option<Happening>> {
        let mut shown = Shown::default();
        let mut near = Responders::new(rules, &mut shown);
        near.setup().await.unwrap();
        let mut happened = Vec::new();
        for piece in pieces {
            near.shows(piece.as_bytes()).await;
            happened.push(tokio::time::timeout(3 * PAUSE, near.next()).await.ok());
        }
        assert_eq!(shown.0, pieces.concat().as_bytes());
        happened
    }

    fn keys(text: &str) -> Option<Happening> {
        Some(Happening::Keys(text.into()))
    }

    fn gives_up(why: &str) -> Option<Happening> {
        Some(Happening::GivesUp(why.to_owned()))
    }

    #[tokio::test]
    async fn prompts_are_answered_in_the_order_in_which_they_are_shown() {
        let rules = [rule("Retype: ", Some("b")), rule("New: ", Some("a"))];
        let happened = talk(&rules, &["Ne", "w: ", "\nRetype: ", "", "done New"]).await;
        assert_eq!(happened, [None, keys("a\r"), keys("b\r"), None, None]);
        assert_eq!(talk(&rules, &["New: Retype: ", ""]).await, [keys("a\r"), keys("b\r")]);
    }

    #[tokio::test]
    async fn a_prompt_too_many_is_an_error() {
        let rules = [rule("word: ", Some("x"))];
        let happened = talk(&rules, &["word: ", "Sorry.\nword: "]).await;
        assert_eq!(happened[1], gives_up("it asked `word:` again after the answer was given"));
        let rules = [rule(Prompt::text("word: ").times(2), Some("x")), rule("Sorry", None)];
        let happened = talk(&rules, &["word: ", "word: ", "Sorry."]).await;
        assert_eq!(happened, [keys("x\r"), keys("x\r"), gives_up("it showed `Sorry`")]);
    }

    #[tokio::test]
    async fn an_error_that_is_shown_last_is_one() {
        let rules = [rule("word: ", Some("x")), rule("Sorry", None)];
        for (shown, message) in [("word: thanks", None), ("word: Sorry", Some("it showed `Sorry`"))]
        {
            let mut sink = Shown::default();
            let mut near = Responders::new(&rules, &mut sink);
            near.shows(shown.as_bytes()).await;
            match (near.verdict(Status::Code(3)), message) {
                (Ok(Status::Code(3)), None) => {}
                (Err(TransportError::Ended { message }), Some(why)) => assert_eq!(message, why),
                (verdict, _) => panic!("{shown}: {verdict:?}"),
            }
        }
    }

    #[tokio::test]
    async fn a_prompt_that_does_not_come_in_time_is_an_error() {
        let limit = Duration::from_millis(50);
        let rules = [rule(Prompt::text("word: ").within(limit), Some("x"))];
        let mut shown = Shown::default();
        let mut near = Responders::new(&rules, &mut shown);
        near.setup().await.unwrap();
        let Happening::GivesUp(why) = near.next().await else { panic!("it goes on") };
        assert_eq!(why, "it did not ask `word:` within 50ms");
        near.shows(b"word: ").await;
        assert_eq!(near.next().await, Happening::Keys(b"x\r".to_vec()));
        assert_eq!(near.next().now_or_never(), None);
    }
}
