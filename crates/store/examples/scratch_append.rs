//! Scratch, not committed.
#![allow(clippy::all, clippy::unwrap_used, clippy::print_stdout, reason = "scratch")]
use depeche_news::jiff::{SignedDuration, Timestamp};
use depeche_news::*;
use depeche_store::*;
struct Rng(u64);
impl Rng {
    fn next(&mut self, n: usize) -> usize {
        self.0 = self.0.wrapping_mul(6364136223846793005).wrapping_add(1442695040888963407);
        ((self.0 >> 33) as usize) % n
    }
}
fn main() {
    let args: Vec<String> = std::env::args().collect();
    let docs = std::fs::read_to_string(&args[1]).unwrap();
    let folder = std::path::PathBuf::from(&args[2]);
    let count: usize = args[3].parse().unwrap();
    let skip: bool = args.get(4).is_some_and(|a| a == "skip");
    let bulk: usize = args.get(5).map_or(usize::MAX, |a| a.parse().unwrap());
    let mut paras = vec![];
    for line in docs.lines() {
        let v: serde_json::Value = serde_json::from_str(line).unwrap();
        let text = v["text"].as_str().unwrap();
        for p in text.lines() {
            let mut cur = String::new();
            for s in p.split_inclusive(". ") {
                cur.push_str(s);
                if cur.len() > 400 {
                    paras.push(cur.trim().to_owned());
                    cur.clear();
                }
            }
        }
    }
    let store = Store::open(&folder).unwrap();
    let t0: Timestamp = "2026-01-05T00:00:00Z".parse().unwrap();
    let sources: Vec<SourceId> = (0..40)
        .map(|n| {
            store
                .add_source(
                    NewSource {
                        address: format!("https://www.journal-{n}.example/rss/actualites.xml"),
                        name: Some(format!("Journal {n}")),
                        language: None,
                        visibility: SourceVisibility::Shared,
                        kind: SourceKind::Feed,
                    },
                    t0,
                )
                .wait()
                .unwrap()
                .0
        })
        .collect();
    let mut rng = Rng(42);
    let mut waiting = vec![];
    for d in 0..count / 25 {
        let source = &sources[d % 40];
        let now = t0 + SignedDuration::from_secs(d as i64 * 60);
        let arrivals: Vec<Arrival> = (0..25)
            .map(|i| {
                let n = d * 25 + i;
                let mut body = vec![];
                let mut len = 0;
                let want = 1800 + rng.next(2000);
                while len < want {
                    let p = &paras[rng.next(paras.len())];
                    len += p.len();
                    body.push(Block::Paragraph(p.clone()));
                }
                let head: String = paras[rng.next(paras.len())].chars().take(75).collect();
                let teaser: String = paras[rng.next(paras.len())].chars().take(178).collect();
                let address = format!(
                    "https://www.journal-{n}.example/{}/2026/01/05/{}-{}.html",
                    ["politique", "sport", "economie", "societe", "international"][rng.next(5)],
                    head.to_lowercase().replace(|c: char| !c.is_ascii_alphanumeric(), "-"),
                    n
                );
                let article = Article {
                    headline: head,
                    body,
                    language: Some("fr".into()),
                    section: Some("Politique".into()),
                    keywords: vec!["Gouvernement".into()],
                    authors: vec!["Marie Delcourt".into()],
                    published: Some(Moment::utc(now)),
                    address: Some(address.clone()),
                    ..Article::default()
                };
                let item = Item {
                    source: source.clone(),
                    guid: Some(format!("{n}-article")),
                    address: Some(address),
                    version: None,
                    status: Status::Usable,
                    signal: None,
                    embargoed_until: None,
                    urgency: None,
                    article,
                };
                let id = item.id();
                let dispatch = DispatchId::from(&id);
                let story = StoryId::from(&dispatch);
                Arrival {
                    id,
                    digest: item.digest(),
                    item,
                    teaser,
                    external: None,
                    received_at: now,
                    backfill: false,
                    page_wanted: None,
                    page_had: false,
                    placed: Placed {
                        dispatch,
                        story,
                        relation: "original".into(),
                        related_to: None,
                        evidence: None,
                        trace: Some((0..588).map(|_| rng.next(256) as u8).collect()),
                    },
                    reading: "1",
                }
            })
            .collect();
        let delivery = match store
            .record(Delivery {
                source: source.clone(),
                kind: DeliveryKind::Feed,
                address: format!("https://x.example/{}", d % 40),
                headers: vec![],
                body: format!("{d}").into_bytes(),
                received_at: now,
                backfill: false,
                validators: Validators::default(),
            })
            .wait()
            .unwrap()
        {
            Recorded::New(id) | Recorded::Repeated(id) => id,
        };
        if skip {
            std::hint::black_box(&arrivals);
            continue;
        }
        if d * 25 >= bulk {
            if d * 25 == bulk {
                io("bulk");
            }
            for a in arrivals {
                store.append(Appended { delivery, ..Appended::default() }, vec![a]).wait().unwrap();
            }
            continue;
        }
        waiting.push(store.append(Appended { delivery, ..Appended::default() }, arrivals));
        if d % 16 == 15 {
            for w in waiting.drain(..) {
                w.wait().unwrap();
            }
        }
    }
    for w in waiting.drain(..) {
        w.wait().unwrap();
    }
    io("end");
}
fn io(what: &str) {
    let io = std::fs::read_to_string("/proc/self/io").unwrap();
    let stat = std::fs::read_to_string("/proc/self/stat").unwrap();
    let f: Vec<&str> = stat.split(' ').collect();
    println!(
        "{what}: wrote {} user {} sys {} (1/100 s)",
        io.lines().find(|l| l.starts_with("wchar")).unwrap(),
        f[13],
        f[14]
    );
}
