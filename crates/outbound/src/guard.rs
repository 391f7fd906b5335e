//! The address guard: which addresses may be connected to.
//!
//! The public internet, and what the operator allowed. Everything that IANA's special-purpose
//! registries list is refused by one table; for IPv6, so is everything outside the one block that
//! is given out for global use.

use std::{
    fmt,
    net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr},
    pin::Pin,
    str::FromStr,
    sync::Arc,
};

use ipnet::{IpNet, Ipv4Net, Ipv6Net};
use reqwest::dns::{Addrs, Name, Resolve, Resolving};
use url::Host;

use crate::Error;

/// What the operator lets us connect to although it is not public.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Allowance {
    /// The addresses.
    pub to: Allowed,
    /// The one port; any port without it.
    pub port: Option<u16>,
}

/// Whom an allowance covers.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Allowed {
    /// The addresses of a network, by whatever name.
    Network(IpNet),
    /// Whatever addresses this name has; in lower case.
    Host(String),
}

/// Why a text is no allowance.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error(
    "read the allowance `{text}`: expected an address, a network or a name, with a port if only one is meant, as in 10.0.0.0/8, 127.0.0.1:8765, [::1]/128:8765 or intranet.example:8080"
)]
pub struct BadAllowance {
    text: String,
}

impl FromStr for Allowance {
    type Err = BadAllowance;

    fn from_str(text: &str) -> Result<Self, BadAllowance> {
        let read = network(text.trim()).or_else(|| host(text.trim()));
        read.ok_or_else(|| BadAllowance { text: text.to_owned() })
    }
}

impl fmt::Display for Allowance {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.to {
            Allowed::Network(network) => write!(f, "{network}")?,
            Allowed::Host(host) => f.write_str(host)?,
        }
        self.port.map_or(Ok(()), |port| write!(f, ":{port}"))
    }
}

/// Reads `address[/bits][:port]`; the address of IPv6 may stand in brackets, and must where a port
/// follows it without a prefix length between them.
fn network(text: &str) -> Option<Allowance> {
    let of = |network, port| Allowance { to: Allowed::Network(network), port };
    if let Ok(ip) = text.parse::<IpAddr>() {
        return Some(of(ip.into(), None));
    }
    if let Ok(socket) = text.parse::<SocketAddr>() {
        return Some(of(socket.ip().into(), Some(socket.port())));
    }
    let (address, rest) = text.split_once('/').unwrap_or((text, ""));
    let bare = address.strip_prefix('[').and_then(|a| a.strip_suffix(']')).unwrap_or(address);
    let ip: IpAddr = bare.parse().ok()?;
    if rest.is_empty() {
        return (bare.len() < address.len() && address.len() == text.len())
            .then(|| of(ip.into(), None));
    }
    let (bits, port) = match rest.split_once(':') {
        Some((bits, port)) => (bits, Some(port.parse().ok()?)),
        None => (rest, None),
    };
    Some(of(IpNet::new(ip, bits.parse().ok()?).ok()?.trunc(), port))
}

/// Reads `name[:port]`. A name is one that no parser of addresses takes for a number (`0x7f.1`, `10.0.0`),
/// so that a slip in an address is no name.
fn host(text: &str) -> Option<Allowance> {
    let (name, port) = match text.split_once(':') {
        Some((name, port)) => (name, Some(port.parse().ok()?)),
        None => (text, None),
    };
    match Host::parse(name).ok()? {
        Host::Domain(name) if !name.is_empty() => {
            Some(Allowance { to: Allowed::Host(name.to_ascii_lowercase()), port })
        }
        _ => None,
    }
}

/// What may be connected to through one door: the public internet, and what is allowed.
#[derive(Clone)]
pub(crate) struct Guard {
    networks: Vec<IpNet>,
    hosts: Vec<String>,
    names: Names,
}

/// Where the addresses of a name are asked for.
pub(crate) type Names = Arc<dyn Fn(String) -> Lookup + Send + Sync>;

/// The addresses that a name has at this moment.
pub(crate) type Lookup = Pin<Box<dyn Future<Output = std::io::Result<Vec<SocketAddr>>> + Send>>;

/// The system's own resolver.
pub(crate) fn system_names() -> Names {
    Arc::new(|name| {
        Box::pin(async move { Ok(tokio::net::lookup_host((name, 0)).await?.collect()) })
    })
}

impl fmt::Debug for Guard {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Guard")
            .field("networks", &self.networks)
            .field("hosts", &self.hosts)
            .finish()
    }
}

impl Guard {
    /// The guard of connections to `port`; without a port, of all those that no allowance names.
    pub(crate) fn new(allow: &[Allowance], port: Option<u16>, names: Names) -> Self {
        let (mut networks, mut hosts) = (Vec::new(), Vec::new());
        for allowance in allow.iter().filter(|a| a.port.is_none() || a.port == port) {
            match &allowance.to {
                Allowed::Network(network) => networks.push(*network),
                Allowed::Host(host) => hosts.push(host.clone()),
            }
        }
        Self { networks, hosts, names }
    }

    /// Refuses `ip` unless it is public or allowed, and says what it is.
    pub(crate) fn check(&self, ip: IpAddr) -> Result<(), &'static str> {
        match special(ip) {
            Some(why) if !self.networks.iter().any(|network| network.contains(&ip)) => Err(why),
            _ => Ok(()),
        }
    }
}

impl Resolve for Guard {
    /// Looks up `name` and keeps every address that may be connected to, so that the fallback from
    /// one family to the other still works.
    ///
    /// The connection is made to the addresses that come out here and to no others: nobody asks for the
    /// name a second time between this check and the connection, so that a name which changes its
    /// address in between gains nothing.
    fn resolve(&self, name: Name) -> Resolving {
        let guard = self.clone();
        Box::pin(async move {
            let found = guard.looked_up(name.as_str()).await?;
            Ok(Box::new(guard.keep(name.as_str(), found)?.into_iter()) as Addrs)
        })
    }
}

impl Guard {
    fn keep(&self, host: &str, mut found: Vec<SocketAddr>) -> Result<Vec<SocketAddr>, Error> {
        let name = host.strip_suffix('.').unwrap_or(host);
        if self.hosts.iter().any(|allowed| allowed.eq_ignore_ascii_case(name)) {
            return Ok(found);
        }
        let mut refused = None;
        found.retain(|socket| match self.check(socket.ip()) {
            Ok(()) => true,
            Err(why) => {
                refused.get_or_insert((socket.ip(), why));
                false
            }
        });
        match refused {
            Some((ip, why)) if found.is_empty() => {
                Err(Error::RefusedAddress { host: host.to_owned(), ip, why })
            }
            _ => Ok(found),
        }
    }

    async fn looked_up(&self, host: &str) -> Result<Vec<SocketAddr>, Error> {
        let dns = |detail: String| Error::Dns { host: host.to_owned(), detail };
        let found = (self.names)(host.to_owned()).await.map_err(|e| dns(e.to_string()))?;
        match found.is_empty() {
            true => Err(dns("it has no address".to_owned())),
            false => Ok(found),
        }
    }
}

/// Whether an address is none of the public internet, by the guard's own table.
pub fn is_special(ip: IpAddr) -> bool {
    special(ip).is_some()
}

/// What makes `ip` special, if it is not an ordinary public address.
fn special(ip: IpAddr) -> Option<&'static str> {
    let listed = SPECIAL.iter().find(|(network, _)| network.contains(&ip)).map(|(_, why)| *why);
    listed.or_else(|| match ip {
        IpAddr::V6(ip) if !GLOBAL_UNICAST.contains(&ip) => Some("reserved"),
        _ => None,
    })
}

/// The one block of IPv6 that addresses are given out of for global use (RFC 4291, IANA).
const GLOBAL_UNICAST: Ipv6Net = Ipv6Net::new_assert(Ipv6Addr::new(0x2000, 0, 0, 0, 0, 0, 0, 0), 3);

/// Every block that is not the public internet, after IANA's IPv4 and IPv6 special-purpose address
/// registries; the first match names the reason. Ranges that carry an IPv4 address inside (mapped,
/// compatible, NAT64, 6to4, Teredo) are refused whole: what they lead to cannot be seen from here.
const SPECIAL: &[(IpNet, &str)] = &[
    (v4([0, 0, 0, 0], 8), "unspecified"),
    (v4([10, 0, 0, 0], 8), "private"),
    (v4([100, 64, 0, 0], 10), "shared by a carrier's NAT"),
    (v4([127, 0, 0, 0], 8), "loopback"),
    // The one service of a cloud's host that stands among public addresses; the others are link-local or
    // private.
    (v4([168, 63, 129, 16], 32), "a cloud's own service"),
    (v4([169, 254, 0, 0], 16), "link-local"),
    (v4([172, 16, 0, 0], 12), "private"),
    (v4([192, 0, 0, 0], 24), "reserved for protocols"),
    (v4([192, 0, 2, 0], 24), "for documentation"),
    (v4([192, 31, 196, 0], 24), "reserved for protocols"),
    (v4([192, 52, 193, 0], 24), "reserved for protocols"),
    (v4([192, 88, 99, 0], 24), "a 6to4 relay"),
    (v4([192, 168, 0, 0], 16), "private"),
    (v4([192, 175, 48, 0], 24), "reserved for protocols"),
    (v4([198, 18, 0, 0], 15), "for benchmarks"),
    (v4([198, 51, 100, 0], 24), "for documentation"),
    (v4([203, 0, 113, 0], 24), "for documentation"),
    (v4([224, 0, 0, 0], 4), "multicast"),
    (v4([255, 255, 255, 255], 32), "broadcast"),
    (v4([240, 0, 0, 0], 4), "reserved"),
    (v6([0, 0, 0, 0, 0, 0, 0, 0], 128), "unspecified"),
    (v6([0, 0, 0, 0, 0, 0, 0, 1], 128), "loopback"),
    (v6([0, 0, 0, 0, 0, 0xffff, 0, 0], 96), "an IPv4 address in IPv6 clothes"),
    (v6([0, 0, 0, 0, 0, 0, 0, 0], 96), "an IPv4 address in IPv6 clothes"),
    (v6([0, 0, 0, 0, 0xffff, 0, 0, 0], 96), "an IPv4 address in IPv6 clothes"),
    (v6([0x64, 0xff9b, 0, 0, 0, 0, 0, 0], 96), "behind NAT64"),
    (v6([0x64, 0xff9b, 1, 0, 0, 0, 0, 0], 48), "behind NAT64"),
    (v6([0x100, 0, 0, 0, 0, 0, 0, 0], 64), "for discarding"),
    (v6([0x100, 0, 0, 1, 0, 0, 0, 0], 64), "for discarding"),
    (v6([0x2001, 0, 0, 0, 0, 0, 0, 0], 32), "behind Teredo"),
    (v6([0x2001, 2, 0, 0, 0, 0, 0, 0], 48), "for benchmarks"),
    (v6([0x2001, 0, 0, 0, 0, 0, 0, 0], 23), "reserved for protocols"),
    (v6([0x2001, 0xdb8, 0, 0, 0, 0, 0, 0], 32), "for documentation"),
    (v6([0x2002, 0, 0, 0, 0, 0, 0, 0], 16), "behind 6to4"),
    (v6([0x2620, 0x4f, 0x8000, 0, 0, 0, 0, 0], 48), "reserved for protocols"),
    (v6([0x3fff, 0, 0, 0, 0, 0, 0, 0], 20), "for documentation"),
    (v6([0x5f00, 0, 0, 0, 0, 0, 0, 0], 16), "reserved for protocols"),
    (v6([0xfc00, 0, 0, 0, 0, 0, 0, 0], 7), "private"),
    (v6([0xfe80, 0, 0, 0, 0, 0, 0, 0], 10), "link-local"),
    (v6([0xfec0, 0, 0, 0, 0, 0, 0, 0], 10), "site-local"),
    (v6([0xff00, 0, 0, 0, 0, 0, 0, 0], 8), "multicast"),
];

const fn v4(octets: [u8; 4], bits: u8) -> IpNet {
    let [a, b, c, d] = octets;
    IpNet::V4(Ipv4Net::new_assert(Ipv4Addr::new(a, b, c, d), bits))
}

const fn v6(segments: [u16; 8], bits: u8) -> IpNet {
    let [a, b, c, d, e, f, g, h] = segments;
    IpNet::V6(Ipv6Net::new_assert(Ipv6Addr::new(a, b, c, d, e, f, g, h), bits))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(ip: &str, why: Option<&str>) {
        assert_eq!(special(ip.parse().unwrap()), why, "{ip}");
    }

    #[test]
    fn every_special_range_is_refused_to_its_edges() {
        check("0.0.0.0", Some("unspecified"));
        check("0.255.255.255", Some("unspecified"));
        check("1.0.0.0", None);
        check("9.255.255.255", None);
        check("10.0.0.0", Some("private"));
        check("10.255.255.255", Some("private"));
        check("11.0.0.0", None);
        check("100.63.255.255", None);
        check("100.64.0.0", Some("shared by a carrier's NAT"));
        check("100.127.255.255", Some("shared by a carrier's NAT"));
        check("100.128.0.0", None);
        check("127.0.0.1", Some("loopback"));
        check("127.255.255.254", Some("loopback"));
        check("128.0.0.0", None);
        check("168.63.129.15", None);
        check("168.63.129.16", Some("a cloud's own service"));
        check("169.254.169.254", Some("link-local"));
        check("169.253.255.255", None);
        check("172.15.255.255", None);
        check("172.16.0.0", Some("private"));
        check("172.31.255.255", Some("private"));
        check("172.32.0.0", None);
        check("192.0.0.8", Some("reserved for protocols"));
        check("192.0.2.1", Some("for documentation"));
        check("192.0.3.0", None);
        check("192.31.196.1", Some("reserved for protocols"));
        check("192.52.193.1", Some("reserved for protocols"));
        check("192.88.99.1", Some("a 6to4 relay"));
        check("192.168.0.1", Some("private"));
        check("192.169.0.0", None);
        check("192.175.48.1", Some("reserved for protocols"));
        check("198.17.255.255", None);
        check("198.18.0.0", Some("for benchmarks"));
        check("198.19.255.255", Some("for benchmarks"));
        check("198.20.0.0", None);
        check("198.51.100.7", Some("for documentation"));
        check("203.0.113.9", Some("for documentation"));
        check("223.255.255.255", None);
        check("224.0.0.1", Some("multicast"));
        check("239.255.255.255", Some("multicast"));
        check("240.0.0.1", Some("reserved"));
        check("255.255.255.255", Some("broadcast"));
    }

    #[test]
    fn every_special_range_of_ipv6_is_refused() {
        check("::", Some("unspecified"));
        check("::1", Some("loopback"));
        check("::ffff:8.8.8.8", Some("an IPv4 address in IPv6 clothes"));
        check("::ffff:127.0.0.1", Some("an IPv4 address in IPv6 clothes"));
        check("::127.0.0.1", Some("an IPv4 address in IPv6 clothes"));
        check("::ffff:0:127.0.0.1", Some("an IPv4 address in IPv6 clothes"));
        check("64:ff9b::7f00:1", Some("behind NAT64"));
        check("64:ff9b:1::1", Some("behind NAT64"));
        check("100::1", Some("for discarding"));
        check("100:0:0:1::1", Some("for discarding"));
        check("2001::1", Some("behind Teredo"));
        check("2001:2::1", Some("for benchmarks"));
        check("2001:10::1", Some("reserved for protocols"));
        check("2001:20::1", Some("reserved for protocols"));
        check("2001:1ff:ffff::", Some("reserved for protocols"));
        check("2001:200::1", None);
        check("2001:db8::1", Some("for documentation"));
        check("2002:7f00:1::", Some("behind 6to4"));
        check("2003::1", None);
        check("2620:4f:8000::1", Some("reserved for protocols"));
        check("2606:4700::1111", None);
        check("3fff::1", Some("for documentation"));
        check("3fff:1000::1", None);
        check("4000::1", Some("reserved"));
        check("5f00::1", Some("reserved for protocols"));
        check("fc00::1", Some("private"));
        check("fdff::1", Some("private"));
        check("fe00::1", Some("reserved"));
        check("fe80::1", Some("link-local"));
        check("fec0::1", Some("site-local"));
        check("ff02::1", Some("multicast"));
    }

    #[test]
    fn every_row_of_the_table_refuses_its_first_and_last_address() {
        for (network, _) in SPECIAL {
            assert!(special(network.network()).is_some(), "{network}");
            assert!(special(network.broadcast()).is_some(), "{network}");
            assert_eq!(network.trunc(), *network, "a row is written with its first address");
        }
    }

    #[track_caller]
    fn check_text(text: &str, shown: Option<&str>) {
        let read = text.parse::<Allowance>().ok().map(|a| a.to_string());
        assert_eq!(read.as_deref(), shown, "{text}");
    }

    #[test]
    fn allowances_are_read_and_shown() {
        check_text("10.0.0.0/8", Some("10.0.0.0/8"));
        check_text(" 10.1.2.3/8 ", Some("10.0.0.0/8"));
        check_text("127.0.0.1", Some("127.0.0.1/32"));
        check_text("127.0.0.1:8765", Some("127.0.0.1/32:8765"));
        check_text("127.0.0.1/32:8765", Some("127.0.0.1/32:8765"));
        check_text("::1", Some("::1/128"));
        check_text("[::1]", Some("::1/128"));
        check_text("[::1]:8765", Some("::1/128:8765"));
        check_text("[::1]/128:8765", Some("::1/128:8765"));
        check_text("fd00::/8", Some("fd00::/8"));
        check_text("fd00::/8:80", Some("fd00::/8:80"));
        check_text("localhost", Some("localhost"));
        check_text("NAS.Local:8080", Some("nas.local:8080"));
        for bad in ["", "a b", "10.0.0.0/33", "10.0.0.0/", "127.0.0.1:", "127.0.0.1:99999"] {
            check_text(bad, None);
        }
        for bad in
            ["[::1", "127.0.0.1/32:", "/8", "10.0.0.0/8/8", "10.0.0/8", "0x7f.1", "10.0.0", "1"]
        {
            check_text(bad, None);
        }
        for bad in [
            "nas.local:",
            "nas.local:x",
            "nas.local/8",
            "http://nas.local",
            ":80",
            "nas.local:80:80",
        ] {
            check_text(bad, None);
        }
    }

    #[track_caller]
    fn check_allowed(allowance: &str, ip: &str, port: Option<u16>, allowed: bool) {
        let guard = Guard::new(&[allowance.parse().unwrap()], port, system_names());
        assert_eq!(guard.check(ip.parse().unwrap()).is_ok(), allowed, "{allowance} {ip} {port:?}");
    }

    #[test]
    fn an_allowance_covers_its_addresses_and_its_port() {
        check_allowed("10.0.0.0/8", "10.1.2.3", None, true);
        check_allowed("10.0.0.0/8", "10.1.2.3", Some(80), true);
        check_allowed("10.0.0.0/8", "192.168.0.1", None, false);
        check_allowed("127.0.0.1:8765", "127.0.0.1", Some(8765), true);
        check_allowed("127.0.0.1:8765", "127.0.0.1", Some(80), false);
        check_allowed("127.0.0.1:8765", "127.0.0.1", None, false);
        check_allowed("127.0.0.1:8765", "127.0.0.2", Some(8765), false);
        check_allowed("10.0.0.0/8", "::ffff:10.0.0.1", None, false);
        check_allowed("::1", "::1", None, true);
        check_allowed("::1", "127.0.0.1", None, false);
        check_allowed("127.0.0.1", "93.184.215.14", None, true);
        // The addresses of a name are allowed by that name only.
        check_allowed("localhost", "127.0.0.1", None, false);
    }

    #[test]
    fn of_a_name_with_several_addresses_the_public_ones_are_kept() {
        let guard = Guard::new(&[], None, system_names());
        let sockets = |ips: &[&str]| -> Vec<SocketAddr> {
            ips.iter().map(|ip| SocketAddr::new(ip.parse().unwrap(), 0)).collect()
        };
        let found = sockets(&["10.0.0.1", "2606:4700::1111", "93.184.215.14"]);
        assert_eq!(
            guard.keep("a.example", found),
            Ok(sockets(&["2606:4700::1111", "93.184.215.14"]))
        );
        let refused = guard.keep("a.example", sockets(&["::1", "10.0.0.1"])).unwrap_err();
        assert_eq!(
            refused.to_string(),
            "connect to a.example: its address ::1 is loopback, and no allowance covers it"
        );
    }
}
