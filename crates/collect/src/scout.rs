//! Who asks, and how politely: in the turns of hosts, as robots.txt allows, and not while they rest.

use std::{sync::Arc, time::Duration};

use depeche_news::{Access, jiff::Timestamp};
use depeche_outbound::Client;

use crate::{Failure, Fault, Fetched, HostPace, Outcome, Rests, Robots, RobotsBook, Target, fetch};

/// What every request to a host goes by.
#[derive(Clone, Copy, Debug)]
pub struct Scout<'a> {
    /// The client.
    pub client: &'a Client,
    /// The turns of hosts.
    pub pace: &'a HostPace,
    /// What sites ask of robots.
    pub robots: &'a RobotsBook,
    /// Hosts that asked to be left alone.
    pub rests: &'a Rests,
    /// How long a host is left alone that does not say how long.
    pub least: Duration,
    /// When this is.
    pub now: Timestamp,
}

impl Scout<'_> {
    /// Until when the host of `address` is not to be asked. A proxy of one's own has an address of its own,
    /// which nobody asked to rest.
    pub fn resting(&self, address: &str, access: Option<&Access>) -> Option<Timestamp> {
        self.rests.until(address, self.now).filter(|_| !is_proxied(access))
    }

    /// Takes note of a failure that asks for rest.
    pub fn heard(&self, failure: &Failure, access: Option<&Access>) {
        if !is_proxied(access) {
            self.rests.heard(failure, self.least, self.now);
        }
    }

    /// What the site of `address` says to robots; a failure while its host rests.
    pub async fn rules(
        &self,
        address: &str,
        access: Option<&Access>,
    ) -> Result<Arc<Robots>, Failure> {
        self.awake(address, access)?;
        let rules = self.robots.of(self, address, access).await;
        // It may just have asked for rest.
        self.awake(address, access)?;
        Ok(rules)
    }

    /// Asks a source once, in its host's turn, with the time that its robots.txt asks for between two.
    pub async fn fetch(&self, target: &Target, delay: Duration) -> Fetched {
        let (address, access) = (&target.address, target.access.as_ref());
        let _turn = self.pace.page_turn(address, delay).await;
        if let Err(failure) = self.awake(address, access) {
            return Fetched::of(Outcome::Failed(failure));
        }
        let fetched = fetch(self.client, target, self.now).await;
        if let Some(failure) = fetched.outcome.failure() {
            self.heard(failure, access);
        }
        fetched
    }

    /// A failure while the host of `address` rests.
    pub fn awake(&self, address: &str, access: Option<&Access>) -> Result<(), Failure> {
        match self.resting(address, access) {
            Some(until) => Err(Failure::new(Fault::HostRests, format!("until {until}"))),
            None => Ok(()),
        }
    }
}

fn is_proxied(access: Option<&Access>) -> bool {
    access.is_some_and(|access| access.proxy.is_some())
}
