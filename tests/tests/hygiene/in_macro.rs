//! Nodes that a macro of the user's writes, with names, types and values from where it is called.

use deploy_core::prelude::*;
use deploy_core::testing::Recorder;

macro_rules! leaf {
    ($name:ident { $($property:ident: $ty:ty = $default:expr),* } $action:ident($arg:ident: $of:ty)) => {
        /// A cell.
        #[node(parallel, roles(extra))]
        struct $name {
            $(#[default($default)] $property: $ty,)*
        }

        #[node]
        impl $name {
            /// Say what is there.
            pub async fn $action(&self, $arg: $of) -> Result<String> {
                self.host().run(cmd!("true")).await?;
                Ok(format!("{:?} {:?}", $arg, ($(&self.$property,)*)))
            }
        }
    };
}

macro_rules! tree {
    ($name:ident [$($role:ident)*] {
        $($field:ident: $ty:ty [$($way:ident).+ = $value:expr] $roles:tt),*
    }) => {
        #[node(roles($($role),*))]
        struct $name {
            $(
                #[node($($way).+ = $value)]
                #[map_roles $roles]
                $field: $ty,
            )*
        }
    };
}

macro_rules! root {
    ($name:ident $field:ident: $ty:ty = $hosts:expr; $($way:ident).+ = $value:expr) => {
        #[node]
        struct $name {
            #[node($($way).+ = $value)]
            #[hosts(web = [$hosts], ..)]
            $field: $ty,
        }
    };
}

leaf!(Leaf { port: u16 = 80, name: String = "leaf" } show(number: Option<u8>));
tree!(System [web db] {
    leaf: Array<Leaf> [port = 81] (host = web, extra = [db, web]),
    rest: Array<Leaf> [name = "rest"] (host = db, extra = ALL)
});
root!(Root system: System = "web[1-2]"; leaf.name = "deep");

#[tokio::test]
async fn a_macro_writes_a_tree() -> Result {
    let root = Root::builder().build().bind(&Recorder::new().env())?;
    let shown = Tree::of(&root).resolve("system leaf:web2")?.call("show", &["7"]).await?;
    assert_eq!(shown.to_string(), r#"Some(7) (81, "deep")"#);
    assert_eq!(root.system.leaf.show(None).await?.len(), 2);
    assert_eq!(root.system.leaf.cells()[0].roles().extra.names(), ["web1", "web2"]);
    assert!(root.system.rest.is_empty());
    Ok(())
}
