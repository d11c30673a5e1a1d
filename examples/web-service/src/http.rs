//! Requests and answers: connections, routes, headers, the line in the log.
//!
//! Owns what a client sees of HTTP. It knows no SQL, and no markup beyond its content type.

use std::convert::Infallible;
use std::future::Future;
use std::net::SocketAddr;
use std::sync::Arc;
use std::time::{Duration, Instant};

use http_body_util::Full;
use hyper::body::{Bytes, Incoming};
use hyper::header::{self, HeaderMap, HeaderName, HeaderValue};
use hyper::server::conn::http1;
use hyper::service::service_fn;
use hyper::{Method, Request, Response, StatusCode};
use hyper_util::rt::{TokioIo, TokioTimer};
use hyper_util::server::graceful::GracefulShutdown;
use tokio::net::{TcpListener, TcpStream};

use crate::log;
use crate::page::Page;
use crate::store::Store;

/// How long a client may take to send the head of a request.
const HEAD_TIMEOUT: Duration = Duration::from_secs(15);
/// How long requests that are under way may take after the service was told to stop.
const STOP_TIMEOUT: Duration = Duration::from_secs(5);

const X_HOST: HeaderName = HeaderName::from_static("x-host");
const X_REVISION: HeaderName = HeaderName::from_static("x-revision");
const TEXT: &str = "text/plain; charset=utf-8";
const HTML: &str = "text/html; charset=utf-8";

type Answer = Response<Full<Bytes>>;

/// What the service serves.
#[derive(Debug)]
pub(crate) struct Site {
    store: Store,
    host: String,
    revision: String,
    /// On every answer, so that a balancer's log can tell who gave it.
    headers: [(HeaderName, HeaderValue); 2],
}

impl Site {
    pub(crate) fn new(store: Store, host: String, revision: String) -> Result<Self, String> {
        let value = |text: &str| {
            HeaderValue::from_bytes(text.as_bytes())
                .map_err(|_| format!("{text:?} does not fit into a header"))
        };
        let headers = [(X_HOST, value(&host)?), (X_REVISION, value(&revision)?)];
        Ok(Self { store, host, revision, headers })
    }

    pub(crate) fn host(&self) -> &str {
        &self.host
    }

    pub(crate) fn revision(&self) -> &str {
        &self.revision
    }

    /// Answers one request and writes its line to the log.
    async fn answer(&self, request: &Request<Incoming>, peer: SocketAddr) -> Answer {
        let begin = Instant::now();
        let (mut answer, problem) = match self.route(request).await {
            Ok(answer) => (answer, String::new()),
            Err(error) => (unavailable(&self.revision), format!(" ({error})")),
        };
        for (name, value) in &self.headers {
            answer.headers_mut().insert(name, value.clone());
        }
        log::line(format_args!(
            "{peer} {} {:?} {} {} ms{problem}",
            request.method(),
            request.uri().path_and_query().map_or("", |path| path.as_str()),
            answer.status().as_u16(),
            begin.elapsed().as_millis(),
        ));
        answer
    }

    async fn route(&self, request: &Request<Incoming>) -> Result<Answer, crate::store::Error> {
        if !matches!(*request.method(), Method::GET | Method::HEAD) {
            let mut answer = text(StatusCode::METHOD_NOT_ALLOWED, "method not allowed\n");
            answer.headers_mut().insert(header::ALLOW, HeaderValue::from_static("GET, HEAD"));
            return Ok(answer);
        }
        match request.uri().path() {
            "/" => {
                // A HEAD request looks, only a GET is a visit.
                let visits = match *request.method() {
                    Method::HEAD => self.store.visits().await?,
                    _ => self.store.count_visit().await?,
                };
                let page = Page { host: &self.host, revision: &self.revision, visits };
                Ok(if wants_text(request.uri().query(), request.headers()) {
                    text(StatusCode::OK, page.text())
                } else {
                    html(page.html())
                })
            }
            "/health" => {
                self.store.visits().await?;
                Ok(text(StatusCode::OK, format!("ok\nrevision {}\n", self.revision)))
            }
            _ => Ok(text(StatusCode::NOT_FOUND, "not found\n")),
        }
    }
}

/// Serves until `stop` is ready, then lets the requests under way finish.
pub(crate) async fn serve(listener: TcpListener, site: Site, stop: impl Future<Output = ()>) {
    let site = Arc::new(site);
    let connections = GracefulShutdown::new();
    tokio::pin!(stop);
    loop {
        let accepted = tokio::select! {
            () = &mut stop => break,
            accepted = listener.accept() => accepted,
        };
        match accepted {
            Ok((stream, peer)) => serve_connection(stream, peer, &site, &connections),
            Err(error) => {
                log::line(format_args!("cannot accept a connection: {error}"));
                // Usually no file descriptor is free; an immediate retry would only burn time.
                tokio::time::sleep(Duration::from_millis(100)).await;
            }
        }
    }
    drop(listener);
    if tokio::time::timeout(STOP_TIMEOUT, connections.shutdown()).await.is_err() {
        log::line(format_args!("gave up on requests after {} s", STOP_TIMEOUT.as_secs()));
    }
}

fn serve_connection(
    stream: TcpStream,
    peer: SocketAddr,
    site: &Arc<Site>,
    connections: &GracefulShutdown,
) {
    let site = Arc::clone(site);
    let service = service_fn(move |request: Request<Incoming>| {
        let site = Arc::clone(&site);
        async move { Ok::<_, Infallible>(site.answer(&request, peer).await) }
    });
    let connection = http1::Builder::new()
        .timer(TokioTimer::new())
        .header_read_timeout(HEAD_TIMEOUT)
        .serve_connection(TokioIo::new(stream), service);
    let connection = connections.watch(connection);
    tokio::spawn(async move {
        // A client that goes away or talks nonsense is its own problem, not the log's.
        let _ = connection.await;
    });
}

/// Plain lines for whoever asks for them in the query, or in `Accept` without asking for HTML.
fn wants_text(query: Option<&str>, headers: &HeaderMap) -> bool {
    let mut pairs = query.unwrap_or_default().split('&').filter_map(|pair| pair.split_once('='));
    if let Some((_, format)) = pairs.find(|(name, _)| *name == "format") {
        return format == "text";
    }
    let accepts = |kind: &str| {
        headers.get_all(header::ACCEPT).iter().filter_map(|value| value.to_str().ok()).any(
            |value| {
                value.split(',').any(|range| {
                    range.split(';').next().is_some_and(|it| it.trim().eq_ignore_ascii_case(kind))
                })
            },
        )
    };
    accepts("text/plain") && !accepts("text/html")
}

fn text(status: StatusCode, body: impl Into<Bytes>) -> Answer {
    answer(status, TEXT, body.into())
}

fn html(body: String) -> Answer {
    let mut answer = answer(StatusCode::OK, HTML, body.into());
    // The page holds its only style and loads nothing; whatever slips in must stay inert.
    answer.headers_mut().insert(
        header::CONTENT_SECURITY_POLICY,
        HeaderValue::from_static("default-src 'none'; img-src data:; style-src 'unsafe-inline'"),
    );
    answer
}

/// The reason stays in the log, it may name hosts and users.
fn unavailable(revision: &str) -> Answer {
    text(
        StatusCode::SERVICE_UNAVAILABLE,
        format!("the database does not answer\nrevision {revision}\n"),
    )
}

fn answer(status: StatusCode, content_type: &'static str, body: Bytes) -> Answer {
    let mut answer = Response::new(Full::new(body));
    *answer.status_mut() = status;
    let headers = answer.headers_mut();
    headers.insert(header::CONTENT_TYPE, HeaderValue::from_static(content_type));
    headers.insert(header::CACHE_CONTROL, HeaderValue::from_static("no-store"));
    headers.insert(header::X_CONTENT_TYPE_OPTIONS, HeaderValue::from_static("nosniff"));
    headers.insert(header::VARY, HeaderValue::from_static("accept"));
    answer
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn text_is_for_whoever_asks() {
        for (query, accept, expected) in [
            (None, "*/*", false),
            (None, "text/plain", true),
            (None, "application/json, Text/Plain;q=0.9", true),
            (None, "text/html, text/plain", false),
            (Some("format=text"), "text/html", true),
            (Some("a=b&format=html"), "text/plain", false),
            (Some("format"), "text/plain", true),
        ] {
            let headers =
                HeaderMap::from_iter([(header::ACCEPT, HeaderValue::from_static(accept))]);
            assert_eq!(wants_text(query, &headers), expected, "{query:?} {accept}");
        }
    }
}
