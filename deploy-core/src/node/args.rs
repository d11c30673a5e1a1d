//! Words of a command line as typed arguments of an action.
//!
//! All of them are read once before anything runs, so that what is wrong is said then, and again for each call, which gets values
//! of its own: no argument needs `Clone`.

use std::any::Any;
use std::fmt::{self, Display};
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
pub trait Argument: Sized + 'static {
    /// Reads a word, or says what is wrong with it.
    fn read(word: &str) -> Result<Box<dyn Any>, String>;
}

#[diagnostic::do_not_recommend]
impl<T> Argument for T
where
    T: FromStr + 'static,
    T::Err: Display,
{
    fn read(word: &str) -> Result<Box<dyn Any>, String> {
        match word.parse::<T>() {
            Ok(value) => Ok(Box::new(value)),
            Err(error) => Err(error.to_string()),
        }
    }
}

/// The arguments of one call as values. The adapter that takes them knows their types, and asks for each once.
#[doc(hidden)]
#[derive(Default)]
pub struct Args(Vec<Given<Box<dyn Any>>>);

impl fmt::Debug for Args {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Args({})", self.0.len())
    }
}

impl Args {
    /// The value of a parameter that has to be given.
    ///
    /// # Panics
    /// When the parameter of this number is none, or of another type.
    pub fn one<T: 'static>(&mut self, index: usize) -> T {
        self.optional(index).unwrap_or_else(|| unreachable!("an argument is missing"))
    }

    /// The value of a parameter that may be left out.
    ///
    /// # Panics
    /// As [`one`](Self::one).
    pub fn optional<T: 'static>(&mut self, index: usize) -> Option<T> {
        self.rest(index).pop()
    }

    /// All values of the last parameter.
    ///
    /// # Panics
    /// As [`one`](Self::one).
    pub fn rest<T: 'static>(&mut self, index: usize) -> Vec<T> {
        let Some(Given::All(values)) = self.0.get_mut(index) else { return Vec::new() };
        let own = |value: Box<dyn Any>| match value.downcast() {
            Ok(value) => *value,
            Err(_) => unreachable!("an argument is of its parameter's type"),
        };
        values.drain(..).map(own).collect()
    }

    /// Whether a flag was given.
    #[must_use]
    pub fn flag(&self, index: usize) -> bool {
        matches!(self.0.get(index), Some(Given::Flag(true)))
    }
}

/// The arguments of a call as words, sorted to parameters; each has been read once.
#[derive(Clone, Debug)]
pub(crate) struct CheckedArgs(Vec<Given<String>>);

/// What was given for one parameter.
#[derive(Clone, Debug)]
enum Given<W> {
    /// Its words, or what they have been read as.
    All(Vec<W>),
    Flag(bool),
}

impl CheckedArgs {
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
                ParamKind::Rest => Given::All(checked(param, positional.by_ref())?),
                ParamKind::Optional => Given::All(checked(param, positional.next())?),
                ParamKind::Required => {
                    let word = positional.next().ok_or_else(|| {
                        wrong(
                            action,
                            format!("`{}` needs its argument `{}`", action.name, param.name),
                        )
                    })?;
                    Given::All(checked(param, [word])?)
                }
            });
        }
        match positional.next() {
            Some(word) => {
                Err(wrong(action, format!("`{}` takes no argument `{word}`", action.name)))
            }
            None => Ok(Self(values)),
        }
    }

    /// The words again, in the order of the parameters, without the values of secrets.
    pub(crate) fn shown(&self, action: &ActionSpec) -> Vec<String> {
        let mut words = Vec::new();
        for (param, given) in action.params.iter().zip(&self.0) {
            match given {
                Given::Flag(true) => words.push(format!("--{}", param.name.replace('_', "-"))),
                Given::Flag(false) => {}
                Given::All(all) if is_secret(param) => {
                    words.extend(all.iter().map(|_| "<secret>".to_owned()));
                }
                Given::All(all) => words.extend(all.iter().cloned()),
            }
        }
        words
    }

    /// Their values, for one call.
    ///
    /// # Errors
    /// When a word cannot be read any more.
    pub(crate) fn read(&self, action: &ActionSpec) -> Result<Args> {
        let given = action.params.iter().zip(&self.0).map(|(param, given)| {
            Ok(match given {
                Given::Flag(given) => Given::Flag(*given),
                Given::All(words) => {
                    Given::All(words.iter().map(|word| read(param, word)).collect::<Result<_>>()?)
                }
            })
        });
        given.collect::<Result<_>>().map(Args)
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
    words.into_iter().map(|word| read(param, word).map(|_| word.to_owned())).collect()
}

fn read(param: &ParamSpec, word: &str) -> Result<Box<dyn Any>> {
    (param.read)(word).map_err(|reason| bad_word(param, word, &reason))
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
