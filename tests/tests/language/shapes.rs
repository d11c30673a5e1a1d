//! Structs of every shape: visibility, generics, raw names, properties of many types.

use std::collections::BTreeMap;
use std::path::PathBuf;

use deploy_core::Value;
use deploy_core::prelude::*;

mod inner {
    use deploy_core::prelude::*;

    #[node]
    pub(super) struct Leveled {
        pub(super) level: u8,
    }

    #[node]
    struct Private {
        level: u8,
    }

    /// Its child's type is nobody's business.
    #[node]
    pub struct Public {
        #[node(level = 3)]
        child: Private,
        pub(super) note: String,
    }

    impl Public {
        pub(super) fn level(&self) -> u8 {
            self.child.level
        }
    }

    #[node(parallel)]
    pub(super) struct Narrow {
        #[required]
        secret: Secret,
    }

    #[node]
    impl Narrow {
        pub async fn length(&self, extra: usize) -> Result<usize> {
            Ok(self.secret.expose().len() + extra)
        }
    }

    #[node]
    impl Array<Narrow> {
        /// Wins over the fan-out of the same name.
        pub async fn length(&self) -> Result<String> {
            let lengths = self.iter().map(|cell| cell.length(1));
            let mut sum = 0;
            for length in lengths {
                sum += length.await?;
            }
            Ok(format!("{sum} in all"))
        }
    }
}

use inner::{Narrow, Public};

#[node]
struct Unit;

#[node]
struct Generic<T, const N: usize = 2>
where
    T: Clone + Default + Send + Sync + 'static,
{
    values: Vec<T>,
    #[default(Self::double())]
    twice: usize,
    #[node]
    unit: Unit,
    #[node(level = Self::LEVEL)]
    leveled: inner::Leveled,
}

#[node]
impl<T, const N: usize> Generic<T, N>
where
    T: Clone + Default + Send + Sync + 'static,
{
    /// How many there are.
    pub async fn count(&self) -> Result<usize> {
        Ok(self.values.len() * N + self.twice)
    }
}

impl<T, const N: usize> Generic<T, N>
where
    T: Clone + Default + Send + Sync + 'static,
{
    const LEVEL: u8 = 7;

    fn double() -> usize {
        2 * N
    }
}

#[node]
struct Root {
    #[default("/tmp")]
    r#type: PathBuf,
    map: BTreeMap<String, Vec<u8>>,
    #[default(1.5)]
    ratio: f64,
    #[default('x')]
    letter: char,
    #[default([1, 2])]
    list: Vec<u8>,

    #[node(note = format!("in {}", self.r#type.display()))]
    public: Public,
    #[node(secret = "four")]
    #[hosts(host = Hosts::parse("n[1-2]").unwrap())]
    narrow: Array<Narrow>,
    #[node(values = self.list.clone())]
    generic: Generic<u8>,
}

#[tokio::test]
async fn every_shape_is_a_node() -> Result {
    let root = Root::builder().r#type("/srv").build().bind(&Env::quiet())?;
    assert_eq!(root.public.level(), 3);
    assert_eq!(root.generic.leveled.level, 7);
    assert_eq!(root.public.note, "in /srv");
    assert_eq!(root.generic.count().await?, 8);
    assert_eq!(root.narrow.length().await?, "10 in all");
    assert_eq!((root.ratio, root.letter, root.map.len()), (1.5, 'x', 0));

    let tree = Tree::of(&root);
    let narrow = tree.resolve("narrow")?;
    assert_eq!(narrow.call("length", &[]).await?, Value::Text("10 in all".to_owned()));
    let cell = tree.resolve("narrow:n2")?.call("length", &["5"]).await?;
    assert_eq!(cell.to_json(), serde_json::json!(9));
    let names: Vec<&str> = tree.root().properties().iter().map(|property| property.name).collect();
    assert_eq!(names, ["type", "map", "ratio", "letter", "list"]);
    Ok(())
}

type Port = u16;
type Ratio = f32;
type Below = i8;

#[derive(Clone, Debug, PartialEq)]
struct Level(i64);

impl From<i64> for Level {
    fn from(level: i64) -> Self {
        Self(level)
    }
}

/// Plain numbers as defaults of what is not seen to be a number, and of what a number turns into.
#[node]
struct Numbers<T: From<u8> + Clone + Default + Send + Sync + 'static> {
    #[default(80)]
    port: Port,
    #[default(-3)]
    below: Below,
    #[default(0.5)]
    ratio: Ratio,
    #[default(3)]
    maybe: Option<u64>,
    #[default(-7)]
    level: Level,
    #[default(9u8)]
    open: T,
}

#[node]
impl<T: From<u8> + Clone + Default + Send + Sync + 'static> Numbers<T> {
    pub async fn listen(&self, #[default(8080)] port: Port) -> Result<Port> {
        Ok(port)
    }
}

#[tokio::test]
async fn a_number_as_a_default_is_of_the_type_that_it_stands_for() -> Result {
    let numbers = Numbers::<u32>::builder().port(443u16).build().bind(&Env::quiet());
    assert_eq!(numbers?.port, 443);
    let numbers = Numbers::<u32>::builder().build().bind(&Env::quiet())?;
    assert_eq!((numbers.port, numbers.below, numbers.ratio), (80, -3, 0.5));
    assert_eq!((numbers.maybe, numbers.level.clone(), numbers.open), (Some(3), Level(-7), 9));
    let port = Tree::of(&numbers).root().call("listen", &[]).await?;
    assert_eq!(port.to_json(), serde_json::json!(8080));
    Ok(())
}

#[tokio::test]
async fn several_trees_stand_side_by_side() -> Result {
    let one = Root::builder().build().bind(&Env::quiet())?;
    let two = Root::builder().list([1, 2, 3]).build().bind(&Env::quiet().dry_run())?;
    assert_eq!(one.generic.count().await?, 8);
    assert_eq!(two.generic.count().await?, 10);
    assert!(format!("{one:?}").starts_with("Bound(Root"));
    Ok(())
}

trait Kind<T>: Send + Sync + 'static {
    const NAME: &'static str;
}

impl Kind<u8> for str {
    const NAME: &'static str = "text";
}

/// Its parameters have names that anything may have, and no size.
#[node]
struct Open<Here: Kind<u8> + ?Sized, const N: usize = 2> {
    #[default(N)]
    count: usize,
}

#[node]
impl<There: Kind<u8> + ?Sized, const M: usize> Open<There, M> {
    pub async fn name(&self) -> Result<String> {
        Ok(format!("{} {}", There::NAME, self.count))
    }
}

#[tokio::test]
async fn a_block_is_for_all_of_a_generic_node_whatever_it_calls_its_parameters() -> Result {
    let open = Open::<str>::builder().build().bind(&Env::quiet())?;
    let name = Tree::of(&open).root().call("name", &[]).await?;
    assert_eq!(name, Value::Text("text 2".to_owned()));
    Ok(())
}
