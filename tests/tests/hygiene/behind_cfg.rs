//! Nodes, blocks and actions that are there or not.

use deploy_core::prelude::*;

/// Its actions depend on the configuration.
#[node(parallel)]
struct Cell {}

#[node]
impl Cell {
    /// Is there.
    #[cfg(test)]
    pub async fn there(&self) -> Result {
        Ok(())
    }

    /// Is not there, nor is its type.
    #[cfg(not(test))]
    pub async fn not_there(&self, there: NoSuchType) -> Result<NoSuchType> {
        Ok(())
    }

    /// One of two.
    #[cfg(test)]
    pub async fn either(&self) -> Result<u8> {
        Ok(1)
    }

    /// The other.
    #[cfg(not(test))]
    pub async fn either(&self) -> Result<u8> {
        Ok(2)
    }

    /// A property that is not there.
    #[cfg(not(test))]
    pub fn property(&self) -> NoSuchType {
        NoSuchType
    }
}

#[cfg(not(test))]
#[node]
struct NotThere {
    #[node]
    no: NoSuchNode,
}

#[cfg(not(test))]
#[node]
impl NotThere {
    pub async fn nothing(&self) {}
}

#[cfg(test)]
#[node]
struct Root {
    #[node]
    cells: Array<Cell>,
}

#[test]
fn only_what_is_configured_is_there() {
    let root = Root::builder().build().bind(&Env::quiet()).unwrap();
    let cells = Tree::of(&root).resolve("cells").unwrap();
    let names: Vec<&str> = cells.actions().iter().map(|action| action.name).collect();
    assert_eq!(names, ["there", "either"]);
    assert!(cells.properties().is_empty());
}
