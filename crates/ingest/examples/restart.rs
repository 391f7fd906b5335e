//! How long a restart takes: with the snapshot of the window, with one that is behind, and without.
//!
//! `restart [ITEMS]`: so many invented articles (100,000) of 3 kB, a fifth of them copies, are taken into a new store,
//! which is in the folder for temporary files and goes at the end.

#![allow(clippy::print_stdout, reason = "it prints its figures")]

use std::{env, error::Error, fs, time::Instant};

use depeche_ingest::Ingest;
use depeche_news::{
    Delivery, DeliveryKind, SourceId, SourceVisibility, Validators, jiff::Timestamp,
};
use depeche_store::{NewSource, SourceKind, Store};

/// Articles of a delivery.
const AT_ONCE: usize = 100;

/// Numbers that look random and are the same on every run.
struct Dice(u64);

impl Dice {
    fn roll(&mut self, sides: u64) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        (z ^ (z >> 31)) % sides
    }

    /// A word of 80,000, of which the n-th is used 1/n as often as the first.
    fn word(&mut self) -> String {
        let rank = (80_000f64).powf(self.roll(1 << 20) as f64 / f64::from(1 << 20)) as u64;
        let mut letters = Self(rank);
        let syllable = |letters: &mut Self| {
            let first = ["b", "d", "f", "l", "m", "n", "p", "r", "s", "t", "v", "ch", "gr", "tr"];
            let then = ["a", "e", "i", "o", "u", "an", "on", "ou", "ai", "eu"];
            let pick = |from: &[&'static str], letters: &mut Self| {
                from.get(letters.roll(from.len() as u64) as usize).copied().unwrap_or_default()
            };
            format!("{}{}", pick(&first, letters), pick(&then, letters))
        };
        (0..2 + rank.min(2)).map(|_| syllable(&mut letters)).collect()
    }

    fn words(&mut self, count: usize) -> String {
        (0..count).map(|_| self.word()).collect::<Vec<_>>().join(" ")
    }
}

/// An article as an entry of a feed; every fifth has the text of an earlier one.
fn entry(number: u64) -> String {
    let copied = Dice(number).roll(5) == 0 && number > 0;
    let mut dice =
        Dice(if copied { number - 1 - Dice(number).roll(number.min(999)) } else { number });
    let text: String = (0..6).map(|_| format!("&lt;p&gt;{}.&lt;/p&gt;", dice.words(75))).collect();
    let title = Dice(number ^ 1 << 40).words(8);
    format!(
        "<item><title>{title}</title><link>https://a.example/{number}</link><guid>g{number}</guid>\
         <description>{text}</description></item>"
    )
}

struct Desk {
    store: Store,
    source: SourceId,
    items: u64,
}

impl Desk {
    fn start(&self) -> Result<Ingest, Box<dyn Error>> {
        Ok(Ingest::start(&self.store, Timestamp::now())?.ok_or("another process takes in")?)
    }

    /// Takes in so many articles more.
    fn take_in(&mut self, ingest: &mut Ingest, items: u64) -> Result<(), Box<dyn Error>> {
        let last = self.items + items;
        while self.items < last {
            let next = last.min(self.items + AT_ONCE as u64);
            let entries: String = (self.items..next).map(entry).collect();
            let body = format!("<rss version=\"2.0\"><channel>{entries}</channel></rss>");
            let delivery = Delivery {
                source: self.source.clone(),
                kind: DeliveryKind::Feed,
                address: "https://a.example/fil".to_owned(),
                headers: Vec::new(),
                body: body.into_bytes(),
                received_at: Timestamp::now(),
                backfill: false,
                validators: Validators::default(),
            };
            self.store.record(delivery).wait()?;
            while ingest.work(Timestamp::now(), || true)? > 0 {}
            self.items = next;
        }
        Ok(())
    }

    /// Starts and tells how long it took.
    fn timed(&self, what: &str) -> Result<Ingest, Box<dyn Error>> {
        let began = Instant::now();
        let ingest = self.start()?;
        println!("start {what}: {:.2} s", began.elapsed().as_secs_f64());
        Ok(ingest)
    }
}

fn main() -> Result<(), Box<dyn Error>> {
    let items: u64 = env::args().nth(1).map_or(Ok(100_000), |items| items.parse())?;
    let folder = env::temp_dir().join(format!("depeche-restart-{}", std::process::id()));
    let measured = measure(Store::open(&folder)?, items);
    fs::remove_dir_all(&folder)?;
    measured
}

fn measure(store: Store, items: u64) -> Result<(), Box<dyn Error>> {
    let new = NewSource {
        address: "https://a.example/fil".to_owned(),
        name: Some("a".to_owned()),
        language: Some("fr".to_owned()),
        visibility: SourceVisibility::Shared,
        kind: SourceKind::Feed,
    };
    let source = store.add_source(new, Timestamp::now()).wait()?.0;
    let mut desk = Desk { store, source, items: 0 };
    let began = Instant::now();
    let mut ingest = desk.start()?;
    desk.take_in(&mut ingest, items)?;
    println!("{items} items taken in: {:.0} s", began.elapsed().as_secs_f64());
    drop(ingest);
    desk.store.drop_window()?;
    let ingest = desk.timed("without a snapshot")?;
    let began = Instant::now();
    ingest.stop(Timestamp::now());
    let (took, bytes) = (began.elapsed().as_secs_f64(), desk.store.window_bytes());
    println!("snapshot: {:.1} MB, on disk in {took:.2} s", bytes as f64 / 1e6);
    let mut ingest = desk.timed("with a snapshot")?;
    desk.take_in(&mut ingest, items / 8)?;
    drop(ingest);
    drop(desk.timed(&format!("after a kill, {} items behind", items / 8))?);
    Ok(())
}
