//! The pages of a wire as a process of its own, so that what answering costs can be told from what
//! asking costs.

use std::{
    fs,
    io::{BufRead, BufReader, Read, Seek},
    path::{Path, PathBuf},
    process::{Child, Command, Stdio},
};

use anyhow::{Context, bail};
use axum::{Router, http::header, routing::get};
use bytes::Bytes;
use depeche_search::Reader;
use depeche_store::Store;
use depeche_web::{Settings, Site, router};
use hyper::server::conn::http1;
use hyper_util::{rt::TokioIo, service::TowerToHyperService};
use tokio::{net::TcpListener, sync::watch};

use crate::arguments::Serve;

/// Where the asset stands that pages are compared with.
pub(crate) const ASSET: &str = "/bench/asset";

/// The pages over a store and its index, if there is one.
pub(crate) fn pages(store: &Store) -> Router {
    let (reader, search) = watch::channel(Reader::open(&store.folder().join("index")).ok());
    drop(reader);
    router(Site::new(store.clone(), search, Settings::default()))
}

/// Serves until it is killed, as the program does; says its port first.
#[expect(clippy::print_stdout, reason = "whoever started it reads the port")]
pub(crate) fn serve(wanted: &Serve) -> anyhow::Result<()> {
    more_descriptors();
    let store = Store::open(&wanted.folder)?;
    let mut router = pages(&store);
    if let Some(file) = &wanted.asset {
        let asset = Bytes::from(fs::read(file)?);
        let headers = [
            (header::CONTENT_TYPE, "text/html; charset=utf-8"),
            (header::CONTENT_ENCODING, "gzip"),
        ];
        // Added after the layers of the pages, so that none of them is around it.
        router = router.route(ASSET, get(async move || (headers, asset.clone())));
    }
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build()?;
    runtime.block_on(async {
        let listener = TcpListener::bind(("127.0.0.1", 0)).await?;
        println!("{}", listener.local_addr()?.port());
        loop {
            let (stream, _) = listener.accept().await?;
            let _ = stream.set_nodelay(true);
            let service = TowerToHyperService::new(router.clone());
            tokio::spawn(async move {
                let _ = http1::Builder::new().serve_connection(TokioIo::new(stream), service).await;
            });
        }
    })
}

/// Asks the system for all the descriptors it grants: a live page takes one at either end.
pub(crate) fn more_descriptors() {
    use rustix::process::{Resource, Rlimit, getrlimit, setrlimit};
    let limit = getrlimit(Resource::Nofile);
    let _ = setrlimit(Resource::Nofile, Rlimit { current: limit.maximum, maximum: limit.maximum });
}

/// A server that runs; it is killed when this is dropped.
pub(crate) struct Running {
    child: Child,
    pub(crate) port: u16,
}

impl Running {
    /// Serves the wire in `folder` from another process of this program.
    pub(crate) fn start(folder: &Path, asset: Option<&Path>) -> anyhow::Result<Self> {
        let mut command = Command::new(std::env::current_exe()?);
        command.arg("serve").arg(folder);
        if let Some(asset) = asset {
            command.arg("--asset").arg(asset);
        }
        Self::of(command, |line| line.trim().parse().ok())
    }

    /// Runs the program itself on the wire in `folder`.
    pub(crate) fn program(program: &Path, folder: &Path) -> anyhow::Result<Self> {
        let mut command = Command::new(program);
        command.args(["run", "--listen", "127.0.0.1:0", "--data"]).arg(folder);
        Self::of(command, |line| line.trim().rsplit_once(':')?.1.trim_end_matches('/').parse().ok())
    }

    /// Starts a process and reads its port from the first line it says.
    fn of(mut command: Command, port: impl Fn(&str) -> Option<u16>) -> anyhow::Result<Self> {
        // A file and not a pipe: nobody reads what a program says while it runs.
        let mut said = tempfile::tempfile()?;
        command.stdin(Stdio::null()).stdout(Stdio::piped()).stderr(said.try_clone()?);
        let started = command.spawn();
        let mut child = started.with_context(|| format!("cannot start {command:?}"))?;
        let mut line = String::new();
        if let Some(out) = child.stdout.take() {
            BufReader::new(out).read_line(&mut line)?;
        }
        // From here on it is ended whatever comes.
        let mut running = Self { child, port: 0 };
        let Some(port) = port(&line) else {
            let mut why = String::new();
            said.rewind()?;
            said.read_to_string(&mut why)?;
            bail!("{command:?} said {line:?} in the place of its port: {why}");
        };
        running.port = port;
        Ok(running)
    }

    pub(crate) fn pid(&self) -> u32 {
        self.child.id()
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// The program beside this one, or the one that `DEPECHE` names; `None` when it is not there.
pub(crate) fn program() -> Option<PathBuf> {
    let named = std::env::var_os("DEPECHE").map(PathBuf::from);
    let beside = || Some(std::env::current_exe().ok()?.with_file_name("depeche"));
    named.or_else(beside).filter(|file| file.is_file())
}
