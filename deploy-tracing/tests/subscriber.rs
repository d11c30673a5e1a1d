//! What a subscriber sees of a run: spans in spans, the fields of hosts, and no secret.

use std::collections::HashMap;
use std::fmt;
use std::sync::{Arc, Mutex};

use deploy_core::prelude::*;
use deploy_core::testing::{Recorder, Reply};
use deploy_tracing::Tracing;
use tracing::field::{Field, Visit};
use tracing::span::{Attributes, Id, Record};
use tracing_subscriber::layer::{Context, Layer, SubscriberExt};
use tracing_subscriber::registry::LookupSpan;

/// A span: its name, its fields, whether it was closed, and the names of those above it.
#[derive(Clone, Debug, Default)]
struct Seen {
    name: String,
    fields: HashMap<String, String>,
    above: Vec<String>,
    closed: bool,
}

#[derive(Clone, Default)]
struct Watch {
    spans: Arc<Mutex<Vec<(u64, Seen)>>>,
    events: Arc<Mutex<Vec<HashMap<String, String>>>>,
}

struct Fields<'a>(&'a mut HashMap<String, String>);

impl Visit for Fields<'_> {
    fn record_debug(&mut self, field: &Field, value: &dyn fmt::Debug) {
        self.0.insert(field.name().to_owned(), format!("{value:?}").trim_matches('"').to_owned());
    }
}

impl Watch {
    fn change(&self, id: &Id, change: impl FnOnce(&mut Seen)) {
        let mut spans = self.spans.lock().unwrap();
        let (_, seen) = spans.iter_mut().rev().find(|(known, _)| *known == id.into_u64()).unwrap();
        change(seen);
    }

    fn spans(&self, name: &str) -> Vec<Seen> {
        let spans = self.spans.lock().unwrap();
        spans.iter().map(|(_, seen)| seen).filter(|seen| seen.name == name).cloned().collect()
    }
}

impl<S: tracing::Subscriber + for<'a> LookupSpan<'a>> Layer<S> for Watch {
    fn on_new_span(&self, attributes: &Attributes<'_>, id: &Id, context: Context<'_, S>) {
        let mut seen = Seen { name: attributes.metadata().name().to_owned(), ..Seen::default() };
        attributes.record(&mut Fields(&mut seen.fields));
        let above = context.span_scope(id).unwrap().skip(1);
        seen.above = above.map(|span| span.name().to_owned()).collect();
        self.spans.lock().unwrap().push((id.into_u64(), seen));
    }

    fn on_record(&self, id: &Id, values: &Record<'_>, _: Context<'_, S>) {
        self.change(id, |seen| values.record(&mut Fields(&mut seen.fields)));
    }

    fn on_event(&self, event: &tracing::Event<'_>, _: Context<'_, S>) {
        let mut fields = HashMap::new();
        event.record(&mut Fields(&mut fields));
        self.events.lock().unwrap().push(fields);
    }

    fn on_close(&self, id: Id, _: Context<'_, S>) {
        self.change(&id, |seen| seen.closed = true);
    }
}

/// Something that is started with a password.
#[node]
struct Service {
    #[required]
    token: Secret,
}

#[node]
impl Service {
    /// Start it.
    pub async fn start(&self) -> Result {
        self.hosts().run(cmd!("login {self.token}")).await?;
        Ok(())
    }
}

#[node]
struct Root {
    #[node(token = Secret::new("hunter2".to_owned()))]
    #[hosts(host = ["web[1-2]"])]
    web: Service,
}

#[tokio::test]
async fn a_run_is_spans_in_spans_without_secrets() {
    let watch = Watch::default();
    let _guard =
        tracing::subscriber::set_default(tracing_subscriber::registry().with(watch.clone()));
    let recorder = Recorder::new()
        .on_host("web2", "login *", Reply::status(3).stderr("not hunter2"))
        .on("login *", "welcome, hunter2");
    let outer = tracing::info_span!("outer");
    let env = outer.in_scope(|| recorder.env().reporter(Tracing::new()));
    let root = Root::builder().build().bind(&env).unwrap();
    let start = Tree::of(&root).resolve("web").unwrap();
    start.call("start", &[]).await.unwrap_err();
    env.finish().await;

    let actions = watch.spans("action");
    assert_eq!(actions.len(), 1);
    assert_eq!((&*actions[0].fields["node"], &*actions[0].fields["action"]), ("web", "start"));
    assert_eq!(actions[0].fields["ok"], "false");
    assert_eq!(actions[0].above, ["run", "outer"]);
    let commands = watch.spans("command");
    let mut told: Vec<(&str, &str, &str)> = commands
        .iter()
        .map(|it| (&*it.fields["host"], &*it.fields["outcome"], &*it.fields["status"]))
        .collect();
    told.sort_unstable();
    assert_eq!(told, [("web1", "ok", "0"), ("web2", "failed", "3")]);
    for command in &commands {
        assert_eq!(command.fields["command"], "login <secret>");
        assert_eq!(command.above, ["action", "run", "outer"]);
    }
    assert!(watch.spans("run").iter().chain(&actions).chain(&commands).all(|it| it.closed));
    let events = watch.events.lock().unwrap();
    assert!(events.iter().any(|event| event.get("message").is_some_and(|it| it == "not <secret>")));
    let all = format!("{:?}{events:?}", watch.spans.lock().unwrap());
    assert!(!all.contains("hunter2"), "{all}");
}
