//! Which addresses of a page are given on: those it means, and none that would have its reader's browser ask the reader's
//! own network.

use std::net::{Ipv4Addr, Ipv6Addr};

use depeche_news::limits::extract::ADDRESS_BYTES_MAX;
use url::{Host, Url};

/// What the relative addresses of a page start from: its first `base` element with an address, or where it was found.
///
/// One on a private host that is not the page's own is no base: what stands on it would be believed to be the page's.
pub(crate) fn base(declared: Option<&str>, here: Option<&Url>) -> Option<Url> {
    declared
        .and_then(|declared| resolved(declared, here))
        .filter(|base| !is_private(base) || is_on_host(base, here))
        .or_else(|| here.cloned())
}

/// An address as a reader may be led to: http or https, without user or password, and not within the reader's network,
/// unless the page stands there itself.
pub(crate) fn outward(address: &str, base: Option<&Url>) -> Option<Url> {
    resolved(address, base)
        .filter(|url| !names_user(url) && (!is_private(url) || is_on_host(url, base)))
}

/// The address that a page calls its own, where it may: on the host it was found on, and not the front page for a story.
pub(crate) fn canonical(declared: &str, base: Option<&Url>, here: Option<&Url>) -> Option<Url> {
    let url = resolved(declared, base).filter(|url| !names_user(url))?;
    let Some(here) = here.filter(|here| is_web(here)) else {
        return (!is_private(&url)).then_some(url);
    };
    let own = is_on_host(&url, Some(here)) || !is_private(&url) && are_near(&url, here);
    let front = is_root(&url) && !is_root(here);
    (own && !front).then_some(url)
}

/// An absolute http or https address, or none; none that is longer than any in use.
fn resolved(address: &str, base: Option<&Url>) -> Option<Url> {
    let url = match base {
        Some(base) => base.join(address.trim()),
        None => Url::parse(address.trim()),
    };
    url.ok().filter(|url| is_web(url) && url.as_str().len() <= ADDRESS_BYTES_MAX)
}

fn is_web(url: &Url) -> bool {
    matches!(url.scheme(), "http" | "https") && url.has_host()
}

fn names_user(url: &Url) -> bool {
    !url.username().is_empty() || url.password().is_some()
}

fn is_on_host(url: &Url, other: Option<&Url>) -> bool {
    other.is_some_and(|other| url.host() == other.host())
}

/// Whether an address is that of a front page.
fn is_root(url: &Url) -> bool {
    url.path().trim_matches('/').is_empty() && url.query().is_none()
}

/// Whether two names of hosts are of one site: the same, or one within the other.
fn are_near(one: &Url, other: &Url) -> bool {
    let (Some(Host::Domain(one)), Some(Host::Domain(other))) = (one.host(), other.host()) else {
        return false;
    };
    let (one, other) = (without_form(one), without_form(other));
    let within = |long: &str, short: &str| {
        let before = long.strip_suffix(short);
        short.contains('.') && before.is_some_and(|before| before.ends_with('.'))
    };
    one == other || within(one, other) || within(other, one)
}

/// A host without what only says for which device it is.
fn without_form(host: &str) -> &str {
    let mut host = host.trim_end_matches('.');
    let form = |host| ["www.", "m.", "amp."].iter().find_map(|form| str::strip_prefix(host, form));
    // The name itself may be one of these: `m.example`.
    while let Some(rest) = form(host).filter(|rest| rest.contains('.')) {
        host = rest;
    }
    host
}

/// Whether an address leads into the network of whoever asks for it.
fn is_private(url: &Url) -> bool {
    match url.host() {
        Some(Host::Domain(name)) => is_private_name(name),
        Some(Host::Ipv4(ip)) => is_private_v4(ip),
        Some(Host::Ipv6(ip)) => is_private_v6(ip),
        None => true,
    }
}

/// `localhost`, names of one word, and the ends that networks give to what is theirs.
fn is_private_name(name: &str) -> bool {
    const ENDS: [&str; 9] = [
        "localhost",
        "localdomain",
        "local",
        "internal",
        "intranet",
        "lan",
        "home",
        "corp",
        "arpa",
    ];
    let name = name.trim_end_matches('.');
    match name.rsplit_once('.') {
        Some((_, end)) => ENDS.contains(&end),
        None => true,
    }
}

fn is_private_v4(ip: Ipv4Addr) -> bool {
    let [first, second, ..] = ip.octets();
    ip.is_loopback()
        || ip.is_private()
        || ip.is_link_local()
        || ip.is_broadcast()
        || ip.is_multicast()
        || first == 0
        || first == 100 && (64..128).contains(&second)
}

fn is_private_v6(ip: Ipv6Addr) -> bool {
    let [first, second, third, .., seventh, eighth] = ip.segments();
    let v4 = |high: u16, low: u16| {
        let ([a, b], [c, d]) = (high.to_be_bytes(), low.to_be_bytes());
        is_private_v4(Ipv4Addr::new(a, b, c, d))
    };
    ip.is_loopback()
        || ip.is_unspecified()
        || ip.is_multicast()
        || first & 0xfe00 == 0xfc00
        // Link-local, and what was site-local once.
        || first & 0xff80 == 0xfe80
        || ip.to_ipv4().is_some_and(is_private_v4)
        || (first, second) == (0x64, 0xff9b) && v4(seventh, eighth)
        || first == 0x2002 && v4(second, third)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check_base(declared: &str, here: Option<&str>, expected: Option<&str>) {
        let here = here.map(|here| Url::parse(here).unwrap());
        let found = base(Some(declared), here.as_ref());
        assert_eq!(found.as_ref().map(Url::as_str), expected, "{declared}");
    }

    #[test]
    fn relative_addresses_start_from_the_base() {
        let here = Some("https://a.example/un/deux");
        check_base("/trois/", here, Some("https://a.example/trois/"));
        check_base("//b.example/", here, Some("https://b.example/"));
        check_base("https://b.example/x", None, Some("https://b.example/x"));
        check_base("/trois/", None, None);
        check_base("data:text/html,x", here, here);
        check_base("http://[", here, here);
        check_base("http://192.168.1.1/", here, here);
        check_base("/a/", Some("http://192.168.1.1/b"), Some("http://192.168.1.1/a/"));
    }

    #[track_caller]
    fn check_outward(address: &str, is_given: bool) {
        let here = Url::parse("https://a.example/un").unwrap();
        assert_eq!(outward(address, Some(&here)).is_some(), is_given, "{address}");
        assert_eq!(
            outward(address, None).is_some(),
            is_given && address.contains(':'),
            "{address}"
        );
    }

    #[test]
    fn nothing_leads_into_the_network_of_the_reader() {
        for address in
            ["/i.jpg", "https://b.example/i.jpg", "http://8.8.8.8/", "http://[2606:4700::1]/"]
        {
            check_outward(address, true);
        }
        let private = "http://127.0.0.1/ http://2130706433/ http://0x7f.1/ http://0177.0.0.1/ http://10.1.2.3/
            http://172.16.0.1/ http://192.168.0.1/i.jpg http://169.254.169.254/latest http://0.0.0.0/ http://100.64.0.1/
            http://localhost:8080/ http://LOCALHOST./ http://a.localhost/ http://routeur/ http://imprimante.local/
            http://[::1]/ http://[::]/ http://[fd00::1]/ http://[fe80::1]/ http://[::ffff:192.168.0.1]/
            http://[64:ff9b::a00:1]/ http://[2002:a00:1::]/ https://moi@b.example/ https://moi:mot@b.example/
            https://:mot@b.example/ ftp://b.example/ javascript:x data:image/png,x";
        private.split_whitespace().for_each(|address| check_outward(address, false));
        // A page of such a network leads where it stands, and nowhere else in it.
        let here = Url::parse("http://192.168.0.1/un").unwrap();
        assert!(outward("/i.jpg", Some(&here)).is_some());
        assert!(outward("http://192.168.0.2/i.jpg", Some(&here)).is_none());
    }

    #[track_caller]
    fn check_own(declared: &str, here: Option<&str>, is_believed: bool) {
        let here = here.map(|here| Url::parse(here).unwrap());
        let found = canonical(declared, here.as_ref(), here.as_ref());
        assert_eq!(found.is_some(), is_believed, "{declared} at {here:?}");
    }

    #[test]
    fn a_page_is_believed_of_its_own_host() {
        let here = Some("https://www.lecourrier.example/un/deux");
        check_own("https://www.lecourrier.example/trois", here, true);
        check_own("/trois", here, true);
        check_own("https://lecourrier.example/trois", here, true);
        check_own("https://abonnes.lecourrier.example/trois", here, true);
        check_own("https://amp.m.lecourrier.example/trois", here, true);
        check_own("https://autrecourrier.example/trois", here, false);
        check_own("https://example/trois", here, false);
        check_own("https://lecourrier.example.autre.example/trois", here, false);
        check_own("https://www.lecourrier.example/", here, false);
        check_own("https://www.lecourrier.example/", Some("https://lecourrier.example"), true);
        check_own("https://moi@www.lecourrier.example/trois", here, false);
        check_own("http://127.0.0.1/trois", here, false);
        check_own("javascript:alert(1)", here, false);
        check_own("http://10.0.0.1/trois", Some("http://10.0.0.1/un"), true);
        check_own("http://10.0.0.2/trois", Some("http://10.0.0.1/un"), false);
        check_own("https://autre.example/trois", None, true);
        check_own("https://moi:mot@autre.example/trois", None, false);
        check_own("http://192.168.1.1/trois", None, false);
        check_own("http://localhost/trois", None, false);
    }
}
