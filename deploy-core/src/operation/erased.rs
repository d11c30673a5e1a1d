//! [`Op`]: an operation of any type, so that different ones fit into one list.

use std::fmt;
use std::sync::Arc;

use super::{Operation, Plan};
use crate::Result;
use crate::command::{Cmd, Output};

/// Any [`Operation`].
#[derive(Clone)]
pub struct Op(Arc<dyn Erased>);

/// An operation without its state's type.
trait Erased: Send + Sync {
    fn describe(&self) -> String;
    fn inspect(&self) -> Cmd;
    fn plan(&self, output: &Output) -> Result<Plan>;
}

impl<O: Operation> Erased for O {
    fn describe(&self) -> String {
        Operation::describe(self)
    }

    fn inspect(&self) -> Cmd {
        Operation::inspect(self)
    }

    fn plan(&self, output: &Output) -> Result<Plan> {
        Operation::plan(self, &self.parse(output)?)
    }
}

impl Op {
    /// What is wanted.
    #[must_use]
    pub fn describe(&self) -> String {
        self.0.describe()
    }

    pub(super) fn inspect(&self) -> Cmd {
        self.0.inspect()
    }

    pub(super) fn plan(&self, output: &Output) -> Result<Plan> {
        self.0.plan(output)
    }
}

impl<O: Operation> From<O> for Op {
    fn from(operation: O) -> Self {
        Self(Arc::new(operation))
    }
}

impl fmt::Debug for Op {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Op({})", self.describe())
    }
}

/// What `ensure_all` takes: an array or `Vec` of operations of one type or of [`Op`], or a tuple of different ones.
pub trait IntoOps {
    /// The operations, in order.
    fn into_ops(self) -> Vec<Op>;
}

impl<T: Into<Op>> IntoOps for Vec<T> {
    fn into_ops(self) -> Vec<Op> {
        self.into_iter().map(Into::into).collect()
    }
}

impl<T: Into<Op>, const N: usize> IntoOps for [T; N] {
    fn into_ops(self) -> Vec<Op> {
        self.into_iter().map(Into::into).collect()
    }
}

macro_rules! tuples {
    ($($name:ident)+) => {
        impl<$($name: Into<Op>),+> IntoOps for ($($name,)+) {
            #[allow(non_snake_case, reason = "a variable for each type parameter")]
            fn into_ops(self) -> Vec<Op> {
                let ($($name,)+) = self;
                vec![$($name.into()),+]
            }
        }
    };
}
tuples!(A);
tuples!(A B);
tuples!(A B C);
tuples!(A B C D);
tuples!(A B C D E);
tuples!(A B C D E F);
tuples!(A B C D E F G);
tuples!(A B C D E F G H);
tuples!(A B C D E F G H I);
tuples!(A B C D E F G H I J);
tuples!(A B C D E F G H I J K);
tuples!(A B C D E F G H I J K L);
