//! Who is at the near end of a command's terminal: a person ([`person`]), or rules that answer prompts ([`responders`]).
//!
//! Knows what is shown and typed, not how it gets to a host; that is the transport's business.

mod escape;
mod modes;
mod person;
mod responders;

pub(super) use person::{Person, nobody};
pub(super) use responders::Responders;
