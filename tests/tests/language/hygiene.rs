//! Expansions stand where the user's names are in the way, where every lint is denied, and inside functions.

#![deny(warnings, missing_docs, unused_qualifications, clippy::pedantic)]
#![allow(dead_code, unreachable_pub, reason = "the names alone matter, and a test exports nothing")]

/// A module that names things as we do.
pub mod shadowed {
    use deploy_core::prelude::{Hosts, Node as _, cmd, node};

    /// Not the one of the prelude.
    #[derive(Clone, Debug, Default)]
    pub struct String;
    /// Not the one of the prelude.
    #[derive(Clone, Debug, Default)]
    pub struct Option;
    /// Not the one of the prelude.
    #[derive(Debug)]
    pub struct Vec;
    /// Not the one of the prelude.
    #[derive(Debug)]
    pub struct Node;
    /// Not the trait.
    #[derive(Debug)]
    pub struct Default;
    /// Not the error.
    #[derive(Debug)]
    pub struct Error;
    /// Not the crate.
    pub mod std {}
    /// Not the crate.
    pub mod core {}

    /// Any result.
    pub type Result<T> = ::std::result::Result<T, deploy_core::Error>;

    /// A node.
    #[node(parallel, roles(other))]
    #[derive(Debug)]
    pub struct Cell {
        /// A property.
        #[required]
        pub first: String,
        /// Another one.
        pub second: Option,
    }

    #[node]
    impl Cell {
        /// An action.
        ///
        /// # Errors
        /// When a command fails.
        pub async fn act(&self, number: u8) -> Result<u8> {
            let _ = (&self.first, &self.second);
            self.roles().other.run(cmd!("true {number}")).await?;
            Ok(number)
        }

        /// A query.
        #[must_use]
        pub fn all(&self) -> Hosts {
            self.hosts().clone()
        }
    }

    #[node]
    impl deploy_core::Array<Cell> {
        /// An action of the array.
        ///
        /// # Errors
        /// When a command fails.
        pub async fn act_twice(&self) -> Result<usize> {
            Ok(self.act(1).await?.len() + self.act(2).await?.len())
        }
    }

    /// A node.
    #[derive(Debug)]
    #[node]
    pub struct Outer {
        /// A child.
        #[node(first = String)]
        #[hosts(host = ["a", "b"], ..)]
        pub cells: deploy_core::Array<Cell>,
    }
}

use deploy_core::prelude::*;

#[tokio::test]
async fn names_of_the_users_are_not_in_the_way() -> Result {
    let env = deploy_core::testing::Recorder::new().env();
    let outer = shadowed::Outer::builder().build().bind(&env)?;
    assert_eq!(outer.cells.act_twice().await?, 4);
    assert_eq!(outer.cells.get("a").unwrap().all().names(), ["a"]);
    assert!(format!("{outer:?} {:?}", *outer).contains("Outer"));
    Ok(())
}

#[tokio::test]
async fn a_node_may_stand_in_a_function() -> Result {
    /// Local.
    #[node]
    struct Local {
        #[default("x")]
        name: String,
    }

    #[node]
    impl Local {
        /// Its name.
        #[cfg(not(test))]
        pub async fn never(&self) -> Result<Missing> {
            Ok(())
        }

        /// Its name.
        #[cfg(test)]
        pub async fn name(&self) -> Result<String> {
            self.hosts().run("true").await?;
            Ok(self.name.clone())
        }
    }

    let local = Local::builder().name("y").build().bind(&Env::quiet())?;
    assert_eq!(local.name().await?, "y");
    assert!(Tree::of(&local).root().action("never").is_none());
    Ok(())
}

#[test]
fn futures_are_send() {
    fn check<T: Send>(_: T) {}
    let outer = shadowed::Outer::builder().build().bind(&Env::quiet()).unwrap();
    let other = outer.clone();
    check(async move { other.cells.act_twice().await });
    check(async move {
        let _ = outer.cells.serial().each(async |cell| cell.act(1).await).await;
    });
}
