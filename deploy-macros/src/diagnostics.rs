//! Collects every mistake of one item, so that all are reported at once and the item itself is still there.

use std::cell::{Cell, RefCell};
use std::fmt::Display;

use proc_macro2::{Span, TokenStream};
use quote::ToTokens;

/// The mistakes so far.
#[derive(Default)]
pub(crate) struct Diagnostics {
    errors: RefCell<Vec<syn::Error>>,
    spoilt: Cell<bool>,
}

impl Diagnostics {
    /// A mistake at the user's own tokens.
    pub(crate) fn error(&self, tokens: impl ToTokens, message: impl Display) {
        self.push(syn::Error::new_spanned(tokens, message));
    }

    /// A mistake at a place.
    pub(crate) fn error_at(&self, span: Span, message: impl Display) {
        self.push(syn::Error::new(span, message));
    }

    pub(crate) fn push(&self, error: syn::Error) {
        self.spoilt.set(true);
        self.errors.borrow_mut().push(error);
    }

    /// A mistake that is mended: what was meant is plain, or what is wrong is left out, and nothing else fails for it. The rest of
    /// the item is looked at as if it was right, so that another mistake there is told as well.
    pub(crate) fn mended(&self, tokens: impl ToTokens, message: impl Display) {
        self.errors.borrow_mut().push(syn::Error::new_spanned(tokens, message));
    }

    /// A mistake that is mended, at a place.
    pub(crate) fn mended_at(&self, span: Span, message: impl Display) {
        self.errors.borrow_mut().push(syn::Error::new(span, message));
    }

    /// Something is wrong that is told elsewhere.
    pub(crate) fn spoil(&self) {
        self.spoilt.set(true);
    }

    /// The value, or its error kept.
    pub(crate) fn ok<T>(&self, result: syn::Result<T>) -> Option<T> {
        result.map_err(|error| self.push(error)).ok()
    }

    /// Whether everything that was written is in the model, or mended.
    pub(crate) fn is_clean(&self) -> bool {
        !self.spoilt.get()
    }

    /// The mistakes as tokens.
    pub(crate) fn finish(self) -> TokenStream {
        self.errors.into_inner().iter().map(syn::Error::to_compile_error).collect()
    }
}
