//! What a story embeds from elsewhere, as the address of the page that a reader can open: never the player's.

use url::Url;

use crate::tree::{NodeId, Tree};

/// The page of what an element embeds, if it is known whose it is.
pub(crate) fn of(tree: &Tree, id: NodeId, name: &str) -> Option<String> {
    let attribute = |wanted: &str| tree.attribute(id, wanted).map(str::trim);
    match name {
        "iframe" | "amp-iframe" => {
            const SOURCES: [&str; 6] = [
                "src",
                "data-src",
                "data-lazy-src",
                "data-original",
                "data-cookieblock-src",
                "data-url",
            ];
            SOURCES.iter().filter_map(|source| attribute(source)).find_map(page)
        }
        "lite-youtube" | "amp-youtube" => {
            youtube(attribute("videoid").or_else(|| attribute("data-videoid"))?)
        }
        "amp-twitter" => {
            word(attribute("data-tweetid")?).map(|id| format!("https://x.com/i/status/{id}"))
        }
        "amp-instagram" => word(attribute("data-shortcode")?)
            .map(|id| format!("https://www.instagram.com/p/{id}/")),
        "amp-dailymotion" => word(attribute("data-videoid")?)
            .map(|id| format!("https://www.dailymotion.com/video/{id}")),
        "blockquote" | "div" => quoted(tree, id, &attribute),
        _ => None,
    }
}

/// Whether names of classes are those of a post that is embedded.
pub(crate) fn may_be(names: &str) -> bool {
    ["twitter-", "instagram-", "tiktok-", "fb-"].iter().any(|start| names.contains(start))
}

/// A post that its platform's script would draw: the address stands in an attribute or in its last link.
fn quoted<'a>(
    tree: &'a Tree,
    id: NodeId,
    attribute: &impl Fn(&str) -> Option<&'a str>,
) -> Option<String> {
    let names = attribute("class")?;
    if !may_name_post(names) {
        return None;
    }
    let is = |wanted: &str| names.split_whitespace().any(|name| name.eq_ignore_ascii_case(wanted));
    if is("twitter-tweet") || is("twitter-video") {
        let links = tree.walk(id).take(200).filter(|id| tree.name(*id) == "a");
        return links.filter_map(|id| page(tree.attribute(id, "href")?)).last();
    }
    if is("instagram-media") {
        return page(attribute("data-instgrm-permalink")?);
    }
    if is("tiktok-embed") {
        return page(attribute("cite")?);
    }
    if is("fb-post") || is("fb-video") {
        return page(attribute("data-href")?);
    }
    None
}

/// Whether names of classes are those of a whole post of another site.
pub(crate) fn is_post(names: &str) -> bool {
    const POSTS: [&str; 8] = [
        "twitter-tweet",
        "twitter-video",
        "instagram-media",
        "tiktok-embed",
        "fb-post",
        "fb-video",
        "bluesky-embed",
        "mastodon-embed",
    ];
    names.split_whitespace().any(|name| POSTS.iter().any(|post| name.eq_ignore_ascii_case(post)))
}

/// Whether two of the letters of such a name stand around its hyphen: most names are no others', and each list is looked at
/// several times.
fn may_name_post(names: &str) -> bool {
    names.as_bytes().windows(3).any(|around| {
        let [before, b'-', after] = around else { return false };
        let around = (before.to_ascii_lowercase(), after.to_ascii_lowercase());
        matches!(around, (b'r', b't' | b'v') | (b'm', b'm') | (b'k', b'e') | (b'b', b'p' | b'v'))
    })
}

/// The page behind the address of a player, a plugin or a post; nothing where it is none of these.
fn page(address: &str) -> Option<String> {
    let address =
        if address.starts_with("//") { format!("https:{address}") } else { address.to_owned() };
    let url = Url::parse(&address).ok().filter(|url| matches!(url.scheme(), "http" | "https"))?;
    let host = url.host_str()?.trim_start_matches("www.").to_ascii_lowercase();
    let parts: Vec<&str> = url.path_segments()?.filter(|part| !part.is_empty()).collect();
    let asked = |name: &str| {
        url.query_pairs().find(|(key, _)| key == name).map(|(_, value)| value.into_owned())
    };
    let parts = parts.as_slice();
    let found = shown(&host, parts, &asked).or_else(|| post(&host, parts, &asked));
    found.or_else(|| facebook(url.as_str()))
}

/// A film, a sound or a graphic.
fn shown(host: &str, parts: &[&str], asked: &impl Fn(&str) -> Option<String>) -> Option<String> {
    match (host, parts) {
        (
            "youtube.com" | "m.youtube.com" | "youtube-nocookie.com",
            ["embed", "videoseries", ..],
        ) => word(&asked("list")?).map(|id| format!("https://www.youtube.com/playlist?list={id}")),
        (
            "youtube.com" | "m.youtube.com" | "youtube-nocookie.com",
            ["embed" | "v" | "shorts", id, ..],
        ) => youtube(id),
        ("youtube.com" | "m.youtube.com", ["watch"]) => youtube(&asked("v")?),
        ("youtu.be", [id]) => youtube(id),
        ("dailymotion.com", ["embed", "video", id] | ["video", id]) => {
            word(id).map(|id| format!("https://www.dailymotion.com/video/{id}"))
        }
        ("geo.dailymotion.com", _) => {
            word(&asked("video")?).map(|id| format!("https://www.dailymotion.com/video/{id}"))
        }
        ("player.vimeo.com", ["video", id, ..]) => {
            word(id).map(|id| format!("https://vimeo.com/{id}"))
        }
        ("open.spotify.com", ["embed" | "embed-podcast", kind, id]) => {
            Some(format!("https://open.spotify.com/{}/{}", word(kind)?, word(id)?))
        }
        ("w.soundcloud.com", ["player"]) => {
            let sound = Url::parse(&asked("url")?).ok()?;
            let own = sound.host_str().is_some_and(|host| host.ends_with("soundcloud.com"));
            own.then(|| sound.into()).map(|sound: String| sound.replacen("http://", "https://", 1))
        }
        ("datawrapper.dwcdn.net", [id, ..]) => {
            word(id).map(|id| format!("https://datawrapper.dwcdn.net/{id}/"))
        }
        ("flo.uri.sh", ["visualisation", id, ..]) => {
            word(id).map(|id| format!("https://public.flourish.studio/visualisation/{id}/"))
        }
        ("infogram.com" | "e.infogram.com", [id, ..]) => {
            word(id).map(|id| format!("https://infogram.com/{id}"))
        }
        ("widget.deezer.com", ["widget", _, kind, id, ..]) => {
            Some(format!("https://www.deezer.com/{}/{}", word(kind)?, word(id)?))
        }
        _ => None,
    }
}

/// A post.
fn post(host: &str, parts: &[&str], asked: &impl Fn(&str) -> Option<String>) -> Option<String> {
    match (host, parts) {
        ("platform.twitter.com", ["embed", ..]) => {
            word(&asked("id")?).map(|id| format!("https://x.com/i/status/{id}"))
        }
        ("twitter.com" | "mobile.twitter.com" | "x.com", [who, "status", id, ..]) => {
            Some(format!("https://x.com/{}/status/{}", word(who)?, word(id)?))
        }
        ("instagram.com", [kind @ ("p" | "reel" | "tv"), id, ..]) => {
            word(id).map(|id| format!("https://www.instagram.com/{kind}/{id}/"))
        }
        ("facebook.com", ["plugins", "post.php" | "video.php"]) => facebook(&asked("href")?),
        ("tiktok.com", ["embed", "v2" | "v3", id, ..] | ["embed", id]) => {
            word(id).map(|id| format!("https://www.tiktok.com/@i/video/{id}"))
        }
        ("tiktok.com", [who, "video", id, ..]) => Some(format!(
            "https://www.tiktok.com/@{}/video/{}",
            word(who.trim_start_matches('@'))?,
            word(id)?
        )),
        ("embed.bsky.app", ["embed", who, _, id]) => {
            Some(format!("https://bsky.app/profile/{}/post/{}", word(who)?, word(id)?))
        }
        (_, [who, id, "embed"])
            if who.starts_with('@') && id.bytes().all(|b| b.is_ascii_digit()) =>
        {
            Some(format!("https://{host}/{who}/{id}"))
        }
        _ => None,
    }
}

/// A post or a video; the box that asks to follow a page is none.
fn facebook(address: &str) -> Option<String> {
    let url = Url::parse(address).ok()?;
    let own = url
        .host_str()
        .is_some_and(|host| host == "facebook.com" || host.ends_with(".facebook.com"));
    let path = url.path();
    let post = ["/posts/", "/videos/", "/photos/", "/reel/", "/permalink.php", "/watch"];
    (own && post.iter().any(|part| path.contains(part)))
        .then(|| url.as_str().replacen("http://", "https://", 1))
}

fn youtube(id: &str) -> Option<String> {
    word(id).map(|id| format!("https://www.youtube.com/watch?v={id}"))
}

/// Longest name of a post or a film.
const NAME_BYTES_MAX: usize = 80;

/// A name in an address: letters, digits and what platforms write between.
fn word(id: &str) -> Option<&str> {
    let plain = |b: u8| b.is_ascii_alphanumeric() || matches!(b, b'-' | b'_' | b'.' | b':');
    (!id.is_empty() && id.len() <= NAME_BYTES_MAX && id.bytes().all(plain)).then_some(id)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(markup: &str, expected: Option<&str>) {
        let tree = crate::tree::parse(markup);
        let found = tree.walk(crate::tree::ROOT).find_map(|id| of(&tree, id, tree.name(id)));
        assert_eq!(found.as_deref(), expected, "{markup}");
    }

    #[test]
    fn what_is_embedded_has_a_page_of_its_own() {
        let frame = |address: &str| format!("<iframe src='{address}'></iframe>");
        for (address, page) in [
            (
                "https://www.youtube-nocookie.com/embed/aB-1?rel=0",
                "https://www.youtube.com/watch?v=aB-1",
            ),
            ("//www.dailymotion.com/embed/video/x8k", "https://www.dailymotion.com/video/x8k"),
            (
                "https://geo.dailymotion.com/player/x1.html?video=x8k",
                "https://www.dailymotion.com/video/x8k",
            ),
            ("https://player.vimeo.com/video/12?h=a", "https://vimeo.com/12"),
            (
                "https://open.spotify.com/embed/episode/3a?x=1",
                "https://open.spotify.com/episode/3a",
            ),
            ("https://datawrapper.dwcdn.net/Ab1/4/", "https://datawrapper.dwcdn.net/Ab1/"),
            (
                "https://www.facebook.com/plugins/post.php?href=https%3A%2F%2Fwww.facebook.com%2Fa%2Fposts%2F9&width=5",
                "https://www.facebook.com/a/posts/9",
            ),
            (
                "https://w.soundcloud.com/player/?url=https%3A//soundcloud.com/a/b&color=f",
                "https://soundcloud.com/a/b",
            ),
            ("https://www.instagram.com/p/C1/embed/captioned/", "https://www.instagram.com/p/C1/"),
            ("https://www.tiktok.com/embed/v2/77", "https://www.tiktok.com/@i/video/77"),
            ("https://piaille.example/@a/109/embed", "https://piaille.example/@a/109"),
        ] {
            check(&frame(address), Some(page));
        }
        check(
            "<iframe data-src='https://www.youtube.com/embed/q'>",
            Some("https://www.youtube.com/watch?v=q"),
        );
        check(
            "<blockquote class='twitter-tweet'><p>x <a href='https://t.co/z'>z</a></p><a href='https://twitter.com/a/status/12?ref=x'>y</a></blockquote>",
            Some("https://x.com/a/status/12"),
        );
        check(
            "<blockquote class='tiktok-embed' cite='https://www.tiktok.com/@a/video/7'></blockquote>",
            Some("https://www.tiktok.com/@a/video/7"),
        );
        for none in [
            "javascript:alert(1)",
            "https://ads.example/frame",
            "about:blank",
            "https://www.facebook.com/plugins/page.php?href=x",
            "https://www.youtube.com/embed/a\"b<c",
            "https://w.soundcloud.com/player/?url=javascript:x",
        ] {
            check(&frame(none), None);
        }
    }
}
