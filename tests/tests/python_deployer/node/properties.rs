//! Properties: read in actions, set where a node is nested, and set again from further out.

use deploy_core::prelude::*;
use deploy_core::testing::Recorder;

/// What is set at the bottom.
#[node]
struct Bottom {
    #[default("default")]
    value: String,
    #[default(80)]
    port: u16,
    #[required]
    name: String,
    /// Nothing unless set.
    note: Option<String>,
}

#[node]
impl Bottom {
    /// A property that is computed.
    pub fn address(&self) -> String {
        format!("{}:{}", self.name, self.port)
    }

    /// Read both kinds.
    pub async fn read(&self) -> Result<String> {
        Ok(format!("{} at {}", self.value, self.address()))
    }
}

#[node]
struct Middle {
    #[node(name = "middle", port = 81)]
    bottom: Bottom,
}

#[node]
struct Upper {
    #[node(bottom.value = "upper")]
    middle: Middle,
}

#[node]
struct Root {
    #[node(name = "root")]
    plain: Bottom,

    #[node]
    middle: Middle,

    #[node(bottom.value = "one", bottom.port = 1)]
    changed: Middle,

    #[node]
    upper: Upper,

    #[node(middle.bottom.value = "outermost", middle.bottom.note = "set".to_owned())]
    outermost: Upper,
}

fn root() -> Bound<Root> {
    Root::builder().build().bind(&Recorder::new().env()).unwrap()
}

#[tokio::test]
async fn a_property_is_read_in_an_action() -> Result {
    assert_eq!(root().plain.read().await?, "default at root:80");
    Ok(())
}

#[tokio::test]
async fn a_child_is_changed_where_it_is_nested_and_nowhere_else() -> Result {
    let root = root();
    assert_eq!(root.changed.bottom.read().await?, "one at middle:1");
    assert_eq!(root.middle.bottom.read().await?, "default at middle:81");
    Ok(())
}

#[tokio::test]
async fn what_is_set_further_out_wins() -> Result {
    let root = root();
    assert_eq!(root.upper.middle.bottom.read().await?, "upper at middle:81");
    assert_eq!(root.outermost.middle.bottom.read().await?, "outermost at middle:81");
    assert_eq!(root.outermost.middle.bottom.note.as_deref(), Some("set"));
    Ok(())
}

#[tokio::test]
async fn a_builder_sets_what_a_nest_would() -> Result {
    let env = Recorder::new().env();
    let bottom = Bottom::builder().value("built").name("b").port(7).build().bind(&env)?;
    assert_eq!(bottom.read().await?, "built at b:7");
    assert_eq!(bottom.note, None);
    Ok(())
}

/// What is inherited.
#[node]
struct Base {
    #[default("base")]
    word: String,
}

#[node]
impl Base {
    /// Replaced below.
    pub async fn say(&self) -> Result<String> {
        Ok(format!("base says {}", self.word))
    }

    /// Not replaced.
    pub async fn keep(&self) -> Result<String> {
        Ok(format!("kept {}", self.word))
    }
}

/// What inherits.
#[node]
struct Derived {
    #[inherit]
    #[node(word = "derived")]
    base: Base,
}

#[node]
impl Derived {
    /// Call what it replaces.
    pub async fn say(&self) -> Result<String> {
        Ok(format!("{}, and more", self.base.say().await?))
    }

    /// Something of its own.
    pub async fn more(&self) -> Result<String> {
        self.keep().await
    }
}

#[tokio::test]
async fn an_inherited_action_can_be_replaced_and_called() -> Result {
    let derived = Derived::builder().build().bind(&Recorder::new().env())?;
    assert_eq!(derived.say().await?, "base says derived, and more");
    assert_eq!(derived.more().await?, "kept derived");
    assert_eq!(derived.word, "derived", "its properties as well");

    let root = Tree::of(&derived).root();
    let names: Vec<&str> = root.actions().iter().map(|action| action.name).collect();
    assert_eq!(names, ["say", "more", "keep"]);
    assert_eq!(root.call("say", &[]).await?.to_string(), "base says derived, and more");
    assert_eq!(root.call("keep", &[]).await?.to_string(), "kept derived");
    assert!(root.children().is_empty(), "what is inherited is no child");
    Ok(())
}
