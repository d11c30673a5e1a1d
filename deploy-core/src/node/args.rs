//! Words of a command line as typed arguments of an action.
//!
//! All of them are read and checked before anything runs.

use std::fmt::Display;
use std::str::FromStr;

use crate::name::did_you_mean;
use crate::spec::{ActionSpec, ParamKind, ParamSpec};
use crate::{Error, Result};

/// What one word of an action's arguments can be read as.
#[doc(hidden)]
#[diagnostic::on_unimplemented(
    message = "`{Self}` cannot be an argument of an action",
    label = "cannot be read from a word of the command line",
    note = "an argument is `FromStr` with a `Display` error, an enum with `#[derive(ValueEnum)]`, or an `Option` or `Vec` of these; `bool` is a `--flag`"
)]
pub trait Argument: Sized {
    fn parse(word: &str) -> Result<Self, String>;

    /// Whether a word can be read, and else what is wrong with it.
    fn check(word: &str) -> Result<(), String> {
        Self::parse(word).map(drop)
    }
}

/// Reads one word.
type Parse<T> = fn(&str) -> Result<T, String>;

#[diagnostic::do_not_recommend]
impl<T> Argument for T
where
    T: FromStr,
    T::Err: Display,
{
    fn parse(word: &str) -> Result<Self, String> {
        word.parse().map_err(|error: T::Err| error.to_string())
    }
}

/// The arguments of one call, sorted to parameters.
#[derive(Clone, Debug, Default)]
pub struct Args {
    values: Vec<Given>,
}

/// What was given for one parameter.
#[derive(Clone, Debug)]
enum Given {
    Words(Vec<String>),
    Flag(bool),
}

impl Args {
    /// Sorts `words` to the parameters of `action` and checks each.
    pub(crate) fn parse(action: &ActionSpec, words: &[&str]) -> Result<Self> {
        let mut flags = Vec::new();
        let mut positional = Vec::new();
        let mut rest = words.iter();
        while let Some(&word) = rest.next() {
            match word.strip_prefix("--") {
                Some("") => positional.extend(rest.by_ref().copied()),
                Some(name) => flags.push(flag(action, name)?),
                None => positional.push(word),
            }
        }
        let mut positional = positional.into_iter();
        let mut values = Vec::with_capacity(action.params.len());
        for param in action.params {
            values.push(match param.kind {
                ParamKind::Flag => Given::Flag(flags.contains(&param.name)),
                ParamKind::Rest => Given::Words(checked(param, positional.by_ref())?),
                ParamKind::Optional => Given::Words(checked(param, positional.next())?),
                ParamKind::Required => {
                    let word = positional.next().ok_or_else(|| {
                        wrong(
                            action,
                            format!("`{}` needs its argument `{}`", action.name, param.name),
                        )
                    })?;
                    Given::Words(checked(param, [word])?)
                }
            });
        }
        match positional.next() {
            Some(word) => {
                Err(wrong(action, format!("`{}` takes no argument `{word}`", action.name)))
            }
            None => Ok(Self { values }),
        }
    }

    /// The words again, in the order of the parameters, without the values of secrets.
    pub(crate) fn shown(&self, action: &ActionSpec) -> Vec<String> {
        let mut words = Vec::new();
        for (param, given) in action.params.iter().zip(&self.values) {
            match given {
                Given::Flag(true) => words.push(format!("--{}", param.name.replace('_', "-"))),
                Given::Flag(false) => {}
                Given::Words(all) if is_secret(param) => {
                    words.extend(all.iter().map(|_| "<secret>".to_owned()));
                }
                Given::Words(all) => words.extend(all.iter().cloned()),
            }
        }
        words
    }

    fn words(&self, index: usize) -> &[String] {
        match self.values.get(index) {
            Some(Given::Words(words)) => words,
            _ => &[],
        }
    }

    /// The one word of a parameter.
    #[doc(hidden)]
    pub fn one<T>(&self, index: usize, parse: Parse<T>) -> Result<T> {
        self.optional(index, parse)?.ok_or_else(|| Error::usage("an argument is missing"))
    }

    /// The word of a parameter that may be left out.
    #[doc(hidden)]
    pub fn optional<T>(&self, index: usize, parse: Parse<T>) -> Result<Option<T>> {
        self.words(index).first().map(|word| parse(word).map_err(Error::usage)).transpose()
    }

    /// All words of the last parameter.
    #[doc(hidden)]
    pub fn rest<T>(&self, index: usize, parse: Parse<T>) -> Result<Vec<T>> {
        self.words(index).iter().map(|word| parse(word).map_err(Error::usage)).collect()
    }

    /// Whether a flag was given.
    #[doc(hidden)]
    #[must_use]
    pub fn flag(&self, index: usize) -> bool {
        matches!(self.values.get(index), Some(Given::Flag(true)))
    }
}

fn wrong(action: &ActionSpec, message: String) -> Error {
    Error::usage_with_hint(message, format!("usage: {}", action.usage()))
}

/// The flag that `--name` means; dashes and underscores are the same.
fn flag(action: &ActionSpec, name: &str) -> Result<&'static str> {
    let plain = name.replace('-', "_");
    let flags = || action.params.iter().filter(|param| param.kind == ParamKind::Flag);
    flags().map(|param| param.name).find(|known| *known == plain).ok_or_else(|| {
        let guess = did_you_mean(&plain, flags().map(|param| param.name))
            .map_or_else(String::new, |guess| {
                format!(", did you mean `--{}`?", guess.replace('_', "-"))
            });
        Error::usage_with_hint(
            format!("`{}` has no option `--{name}`{guess}", action.name),
            format!("usage: {}; what begins with dashes is an argument after `--`", action.usage()),
        )
    })
}

/// The words, each readable as the parameter's type.
fn checked<'a>(param: &ParamSpec, words: impl IntoIterator<Item = &'a str>) -> Result<Vec<String>> {
    words
        .into_iter()
        .map(|word| match (param.check)(word) {
            Ok(()) => Ok(word.to_owned()),
            Err(reason) => Err(bad_word(param, word, &reason)),
        })
        .collect()
}

/// Whether a parameter is a secret; its type is all that is known of it here.
fn is_secret(param: &ParamSpec) -> bool {
    param.type_name.contains("Secret")
}

fn bad_word(param: &ParamSpec, word: &str, reason: &str) -> Error {
    let values = param.values();
    if is_secret(param) {
        return Error::usage(format!(
            "what was given for `{}` is no {}",
            param.name, param.type_name
        ));
    }
    let message = format!("`{word}` is no value for `{}`", param.name);
    if values.is_empty() {
        return Error::usage_with_hint(
            format!("{message}: {reason}"),
            format!("`{}` is of type `{}`", param.name, param.type_name),
        );
    }
    let guess = did_you_mean(word, values.iter().map(String::as_str))
        .map_or_else(String::new, |guess| format!(", did you mean `{guess}`?"));
    Error::usage_with_hint(
        format!("{message}{guess}"),
        format!("`{}` is one of {}", param.name, values.join(", ")),
    )
}
