//! Running as a service: what the service manager is told, and how the program is stopped.

use std::{
    os::unix::net::{SocketAddr, UnixDatagram},
    sync::Arc,
    time::Duration,
};

use crate::telling::INTERRUPTED;
use anyhow::Context;
use depeche_store::Store;
use tokio::{
    signal::unix::{Signal, SignalKind, signal},
    sync::watch,
};

/// The manager that started this process, if it wants to be told (`sd_notify(3)`).
#[derive(Clone, Default)]
pub(crate) struct Manager {
    socket: Option<Arc<(UnixDatagram, SocketAddr)>>,
}

impl Manager {
    /// The manager that the environment names.
    pub(crate) fn of_environment() -> Self {
        let named = std::env::var("NOTIFY_SOCKET").ok().filter(|name| !name.is_empty());
        let socket = named.and_then(|name| Some((UnixDatagram::unbound().ok()?, address(&name)?)));
        Self { socket: socket.map(Arc::new) }
    }

    /// The wire runs: `READY=1`, with a word on what it does.
    pub(crate) fn ready(&self, status: &str) {
        self.tell(&format!("READY=1\nSTATUS={status}"));
    }

    fn stopping(&self) {
        self.tell("STOPPING=1\nSTATUS=finishing what is under way");
    }

    /// Tells the manager at half of the interval that it asks for that the store answers; a wire whose
    /// store hangs falls silent and is started anew.
    pub(crate) fn watch(&self, store: &Store) {
        let Some(every) = watchdog_every() else { return };
        let (manager, store) = (self.clone(), store.clone());
        std::thread::spawn(move || {
            loop {
                match store.cursor() {
                    Ok(_) => manager.tell("WATCHDOG=1"),
                    Err(error) => tracing::error!(%error, "the store does not answer"),
                }
                std::thread::sleep(every);
            }
        });
    }

    fn tell(&self, state: &str) {
        let Some(socket) = &self.socket else { return };
        if let Err(error) = socket.0.send_to_addr(state.as_bytes(), &socket.1) {
            tracing::debug!(%error, state, "the service manager could not be told");
        }
    }
}

/// A path, or a name in Linux's abstract namespace (`@name`).
fn address(name: &str) -> Option<SocketAddr> {
    match name.strip_prefix('@') {
        #[cfg(target_os = "linux")]
        Some(name) => {
            <SocketAddr as std::os::linux::net::SocketAddrExt>::from_abstract_name(name).ok()
        }
        #[cfg(not(target_os = "linux"))]
        Some(_) => None,
        None => SocketAddr::from_pathname(name).ok(),
    }
}

/// Half of what `WATCHDOG_USEC` asks, where it is meant for this process.
fn watchdog_every() -> Option<Duration> {
    let number = |name| std::env::var(name).ok().and_then(|text| text.parse::<u64>().ok());
    let ours = number("WATCHDOG_PID").is_none_or(|pid| pid == u64::from(std::process::id()));
    let asked = number("WATCHDOG_USEC").filter(|asked| ours && *asked > 0)?;
    Some(Duration::from_micros(asked / 2))
}

/// Tells everyone who asks that it is time to stop.
#[derive(Clone)]
pub(crate) struct Stop(watch::Receiver<bool>);

impl Stop {
    /// Waits until it is time to stop.
    pub(crate) async fn told(&mut self) {
        // Whoever tells lives as long as the process; if it were gone, it would be time to stop too.
        let _ = self.0.wait_for(|told| *told).await;
    }

    /// Whether it is time to stop.
    pub(crate) fn is_told(&self) -> bool {
        *self.0.borrow()
    }

    /// What turns true when it is time to stop.
    pub(crate) fn watched(&self) -> watch::Receiver<bool> {
        self.0.clone()
    }
}

/// Listens for SIGTERM and SIGINT from here on: the first stops the wire, the second ends the process at once. They
/// are waited for in a thread of its own, so that the second is heard whatever the rest is waiting for.
pub(crate) fn stop_on_signals(manager: Manager) -> anyhow::Result<Stop> {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_io().build();
    let runtime = runtime.context("cannot listen for signals")?;
    let (told, stop) = watch::channel(false);
    // Here, and not in the thread, which may begin after the first signal.
    let listen = |kind| {
        let _within = runtime.enter();
        signal(kind).context("cannot listen for signals")
    };
    let (terminate, interrupt) =
        (listen(SignalKind::terminate())?, listen(SignalKind::interrupt())?);
    std::thread::spawn(move || runtime.block_on(tell(terminate, interrupt, &told, &manager)));
    Ok(Stop(stop))
}

async fn tell(
    mut terminate: Signal,
    mut interrupt: Signal,
    told: &watch::Sender<bool>,
    manager: &Manager,
) {
    for heard in 1.. {
        tokio::select! {
            _ = terminate.recv() => {}
            _ = interrupt.recv() => {}
        }
        if heard > 1 {
            std::process::exit(i32::from(INTERRUPTED));
        }
        manager.stopping();
        told.send_replace(true);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_manager_is_named_by_a_path_or_an_abstract_name() {
        assert!(
            address("/run/systemd/notify").is_some_and(|address| address.as_pathname().is_some())
        );
        #[cfg(target_os = "linux")]
        assert!(address("@depeche/notify").is_some_and(|address| address.as_pathname().is_none()));
        assert!(address(&"x".repeat(4096)).is_none());
    }
}
