//! The loop that answers readers: HTTP/1 with limits, so that connections which say nothing cost
//! nobody else anything.

use std::{pin::pin, sync::Arc, time::Duration};

use axum::Router;
use hyper::server::conn::http1;
use hyper_util::{
    rt::{TokioIo, TokioTimer},
    service::TowerToHyperService,
};
use rustix::process::{Resource, Rlimit, getrlimit, setrlimit};
use tokio::{
    net::{TcpListener, TcpStream},
    sync::Semaphore,
    time::timeout,
};

use crate::service::Stop;

/// How long a request's head may take, and how long a connection may stand idle between two: a
/// browser sends a head in one packet and keeps connections for a minute.
const HEAD_WITHIN: Duration = Duration::from_secs(30);

/// Descriptors kept for the store, the index and the collector.
const DESCRIPTORS_OWN: u64 = 256;

/// Connections at once at most; each live page is one and costs about 20 kB.
const CONNECTIONS_MAX: u64 = 10_000;

/// Rest after the system refused a connection, so that a full table is not hammered.
const REST: Duration = Duration::from_millis(100);

/// How long a stop waits for requests under way; a page takes milliseconds, a reader on a bad line
/// some seconds.
const END_WITHIN: Duration = Duration::from_secs(3);

/// Serves until it is time to stop: then takes no new connection and ends the others after the
/// request that is under way.
pub(crate) async fn serve(listener: TcpListener, router: Router, mut stop: Stop) {
    let most = connections_max();
    let seats = Arc::new(Semaphore::new(most));
    loop {
        // Waiting here leaves newcomers in the system's queue instead of running out of descriptors.
        let Ok(seat) = Arc::clone(&seats).acquire_owned().await else { return };
        let stream = tokio::select! {
            stream = next(&listener) => stream,
            () = stop.told() => break,
        };
        let (router, stop) = (router.clone(), stop.clone());
        tokio::spawn(async move {
            connection(stream, router, stop).await;
            drop(seat);
        });
    }
    drop(listener);
    let _ = timeout(END_WITHIN, seats.acquire_many(most as u32)).await;
}

async fn next(listener: &TcpListener) -> TcpStream {
    loop {
        match listener.accept().await {
            Ok((stream, _)) => return stream,
            Err(error) => {
                tracing::warn!(%error, "a reader's connection could not be taken");
                tokio::time::sleep(REST).await;
            }
        }
    }
}

async fn connection(stream: TcpStream, router: Router, mut stop: Stop) {
    // Frames of a live page are small and wanted at once. A socket that refuses is about to close.
    let _ = stream.set_nodelay(true);
    let mut http = http1::Builder::new();
    http.timer(TokioTimer::new()).header_read_timeout(HEAD_WITHIN);
    let served = http.serve_connection(TokioIo::new(stream), TowerToHyperService::new(router));
    let mut served = pin!(served);
    // How a reader's connection ends is no concern of ours.
    tokio::select! {
        _ = served.as_mut() => return,
        () = stop.told() => {}
    }
    served.as_mut().graceful_shutdown();
    let _ = served.await;
}

/// As many connections as descriptors allow, after asking the system for all it grants us.
fn connections_max() -> usize {
    let limit = getrlimit(Resource::Nofile);
    let wanted = Rlimit { current: limit.maximum, maximum: limit.maximum };
    let granted =
        if setrlimit(Resource::Nofile, wanted).is_ok() { limit.maximum } else { limit.current };
    let connections = granted.unwrap_or(u64::MAX).saturating_sub(DESCRIPTORS_OWN);
    connections.clamp(64, CONNECTIONS_MAX) as usize
}
