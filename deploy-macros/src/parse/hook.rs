//! A method with `#[hook(..)]`.

use proc_macro2::{TokenStream, TokenTree};
use quote::quote;
use syn::{
    Attribute, FnArg, GenericArgument, PathArguments, ReturnType, Signature, Type, Visibility,
};

use super::attributes::{arguments, take};
use super::block::is_ref;
use super::keys::{expect_nothing, keys};
use crate::diagnostics::Diagnostics;
use crate::model::{BlockItem, Hook, Moment, last_segment};

const MOMENTS: [&str; 3] = ["before", "after", "failed"];

/// Reads it. The method is there again, whatever is wrong with it.
pub(super) fn hook(
    cx: &Diagnostics,
    mut attrs: Vec<Attribute>,
    vis: &Visibility,
    signature: &Signature,
    body: &TokenTree,
    attr: &Attribute,
) -> BlockItem {
    for action in take(&mut attrs, &["action"]) {
        cx.mended(action, "a method is an action or a hook, not both");
    }
    let written = quote!(#(#attrs)* #vis #signature #body);
    match read(cx, &attrs, vis, signature, attr) {
        Some(hook) => BlockItem::Hook(Box::new(hook), written),
        None => BlockItem::Other(written),
    }
}

fn read(
    cx: &Diagnostics,
    attrs: &[Attribute],
    vis: &Visibility,
    signature: &Signature,
    attr: &Attribute,
) -> Option<Hook> {
    let moment = moment(cx, attr)?;
    let ident = &signature.ident;
    if matches!(vis, Visibility::Public(_)) {
        cx.mended(
            vis,
            format!("`{ident}` is a hook, and so is called by no one else: leave `pub` out"),
        );
        return None;
    }
    let params: Vec<Type> = signature
        .inputs
        .iter()
        .filter_map(|input| match input {
            FnArg::Typed(typed) => Some((*typed.ty).clone()),
            FnArg::Receiver(_) => None,
        })
        .collect();
    let (written, told) = match moment {
        Moment::Before => ("call: &Call", 1),
        Moment::After => ("call: &Call, value: &Value", 2),
        Moment::Failed => ("call: &Call, error: &Error", 2),
    };
    let by_reference =
        matches!(signature.inputs.first(), Some(FnArg::Receiver(receiver)) if is_ref(receiver));
    let output = match &signature.output {
        ReturnType::Type(_, ty) if is_result(ty) => Some((**ty).clone()),
        _ => None,
    };
    let plain = signature.generics.params.is_empty() && signature.asyncness.is_some();
    let Some(output) = output.filter(|_| by_reference && plain && params.len() == told) else {
        cx.mended(
            ident,
            format!("this hook is written `async fn {ident}(&self, {written}) -> Result`"),
        );
        return None;
    };
    let cfg = attrs.iter().filter(|attr| attr.path().is_ident("cfg")).cloned().collect();
    Some(Hook { cfg, ident: ident.clone(), moment, params, output })
}

/// `Result`, with nothing in it if it succeeds.
fn is_result(ty: &Type) -> bool {
    last_segment(ty).is_some_and(|segment| {
        segment.ident == "Result"
            && match &segment.arguments {
                PathArguments::AngleBracketed(generics) => generics.args.first().is_some_and(
                    |first| matches!(first, GenericArgument::Type(Type::Tuple(unit)) if unit.elems.is_empty()),
                ),
                _ => true,
            }
    })
}

fn moment(cx: &Diagnostics, attr: &Attribute) -> Option<Moment> {
    let tokens: TokenStream = arguments(attr);
    if tokens.is_empty() {
        cx.mended(attr, "say when: `#[hook(before)]`, `#[hook(after)]` or `#[hook(failed)]`");
        return None;
    }
    let (mut moment, mut clean) = (None, true);
    keys(cx, tokens, &MOMENTS, "`#[hook]`", |name, key, input| {
        if let Err(error) = expect_nothing(input, key) {
            clean = false;
            return Err(error);
        }
        if moment.is_some() {
            clean = false;
            cx.mended(key, "a hook is called at one moment");
        }
        moment = Some(match name {
            "before" => Moment::Before,
            "after" => Moment::After,
            _ => Moment::Failed,
        });
        Ok(())
    });
    moment.filter(|_| clean)
}
