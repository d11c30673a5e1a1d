//! What an array of a parallel node dereferences to: `ArrayOfX`, on which `impl Array<X>` is written, then
//! `__XFan` with the fan-outs of `X`'s actions, then the methods of every array.

use proc_macro2::TokenStream;
use quote::quote;

use super::names::Names;
use crate::model::Node;

/// The types, on which impl blocks are written.
pub(super) fn structures(node: &Node, names: &Names) -> TokenStream {
    if !node.args.parallel {
        return TokenStream::new();
    }
    let Names { ty, array, fan, impl_generics, ty_generics, where_clause, .. } = names;
    let vis = &node.vis;
    quote! {
        #[doc(hidden)]
        #[allow(private_interfaces, missing_debug_implementations)]
        #vis struct #array #impl_generics(#fan #ty_generics) #where_clause;
        #[doc(hidden)]
        #[allow(private_interfaces, missing_debug_implementations)]
        #vis struct #fan #impl_generics(::deploy_core::__private::Cells<#ty>) #where_clause;
    }
}

pub(super) fn imp(node: &Node, names: &Names) -> TokenStream {
    if !node.args.parallel {
        return TokenStream::new();
    }
    let Names { ty, array, fan, impl_generics, ty_generics, where_clause, .. } = names;
    let parent = node.args.parent.as_ref().map(|parent| {
        let vis = &node.vis;
        quote! {
            impl #impl_generics #fan #ty_generics #where_clause {
                #vis fn parent(&self) -> &#parent {
                    self.0.stands_in()
                }
            }
        }
    });
    quote! {
        #parent
        impl #impl_generics ::core::convert::From<__d::Cells<#ty>> for #array #ty_generics #where_clause {
            fn from(cells: __d::Cells<#ty>) -> Self {
                Self(#fan(cells))
            }
        }
        impl #impl_generics ::core::ops::Deref for #array #ty_generics #where_clause {
            type Target = #fan #ty_generics;
            fn deref(&self) -> &Self::Target {
                &self.0
            }
        }
        impl #impl_generics ::core::ops::Deref for #fan #ty_generics #where_clause {
            type Target = __d::Cells<#ty>;
            fn deref(&self) -> &Self::Target {
                &self.0
            }
        }
        impl #impl_generics __d::Parallel for #ty #where_clause {}
    }
}
