//! Actions with arguments of many kinds, defaults, aliases, hooks of Rust around them.

use std::fmt::{self, Display};
use std::net::IpAddr;
use std::num::NonZeroU8;
use std::path::PathBuf;
use std::str::FromStr;
use std::sync::Arc;

use deploy_core::Value;
use deploy_core::prelude::*;
use deploy_core::testing::Recorder;

/// How much is said.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, ValueEnum, serde::Serialize)]
pub enum Level {
    /// Nothing.
    Silent,
    #[default]
    Normal,
    VeryLoud,
}

impl Display for Level {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{self:?}")
    }
}

/// A commit that is a commit.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Commit(String);

impl FromStr for Commit {
    type Err = String;

    fn from_str(text: &str) -> std::result::Result<Self, String> {
        if text.len() == 7 { Ok(Self(text.to_owned())) } else { Err("seven characters".to_owned()) }
    }
}

#[derive(serde::Serialize)]
pub struct Report {
    level: Level,
    sum: i64,
}

type Callback = Arc<dyn Fn(&str) -> String + Send + Sync>;

fn shout() -> Callback {
    Arc::new(|text| text.to_uppercase())
}

#[node(parallel)]
pub struct Tool {
    #[default(shout())]
    say: Callback,
    #[default(Level::VeryLoud)]
    level: Level,
    r#type: String,
}

#[node]
impl Tool {
    /// Manage it.
    #[action(name = "manage.py", alias = "2to3", alias = "m.", default)]
    pub async fn manage(
        &self,
        /// What to do.
        words: Vec<String>,
    ) -> Result<String> {
        let out = self.host().run(cmd!("python manage.py {words}")).await?;
        Ok(out.stdout_str()?.to_owned())
    }

    /// All kinds.
    pub async fn kinds(
        &self,
        commit: Commit,
        /// How loud.
        #[default(Level::Silent)]
        level: Level,
        #[default(-3)] shift: i64,
        times: Option<NonZeroU8>,
        force: bool,
        rest: Vec<PathBuf>,
    ) -> Result<Report> {
        let times = times.map_or(1, |times| i64::from(times.get()));
        let more = i64::from(force) * 100 + rest.len() as i64 * 1000;
        let text = (self.say)(&commit.0);
        self.host().run(cmd!("log {text}")).await?;
        Ok(Report { level, sum: shift * times + more })
    }

    pub async fn r#move(&self, r#type: String, address: IpAddr) -> Result<()> {
        self.host().run(cmd!("mv {type} {r#type} {self.type} {address}")).await?;
        Ok(())
    }

    pub async fn levels(&self, levels: Vec<Level>) -> Result<Vec<Level>> {
        Ok(levels)
    }

    pub async fn login(&self, password: Secret<String>) -> Result {
        self.host().run(cmd!("login {password}")).await?;
        Ok(())
    }

    /// Any error will do.
    pub async fn parse(&self, text: String) -> Result<u8, std::num::ParseIntError> {
        text.parse()
    }

    /// And a mixture of them.
    pub async fn mixed(&self, text: String) -> Result<String> {
        let number: u8 = text.parse()?;
        let text = String::from_utf8(vec![number])?;
        if text == "A" {
            return Err(Error::msg("not that one"));
        }
        Ok(text)
    }

    #[action(no_result)]
    pub async fn raw(&self) -> Result<std::time::Instant> {
        Ok(std::time::Instant::now())
    }

    pub fn kind(&self) -> &str {
        &self.r#type
    }

    pub fn loud(&self) -> Option<Level> {
        Some(self.level)
    }

    pub(crate) fn helper(&self, text: &str) -> String {
        (self.say)(text)
    }

    async fn private(&self, text: &str) -> usize {
        text.len()
    }
}

#[node]
impl Array<Tool> {
    /// Their names, as a query of the array.
    pub async fn names(&self) -> Result<Vec<String>> {
        Ok(self.iter().map(|tool| tool.helper(tool.host().name())).collect())
    }

    /// The first that answers.
    pub async fn any(&self) -> Result<Option<String>> {
        for tool in self.cells() {
            if tool.host().probe("true").await.is_ok() && tool.private("x").await == 1 {
                return Ok(Some(tool.host().name().to_owned()));
            }
        }
        Ok(None)
    }
}

#[node]
struct Root {
    #[node(r#type = "t")]
    #[hosts(host = ["t[1-2]"])]
    tools: Array<Tool>,

    #[node(r#type = "one", level = Level::Normal)]
    #[hosts(host = Host::local().named("here"))]
    tool: JustOne<Tool>,
}

#[tokio::test]
async fn arguments_of_every_kind() -> Result {
    let recorder = Recorder::new().on("python *", "done\n");
    let tree = Tree::of(&Root::builder().build().bind(&recorder.env())?);
    let tool = tree.resolve("tool")?;
    let params = tool.action("kinds").unwrap().params;
    let defaults: Vec<_> = params.iter().filter_map(|param| param.default_word()).collect();
    assert_eq!(defaults, ["silent", "-3"]);
    let kinds = |words: &'static [&'static str]| {
        let tool = tool.clone();
        async move { tool.call("kinds", words).await.map(|value| value.to_json()) }
    };
    assert_eq!(kinds(&["1234567"]).await?, serde_json::json!({"level": "Silent", "sum": -3}));
    assert_eq!(
        kinds(&["1234567", "very-loud", "--", "-2", "5", "a", "b"]).await?,
        serde_json::json!({"level": "VeryLoud", "sum": 1990})
    );
    assert_eq!(
        kinds(&["--force", "1234567", "normal", "7"]).await?,
        serde_json::json!({"level": "Normal", "sum": 107})
    );
    let error = kinds(&["123"]).await.unwrap_err().to_string();
    assert!(error.contains("seven characters"), "{error}");
    let error = kinds(&["1234567", "lowd"]).await.unwrap_err().to_string();
    assert!(error.contains("very-loud"), "{error}");
    for (name, words) in [("manage.py", &["a b"][..]), ("2to3", &[]), ("m.", &["--", "-x"])] {
        assert_eq!(tool.call(name, words).await?, Value::Text("done".to_owned()), "{name}");
    }
    recorder.clear();
    tool.call("move", &["a b", "::1"]).await?;
    tool.call("login", &["hunter22"]).await?;
    assert_eq!(recorder.commands("here"), ["mv 'a b' 'a b' one ::1", "login <secret>"]);
    assert_eq!(tool.call("levels", &["silent", "normal"]).await?.to_string(), "Silent\nNormal");
    assert!(tool.call("parse", &["x"]).await.is_err());
    assert!(tool.call("mixed", &["65"]).await.unwrap_err().to_string().contains("not that one"));
    assert!(tool.call("mixed", &["200"]).await.is_err());
    assert!(tool.call("raw", &[]).await?.is_none());
    let shown = |name: &str| {
        tool.properties().into_iter().find(|p| p.name == name).map(|p| p.value).unwrap()
    };
    assert_eq!(
        (shown("kind"), shown("level"), shown("type")),
        ("one".into(), "Normal".into(), "one".into())
    );
    Ok(())
}

#[tokio::test]
async fn as_methods() -> Result {
    let recorder = Recorder::new().on("python *", "ok");
    let root = Root::builder().build().bind(&recorder.env())?;
    let all = root.tools.manage(vec!["check".to_owned()]).await?;
    assert_eq!(all.get("t2").map(String::as_str), Some("ok"));
    assert_eq!(root.tools.names().await?, ["T1", "T2"]);
    assert_eq!(root.tools.any().await?.as_deref(), Some("t1"));
    let report =
        root.tool.kinds(Commit("abcdefg".into()), Level::Normal, 1, None, true, vec![]).await?;
    assert_eq!((report.sum, report.level), (101, Level::Normal));
    assert_eq!(root.tool.loud(), Some(Level::Normal));
    let parsed = root.tools.serial().parse("7".into()).await?;
    assert_eq!(parsed.values().copied().collect::<Vec<u8>>(), [7, 7]);
    let failed = root.tools.max_fail(1).mixed("x".into()).await.unwrap_err();
    assert!(failed.to_string().contains("t1"), "{failed}");
    let spawned = tokio::spawn(async move { root.tools.levels(vec![Level::Silent]).await });
    assert_eq!(spawned.await??.len(), 2);
    Ok(())
}
