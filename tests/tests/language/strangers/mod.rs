//! Programs as somebody would write them who has read the introduction and nothing else.

mod calls;
mod stages;
mod towns;
