//! Collects: asks sources politely, keeps what they send, and says when to ask again.
//!
//! Nothing is stored here. The binary takes the sources that are due, waits for its turn at each
//! host ([`HostPace`]), calls [`fetch()`] for a feed or [`page()`] for the page of an item, stores the
//! [`Delivery`](depeche_news::Delivery), and asks the [`timetable`] for the next time. A failure
//! has a word that stays the same; the pages tell it to people in a sentence.

mod clock;
mod discover;
mod failure;
mod fetch;
pub mod folder;
pub mod listing;
mod moved;
mod pace;
mod page;
mod rests;
mod robots;
mod scout;
#[cfg(test)]
mod sockets;
pub mod timetable;

pub use clock::{Clocks, HostClock, Judged};
pub use discover::{Discovery, Found, FoundKind, discover};
pub use failure::{Failure, Fault};
pub use fetch::{Fetched, Outcome, Target, fetch};
pub use moved::{look_where_announced, may_follow};
pub use pace::{HostPace, Turn};
pub use page::{Wanted, access_of_page, page};
pub use rests::{Rests, is_own_network};
pub use robots::{Robots, RobotsBook};
pub use scout::Scout;
