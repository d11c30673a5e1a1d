//! What the values of options look like, and what is wrong with one that cannot be read.

use std::time::Duration;

use clap::builder::{TypedValueParser, ValueParser};

use crate::batch::{Batch, BatchPause};
use crate::host::Pattern;

pub(super) fn pattern() -> ValueParser {
    clap::builder::NonEmptyStringValueParser::new()
        .try_map(|text| {
            Pattern::parse(&text).map_err(Box::<dyn std::error::Error + Send + Sync>::from)
        })
        .into()
}

pub(super) fn batch(text: &str) -> Result<Batch, String> {
    let (digits, percent) = match text.strip_suffix('%') {
        Some(digits) => (digits, true),
        None => (text, false),
    };
    let number = digits.parse::<usize>().ok().filter(|n| *n > 0 && (!percent || *n <= 100));
    match number {
        Some(n) if percent => Ok(Batch::percent(n)),
        Some(n) => Ok(Batch::hosts(n)),
        None => Err("it is a number of hosts such as 5, or a share such as 25%".to_owned()),
    }
}

pub(super) fn pause(text: &str) -> Result<BatchPause, String> {
    match text {
        "ask" => Ok(BatchPause::Ask),
        text => time(text).map(BatchPause::For).map_err(|error| format!("{error}, or it is `ask`")),
    }
}

pub(super) fn time(text: &str) -> Result<Duration, String> {
    if text == "0" {
        return Ok(Duration::ZERO);
    }
    humantime::parse_duration(text)
        .map_err(|error| format!("{error}; a time is written as 30s, 5m or 1h30m"))
}

pub(super) fn ssh_option(text: &str) -> Result<String, String> {
    match text.split_once('=') {
        Some((key, _)) if !key.is_empty() && key.bytes().all(|b| b.is_ascii_alphanumeric()) => {
            Ok(text.to_owned())
        }
        _ => Err("it is written as Key=Value, such as ForwardAgent=yes".to_owned()),
    }
}
