//! One of everything.

use renamed::prelude::*;

/// A service of the init system.
#[node]
#[derive(Debug)]
pub struct Service {
    /// Its name.
    #[required]
    pub name: String,
    #[default(80)]
    port: u16,
    #[default(RemotePath::new("/srv"))]
    directory: RemotePath,
    flags: Vec<String>,
}

#[node]
impl Service {
    /// Its address.
    pub fn address(&self) -> String {
        format!("{}:{}", self.name, self.port)
    }

    /// Start it.
    ///
    /// # Errors
    /// When it does not start.
    #[action(alias = "up", confirm = "Really?")]
    pub async fn start(
        &self,
        /// How often.
        #[default(1)]
        times: u32,
        /// Of what.
        words: Vec<String>,
        /// Whether to wait.
        wait: bool,
    ) -> Result<String> {
        let (flags, name) = (&self.flags, &self.name);
        let wait = if wait { "--wait" } else { "--no-wait" };
        self.hosts()
            .cd(self.directory.clone())
            .run(cmd!("start {name} {times} {wait} {words} {flags}"))
            .await?;
        Ok(self.address())
    }
}

/// Differs between two trees.
pub trait Stage: Send + Sync + 'static {
    /// Its domain.
    const DOMAIN: &'static str;
}

/// One host of many.
#[node(parallel, roles(extra))]
#[derive(Debug)]
pub struct Cell {
    /// Its own service.
    #[node(name = "cell", flags = vec!["-v".to_owned()])]
    #[map_roles(host = [host, extra])]
    service: Service,
}

#[node]
impl Cell {
    /// Start what it has.
    ///
    /// # Errors
    /// When it does not start.
    pub async fn start(&self, times: Option<u32>) -> Result<Vec<String>> {
        Ok(vec![self.service.start(times.unwrap_or(1), Vec::new(), false).await?])
    }

    #[cfg(any())]
    pub async fn never(&self, there: NoSuchType) -> Result {
        Ok(())
    }
}

#[node]
impl Array<Cell> {
    /// Start two at a time.
    #[action(default)]
    pub async fn rolling(&self) -> Result<usize> {
        Ok(self.batch(2).start(None).await?.len())
    }
}

/// The top of a tree.
#[node(roles(one: One, many, some: AtLeastOne))]
#[derive(Debug)]
pub struct Top<S: Stage> {
    /// The first part.
    #[inherit]
    #[node(name = S::DOMAIN)]
    #[map_roles(host = ALL)]
    service: Service,

    /// The second part.
    #[group(production)]
    #[node(service.port = 81)]
    #[map_roles(host = many, extra = some)]
    cells: Array<Cell>,
}

#[node]
impl<S: Stage> Top<S> {
    /// Both parts.
    ///
    /// # Errors
    /// When one does not start.
    pub async fn all(&self) -> Result {
        self.start(1, Vec::new(), true).await?;
        self.cells.rolling().await?;
        Ok(())
    }
}
