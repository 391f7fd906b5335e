//! `depeche demo`: a wire of invented outlets, taken in by the real path over a real socket.

use std::{net::SocketAddr, path::PathBuf, time::Duration};

use anyhow::Context;
use depeche_collect::timetable::Intervals;
use depeche_news::{SourceVisibility, jiff::Timestamp};
use depeche_outbound::Allowance;
use depeche_store::{NewSource, SourceKind};
use depeche_web::Settings;
use tokio::net::TcpListener;

use crate::{
    arguments::{Allowed, Demo},
    command::{
        open,
        run::{Wire, lease, listen, runtime, serve, welcome},
    },
    outlets,
    service::{self, Manager},
    telling,
    wire::jobs,
};

/// Where the demo is served unless told otherwise.
const USUAL: &str = "127.0.0.1:8400";

/// How often the demo's outlets are asked; they are on this machine and know it.
const POLL_EVERY: Duration = Duration::from_secs(2);

/// Runs the demo until the system says stop.
pub(crate) fn demo(demo: &Demo) -> anyhow::Result<()> {
    let (folder, temporary) = match &demo.folder {
        Some(folder) => (folder.clone(), false),
        None => (temporary_folder()?, true),
    };
    let stop = service::stop_on_signals(Manager::default())?;
    let store = open(&folder)?;
    let (collecting, _serving) = (lease(&store, "collect")?, lease(&store, "serve")?);
    let runtime = runtime()?;
    let outlets = runtime.block_on(outlets::open(demo.every))?;
    for feed in &outlets.feeds {
        let new = NewSource {
            address: feed.address.clone(),
            name: Some(feed.name.clone()),
            language: Some(feed.language.clone()),
            visibility: SourceVisibility::Shared,
            kind: SourceKind::Feed,
        };
        store.add_source(new, Timestamp::now()).wait()?;
    }
    // The demo may ask exactly its own outlets, and nothing else on this machine.
    let own: Allowance = format!("127.0.0.1/32:{}", outlets.port).parse()?;
    let client = jobs::client(&Allowed { addresses: vec![own], contact: None })?;
    let intervals = Intervals { first: POLL_EVERY, shortest: POLL_EVERY, longest: POLL_EVERY };
    let mut wire = Wire::new(store.clone());
    wire.collect(&runtime, collecting, client, intervals);
    let listener = runtime.block_on(pages(demo.listen))?;
    welcome(&store, &listener)?;
    telling::say(
        "Dépêche runs with invented outlets; new dispatches keep coming. Stop with Ctrl-C.",
    );
    let settings = Settings { demo: true, ..Settings::default() };
    runtime.block_on(serve(&mut wire, listener, settings, stop));
    wire.stop(runtime);
    drop(store);
    if temporary {
        std::fs::remove_dir_all(&folder)
            .with_context(|| format!("cannot remove {}", folder.display()))?;
    }
    Ok(())
}

/// A new folder in the system's temporary place.
fn temporary_folder() -> anyhow::Result<PathBuf> {
    let name = format!("depeche-demo-{}-{}", std::process::id(), Timestamp::now().as_millisecond());
    let folder = std::env::temp_dir().join(name);
    std::fs::create_dir_all(&folder)
        .with_context(|| format!("cannot make {}", folder.display()))?;
    Ok(folder)
}

/// The socket of the pages: the usual port, or any free one where that is taken.
async fn pages(asked: Option<SocketAddr>) -> anyhow::Result<TcpListener> {
    match asked {
        Some(address) => listen(address, "--listen").await,
        None => match TcpListener::bind(USUAL).await {
            Ok(listener) => Ok(listener),
            Err(_) => listen(SocketAddr::from(([127, 0, 0, 1], 0)), "--listen").await,
        },
    }
}
