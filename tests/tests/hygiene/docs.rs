//! Doc comments of every kind reach whoever asks for help.

use deploy_core::prelude::*;

/// What it is.
///
/// And more of it, with "quotes", \backslashes and {braces}.
#[node]
struct Documented {
    /// What it holds.
    /// In two lines.
    property: String,

    /** In a block. */
    #[node]
    child: Child,

    #[doc = "From an attribute."]
    #[node]
    attribute: Child,

    #[node]
    own: Child,
}

/// Of the child's type.
#[node]
struct Child {}

#[node]
impl Documented {
    /// What it does.
    ///
    /// At length.
    pub async fn action(
        &self,
        /// The first argument.
        first: String,
        #[doc = "The second."] second: Option<u16>,
    ) -> Result {
        drop((first, second));
        Ok(())
    }

    /// What is computed.
    pub fn query(&self) -> usize {
        self.property.len()
    }
}

#[test]
fn doc_comments_survive() {
    let root = Documented::builder().build().bind(&Env::quiet()).unwrap();
    let tree = Tree::of(&root);
    let node = tree.root();
    assert_eq!(
        node.doc(),
        "What it is.\n\nAnd more of it, with \"quotes\", \\backslashes and {braces}."
    );
    assert_eq!(node.spec().summary(), "What it is.");
    let properties = node.properties();
    let docs: Vec<&str> = properties.iter().map(|property| property.doc).collect();
    assert_eq!(docs, ["What it holds.\nIn two lines.", "What is computed."]);
    let docs: Vec<&str> = node.children().iter().map(deploy_core::NodeRef::doc).collect();
    assert_eq!(docs, ["In a block.", "From an attribute.", "Of the child's type."]);
    let action = node.action("action").unwrap();
    assert_eq!((action.doc, action.summary()), ("What it does.\n\nAt length.", "What it does."));
    assert_eq!(action.params[0].doc, "The first argument.");
    assert_eq!(action.params[1].doc, "The second.");
}

/// Made up
#[doc = concat!("of ", "parts")]
#[node]
struct Composed {
    #[doc = concat!("Version ", env!("CARGO_PKG_VERSION"))]
    version: String,
}

#[node]
impl Composed {
    #[doc = include_str!("action.md")]
    pub async fn action(&self, #[doc = stringify!(anything)] first: String) -> Result<String> {
        Ok(first + &self.version)
    }
}

#[test]
fn doc_comments_of_macros_survive() {
    let root = Composed::builder().build().bind(&Env::quiet()).unwrap();
    let tree = Tree::of(&root);
    let node = tree.root();
    assert_eq!(node.doc(), "Made up\nof parts");
    assert_eq!(node.properties()[0].doc, "Version 0.1.0");
    let action = node.action("action").unwrap();
    assert_eq!(action.summary(), "Kept in a file of its own.");
    assert_eq!(action.params[0].doc, "anything");
}
