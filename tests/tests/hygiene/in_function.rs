//! Nodes inside functions, where paths to them do not exist.

use deploy_core::prelude::*;
use deploy_core::testing::Recorder;

#[tokio::test]
async fn nodes_are_declared_inside_a_function() -> Result {
    /// A cell.
    #[node(parallel, roles(extra), parent = Root)]
    struct Cell {
        #[required]
        word: String,
        #[node]
        inner: Inner,
    }

    /// In the same cell.
    #[node(parallel)]
    struct Inner {}

    #[node]
    impl Cell {
        /// Greet.
        pub async fn greet(&self) -> Result<usize> {
            self.host().run(cmd!("echo {self.word}")).await?;
            self.inner.host().run("inner").await?;
            Ok(self.parent().hosts().len())
        }
    }

    #[node]
    impl Array<Cell> {
        /// One after the other.
        pub async fn slowly(&self) -> Result<usize> {
            Ok(self.serial().greet().await?.len())
        }
    }

    /// The root, whose property and child have the same values.
    #[node(roles(host, extra))]
    struct Root {
        #[default("hello")]
        word: String,
        #[node(word = self.word.clone())]
        cells: Array<Cell>,
    }

    let recorder = Recorder::new();
    let roles = RootRoles { host: Hosts::parse("a,b")?, extra: Hosts::default() };
    let root = Root::builder().build().bind_to(roles, &recorder.env())?;
    assert_eq!(root.cells.slowly().await?, 2);
    assert_eq!(recorder.commands("b"), ["echo hello", "inner"]);
    Ok(())
}

#[test]
fn two_functions_have_nodes_of_the_same_name() {
    #[node]
    struct Cell {}
    assert_eq!(Tree::of(&Cell::builder().build().bind(&Env::quiet()).unwrap()).walk().len(), 1);
}

/// Makes a node of a type of the caller's; the fragments of a macro's caller keep their meaning.
macro_rules! declare {
    ($name:ident, $action:ident, $property:ident: $ty:ty = $value:expr) => {
        /// From a macro.
        #[node]
        struct $name {
            #[default($value)]
            $property: $ty,
        }

        #[node]
        impl $name {
            /// From a macro.
            pub async fn $action(&self, more: $ty) -> Result<$ty> {
                Ok(self.$property + more)
            }
        }
    };
}

declare!(Declared, add, number: u32 = 40 + 1);

#[tokio::test]
async fn nodes_are_declared_by_a_macro() -> Result {
    let declared = Declared::builder().build().bind(&Recorder::new().env())?;
    assert_eq!(declared.add(1).await?, 42);
    let value = Tree::of(&declared).root().call("add", &["2"]).await?;
    assert_eq!(value.to_string(), "43");
    Ok(())
}
