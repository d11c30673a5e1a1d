//! Tests that cross crates.

pub mod nowhere;
pub mod terminal;
pub mod web_system;

/// The reference's programs compile and hold.
#[cfg(doctest)]
#[doc = include_str!("../../docs/language.md")]
struct Language;

/// What the introduction shows compiles.
#[cfg(doctest)]
#[doc = include_str!("../../README.md")]
struct Readme;

/// A role that a generic node's child has no counterpart for is found when the child's type is known, which takes a build.
///
/// ```compile_fail,E0080
/// use deploy_core::prelude::*;
///
/// #[node(parallel, roles(queue))]
/// struct Worker<T: Default + Clone> {
///     value: T,
/// }
///
/// #[node(roles(web))]
/// struct Site<T: Default + Clone> {
///     #[node]
///     worker: Array<Worker<T>>,
/// }
///
/// Site::<u8>::builder().build().bind(&Env::quiet()).unwrap();
/// ```
#[cfg(doctest)]
struct GenericMapping;
