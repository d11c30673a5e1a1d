//! A node that is written by hand, without any macro, is the same to everybody else as one that the macros wrote: what they
//! expand to is no more than this.

use deploy_core::__private::{
    Answered, Args, Argument, Bare, BlockImpl, BlockRows, Called, Cells, Child, ChildOf, Ctx,
    Draft, Erase, HostRoles, InNormal, InParallel, IntoSlot, IsRoot, Layers, Made, NestIn,
    NodeActions, NodeImpl, NodeKind, NodeRows, NodeSpec, Overrides, Place, Probe, PropertyKind,
    PropertySpec, Settable, no_action,
};
use deploy_core::prelude::*;
use deploy_core::testing::Recorder;

mod macros {
    //! The same, by the macros.

    use deploy_core::prelude::*;

    /// Says a word.
    #[node]
    pub(crate) struct Speaker {
        /// What is said.
        #[default("hello")]
        word: String,
    }

    #[node]
    impl Speaker {
        /// Twice the word.
        pub fn twice(&self) -> String {
            self.word.repeat(2)
        }

        /// Say it on every host.
        #[action(alias = "say")]
        pub async fn speak(
            &self,
            /// To whom.
            whom: String,
        ) -> Result<usize> {
            Ok(self.hosts().run(cmd!("echo {self.word} {whom}")).await?.len())
        }
    }
}

/// Says a word.
struct Speaker {
    word: String,
    node: Ctx<HostRoles>,
}

impl Speaker {
    fn twice(&self) -> String {
        self.word.repeat(2)
    }

    async fn speak(&self, whom: String) -> Result<usize> {
        Ok(self.hosts().run(cmd!("echo {self.word} {whom}")).await?.len())
    }
}

/// Sets what can be set from outside.
struct SpeakerBuilder {
    word: IntoSlot<String>,
}

impl Overrides for SpeakerBuilder {
    fn empty() -> Self {
        Self { word: IntoSlot::default() }
    }

    fn slot(&self, field: usize) -> &dyn Settable {
        [&self.word][field]
    }
}

impl SpeakerBuilder {
    fn word(mut self, word: impl Into<String>) -> Self {
        self.word.set(word);
        self
    }

    fn build(self) -> Draft<Speaker> {
        Draft { overrides: self }
    }
}

impl NodeActions for Speaker {
    fn describe(rows: &mut BlockRows) {
        let read = <String as Argument>::read;
        rows.action(0, "speak", "Say it on every host.").aliases(&["say"]).param(
            "whom",
            "To whom.",
            "String",
            Vec::new,
            read,
        );
        rows.query(0, "twice", "Twice the word.", "String");
    }

    fn call<'a>(me: &'a Self, number: usize, args: &mut Args) -> Called<'a> {
        match number {
            0 => Made(me.speak(args.one(0))).run(Answered::answer),
            _ => no_action(number),
        }
    }

    fn query(me: &Self, _number: usize) -> String {
        me.twice()
    }
}

impl NodeImpl for Speaker {
    type Me = Self;
    type Roles = HostRoles;
    type Overrides = SpeakerBuilder;
    type Array = Cells<Self>;

    const ERASE: Erase<Self> = Probe::<Self>::ERASE;
    const NAME: &'static str = "Speaker";

    fn describe(rows: &mut NodeRows) {
        let block = Probe::<Self>::BLOCK;
        rows.node("Says a word.", NodeKind::Normal, block, BlockImpl::NONE);
        rows.property(0, "word", "What is said.", PropertyKind::Default, "String");
    }

    fn ctx(&self) -> &Ctx<HostRoles> {
        &self.node
    }

    fn show(&self, _number: usize) -> String {
        self.word.clone()
    }

    fn bind(layers: &Layers<'_>, roles: HostRoles, at: &Place) -> Result<Self> {
        Ok(Self {
            word: layers.set(0, String::clone).unwrap_or_else(|| "hello".to_owned()),
            node: Ctx::new(at, roles)?,
        })
    }
}

impl Child for Speaker {
    type Me = Self;
    type As = Bare;
}

impl NestIn<InNormal> for Speaker {}
impl NestIn<InParallel> for Speaker {}
impl<P> ChildOf<P> for Speaker {}
impl IsRoot for Speaker {}

/// Both, where the macros nest them.
#[node]
struct Root {
    #[node(word = "hi")]
    by_hand: Speaker,

    #[node(word = "hi")]
    by_macro: macros::Speaker,
}

#[node]
struct Outer {
    #[node(by_hand.word = "outer", by_macro.word = "outer")]
    root: Root,
}

/// Everything that a description says, but for where it is written.
fn shown(spec: &NodeSpec) -> String {
    let properties = |properties: &[PropertySpec]| {
        properties
            .iter()
            .map(|p| format!("{} {:?} {:?} {}\n", p.name, p.doc, p.kind, p.type_name))
            .collect::<String>()
    };
    let actions: String = spec
        .actions()
        .iter()
        .map(|a| {
            let flags = (a.default, a.one_host, a.no_result, a.confirm, a.scope);
            let docs: Vec<&str> = a.params.iter().map(|param| param.doc).collect();
            format!("{} {:?} {:?} {flags:?} {docs:?}\n", a.usage(), a.aliases, a.doc)
        })
        .collect();
    format!(
        "{} {:?} {:?} {:?}\n{}{}{actions}{}",
        spec.type_name,
        spec.doc,
        spec.kind,
        spec.roles,
        properties(spec.properties),
        properties(spec.queries()),
        spec.children.len(),
    )
}

fn outer(recorder: &Recorder) -> Result<Bound<Outer>> {
    let roles = OuterRoles { host: Hosts::parse("a,b")? };
    Outer::builder().build().bind_to(roles, &recorder.env())
}

#[test]
fn the_description_is_the_same() {
    assert_eq!(shown(Speaker::spec()), shown(macros::Speaker::spec()));
    // It is read once for each type.
    assert!(std::ptr::eq(Speaker::spec(), Speaker::spec()));
    assert!(!std::ptr::eq(Speaker::spec(), macros::Speaker::spec()));
}

#[tokio::test]
async fn it_is_nested_set_and_called_as_any_other() -> Result {
    let recorder = Recorder::new();
    let outer = outer(&recorder)?;
    assert_eq!(outer.root.by_hand.path(), "root by_hand");
    assert_eq!(outer.root.by_hand.twice(), outer.root.by_macro.twice());
    let by_hand = outer.root.by_hand.speak("you".to_owned()).await?;
    let commands = recorder.all_commands();
    recorder.clear();
    let by_macro = outer.root.by_macro.speak("you".to_owned()).await?;
    assert_eq!((by_hand, commands), (by_macro, recorder.all_commands()));
    Ok(())
}

#[tokio::test]
async fn it_is_the_same_by_name() -> Result {
    let recorder = Recorder::new();
    let tree = Tree::of(&outer(&recorder)?);
    let mut seen = Vec::new();
    for path in ["root by_hand", "root by_macro"] {
        recorder.clear();
        let node = tree.resolve(path)?;
        let properties: Vec<String> = node.properties().into_iter().map(|p| p.value).collect();
        let value = node.call("say", &["you"]).await?;
        let error = node.call("say", &[]).await.unwrap_err();
        let error = error.to_string().replace(path, "PATH");
        seen.push((properties, value, error, recorder.all_commands()));
    }
    assert_eq!(seen[0], seen[1]);
    assert_eq!(seen[0].3, ["a: echo outer you", "b: echo outer you"]);
    assert_eq!(tree.find(is::<Speaker>()).len(), 1);
    Ok(())
}

#[tokio::test]
async fn it_is_a_root_as_well() -> Result {
    let recorder = Recorder::new();
    let roles = HostRoles { host: Hosts::parse("a")? };
    let root = SpeakerBuilder::empty().word("top").build().bind_to(roles, &recorder.env())?;
    assert_eq!(root.speak("you".to_owned()).await?, 1);
    assert_eq!(recorder.commands("a"), ["echo top you"]);
    Ok(())
}
