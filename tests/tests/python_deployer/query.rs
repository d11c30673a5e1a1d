//! `query_test.py`: values that are computed from the properties of the node above. What was an expression object is an
//! expression, so its operators, conditions and types are Rust's own.

use std::collections::BTreeMap;

use deploy_core::prelude::*;
use deploy_core::testing::Recorder;

/// Takes a value of each kind.
#[node]
struct Values {
    text: String,
    number: u32,
    ratio: f64,
    flag: bool,
    words: Vec<String>,
    table: BTreeMap<String, String>,
    optional: Option<String>,
}

#[node]
struct Root {
    #[default("base")]
    name: String,
    #[default(6)]
    six: u32,
    #[default(true)]
    yes: bool,
    no: bool,
    #[default(BTreeMap::from([("key".to_owned(), "found".to_owned())]))]
    lookup: BTreeMap<String, String>,

    #[node(text = "literal", number = 5, ratio = 0.5, flag = true)]
    literals: Values,

    #[node(number = (self.six + 4 - 1) * 10 / 3 % 20, ratio = f64::from(self.six) / 4.0)]
    operators: Values,

    #[node(text = format!("{} is {}", self.name, self.six))]
    interpolated: Values,

    #[node(flag = self.yes && !(self.no || self.six > 6))]
    conditions: Values,

    #[node(
        words = [vec![self.name.clone()], vec!["more".to_owned()]].concat(),
        table = BTreeMap::from([(self.name.clone(), format!("{}", self.six))]),
        optional = self.name.clone(),
    )]
    nested: Values,

    #[node(
        text = self.lookup["key"].to_uppercase(),
        number = self.name.chars().filter(|c| *c == 'a').count() as u32 + self.lookup.len() as u32,
        flag = self.name.starts_with("ba"),
    )]
    selected: Values,
}

fn root() -> Bound<Root> {
    Root::builder().build().bind(&Recorder::new().env()).unwrap()
}

#[test]
fn a_literal_is_a_value() {
    let root = root();
    let Values { text, number, ratio, flag, .. } = &root.literals;
    assert_eq!((text.as_str(), *number, *flag), ("literal", 5, true));
    assert!((ratio - 0.5).abs() < f64::EPSILON);
}

#[test]
fn operators_compute_a_value() {
    let root = root();
    assert_eq!(root.operators.number, 10);
    assert!((root.operators.ratio - 1.5).abs() < f64::EPSILON);
}

#[test]
fn text_is_put_together() {
    assert_eq!(root().interpolated.text, "base is 6");
}

#[test]
fn conditions_are_combined() {
    assert!(root().conditions.flag);
}

#[test]
fn lists_and_tables_hold_properties() {
    let root = root();
    assert_eq!(root.nested.words, ["base", "more"]);
    assert_eq!(root.nested.table["base"], "6");
    assert_eq!(root.nested.optional.as_deref(), Some("base"));
}

#[test]
fn fields_items_and_methods_are_reached() {
    let root = root();
    assert_eq!(root.selected.text, "FOUND");
    assert_eq!(root.selected.number, 2);
    assert!(root.selected.flag);
}

#[test]
fn a_value_follows_what_is_set_further_out() {
    let root = Root::builder().name("other").six(7).build().bind(&Recorder::new().env()).unwrap();
    assert_eq!(root.interpolated.text, "other is 7");
}

/// A node whose properties are computed from others.
#[node]
struct Navigating {
    #[default("example.com")]
    domain: String,
    #[default("http")]
    port: String,
    #[node(text = self.domain.clone())]
    child: Values,
}

#[node]
impl Navigating {
    /// Of a child and of its own.
    pub fn address(&self) -> String {
        format!("www.{}", self.child.text)
    }

    /// One that can fail.
    pub fn port_number(&self) -> Result<u16> {
        self.port.parse().map_err(Error::from)
    }

    /// Reads both.
    pub async fn url(&self) -> Result<String> {
        Ok(format!("{}:{}", self.address(), self.port_number()?))
    }
}

#[tokio::test]
async fn a_query_is_a_property_and_fails_as_what_it_is() -> Result {
    let good = Navigating::builder().port("80").build().bind(&Recorder::new().env())?;
    assert_eq!(good.url().await?, "www.example.com:80");
    let shown: Vec<(&str, String)> =
        Tree::of(&good).root().properties().into_iter().map(|p| (p.name, p.value)).collect();
    assert_eq!(shown[2], ("address", "www.example.com".to_owned()));

    let bad = Navigating::builder().build().bind(&Recorder::new().env())?;
    let error = bad.url().await.unwrap_err();
    assert!(error.downcast_ref::<std::num::ParseIntError>().is_some(), "{error:?}");
    Ok(())
}
