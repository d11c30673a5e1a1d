//! A module that calls its own things as the standard library calls its.

#![allow(
    dead_code,
    unused_macros,
    non_camel_case_types,
    reason = "they are there to be in the way"
)]

use deploy_core::testing::Recorder;
use deploy_core::{Array, Hosts, JustOne, cmd, node};

// Nothing of this is ever used: whatever the macros write must not find it.
struct Result;
struct String;
struct Option;
struct Vec;
struct Box;
struct Error;
struct Env;
struct Host;
struct PerHost;
struct Cmd;
struct PhantomData;
struct str;
struct bool;
struct u16;
struct usize;
struct Ok;
struct Err;
struct Some;
struct None;
trait Default {}
trait Clone {}
trait Debug {}
trait Into {}
trait From {}
trait Iterator {}
trait Future {}
trait Fn {}
trait FnMut {}
trait Send {}
trait Sync {}
trait Deref {}
trait Any {}
trait Node {}
trait Roles {}
mod std {}
mod core {}
mod alloc {}

macro_rules! vec {
    ($($t:tt)*) => {
        compile_error!("not this one")
    };
}
macro_rules! panic {
    ($($t:tt)*) => {
        compile_error!("not this one")
    };
}
macro_rules! format {
    ($($t:tt)*) => {
        compile_error!("not this one")
    };
}

/// A cell.
#[node(parallel, roles(others))]
struct Cell {
    #[default("word")]
    word: ::std::string::String,
    #[default(3)]
    number: ::core::primitive::u16,
    #[required]
    flag: ::core::primitive::bool,
    list: ::std::vec::Vec<::std::string::String>,
    maybe: ::core::option::Option<::std::string::String>,
}

#[node]
impl Cell {
    /// A property.
    pub fn twice(&self) -> ::std::string::String {
        self.word.repeat(2)
    }

    /// An action.
    #[action(alias = "again", one_host)]
    pub async fn work(
        &self,
        word: ::std::string::String,
        #[default(7)] number: ::core::primitive::u32,
        maybe: ::core::option::Option<::core::primitive::u8>,
        list: ::std::vec::Vec<::std::string::String>,
    ) -> deploy_core::Result<::std::string::String> {
        let maybe = maybe.unwrap_or(1);
        let host = deploy_core::Node::host(self);
        host.run(cmd!("{self.word} {word} {number} {maybe} {list}")).await?;
        deploy_core::Result::Ok(self.twice())
    }
}

#[node]
impl Array<Cell> {
    /// Of the array.
    pub async fn once(&self) -> deploy_core::Result<::core::primitive::usize> {
        deploy_core::Result::Ok(self.len())
    }
}

/// Sets values and maps roles.
#[node(roles(a, b: One, c: AtLeastOne))]
struct Parent {
    own: ::std::string::String,

    #[node(word = self.own.clone(), number = 4, flag = true)]
    #[map_roles(host = a, others = [b, c])]
    cells: Array<Cell>,

    #[node(flag = false)]
    #[map_roles(host = b, others = ALL)]
    one: JustOne<Cell>,

    #[node(flag = false)]
    #[hosts(host = ["x[1-2]"], others = [deploy_core::Host::local()])]
    given: Array<Cell>,
}

#[node(hosts = OuterRoles { a: hosts("h1,h2"), b: deploy_core::Host::ssh("h3"), c: hosts("h4") }, roles(a, b: One, c: AtLeastOne))]
struct Outer {
    #[inherit]
    #[node(own = "outer", cells.list = [::std::string::String::new()])]
    parent: Parent,
}

fn hosts(pattern: &::core::primitive::str) -> Hosts {
    Hosts::parse(pattern).unwrap_or_default()
}

#[tokio::test]
async fn names_that_hide_the_standard_ones_are_in_nobodys_way() -> deploy_core::Result {
    let recorder = Recorder::new();
    let outer = Outer::builder().build().bind(&recorder.env())?;
    let list = ::std::vec::Vec::new();
    let done = outer.cells.work("w".into(), 1, ::core::option::Option::None, list).await?;
    assert_eq!(
        done.get("h2").map(::std::string::String::as_str),
        ::core::option::Option::Some("outerouter")
    );
    assert_eq!(recorder.commands("h1"), ["outer w 1 1"]);
    assert_eq!(outer.given.once().await?, 2);
    let tree = deploy_core::Tree::of(&outer);
    tree.resolve("one")?.call("again", &["x", "8", "9", "y", "z"]).await?;
    assert_eq!(recorder.commands("h3"), ["word x 8 9 y z"]);
    deploy_core::Result::Ok(())
}
