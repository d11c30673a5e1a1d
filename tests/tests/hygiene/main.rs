//! What the macros write stands in any surroundings: strict lints, names that hide the standard ones, functions, `cfg`. The
//! crate `tests/renamed` does the same in a library, under another name of deploy-core.

#![deny(warnings, missing_docs, unused_qualifications, clippy::pedantic)]

mod behind_cfg;
mod docs;
mod in_function;
mod in_macro;
mod own_names;
