//! `depeche extract` as a person or a program runs it: on files, on standard input, on a real server.

#![allow(clippy::unwrap_used, clippy::expect_used, reason = "a test fails by panicking")]

mod support;

use std::{
    io::Write,
    path::Path,
    process::{Output, Stdio},
};

use serde_json::{Value, json};
use support::{Outside, depeche, lines, told};

const PAGE: &str = "<html lang=\"fr\"><head><title>La crue est finie (AFP)</title>\
    <meta property=\"article:published_time\" content=\"2016-02-11T16:41:00+01:00\"></head><body>\
    <nav><a href=\"/\">Accueil</a></nav><article><h1>La crue est finie (AFP)</h1>\
    <p>La préfète de la Meuse a annoncé mardi la fin de la crue, après trois jours de pluie sur tout le *département*.</p>\
    <figure><img src=\"/crue.jpg\"><figcaption>Verdun, mardi</figcaption></figure>\
    <h2>Les routes</h2><blockquote>« Nous rouvrons une route après l'autre », a déclaré le maire de Verdun à la presse.</blockquote>\
    <ul><li>La départementale rouvre mercredi matin à huit heures.</li><li>Le pont reste fermé jusqu'à lundi, dit la mairie.</li></ul>\
    <p>Les écoles rouvrent jeudi, a dit la mairie à la presse &lt;b&gt; réunie devant les ponts de la ville basse.</p></article>\
    <div class=\"share\">Partager sur Facebook</div></body></html>";

fn file(folder: &Path, name: &str, bytes: &[u8]) -> String {
    let file = folder.join(name);
    std::fs::write(&file, bytes).unwrap();
    file.to_str().unwrap().to_owned()
}

/// Runs it with something on standard input.
fn fed(arguments: &[&str], input: &[u8]) -> Output {
    let mut running = depeche(arguments)
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    running.stdin.take().unwrap().write_all(input).unwrap();
    running.wait_with_output().unwrap()
}

#[track_caller]
fn check_refused(arguments: &[&str], parts: &[&str]) {
    let output = depeche(arguments).stdin(Stdio::null()).output().unwrap();
    let said = String::from_utf8_lossy(&output.stderr);
    assert!(!output.status.success(), "{arguments:?} went well");
    assert!(parts.iter().all(|part| said.contains(part)), "{arguments:?}: {said}");
}

#[test]
fn each_form_tells_the_same_article() {
    let folder = tempfile::tempdir().unwrap();
    let page = file(folder.path(), "page.html", PAGE.as_bytes());
    let address = ["--address", "https://a.example/meuse/crue"];
    let run = |form: &[&str]| told(&[&["extract", page.as_str()], &address[..], form].concat());

    let object: Value = serde_json::from_str(&run(&["--json"])).unwrap();
    assert_eq!(object, serde_json::from_str::<Value>(&run(&[])).unwrap(), "without a terminal");
    assert_eq!(
        (&object["headline"], &object["credit"]),
        (&json!("La crue est finie"), &json!("AFP"))
    );
    assert_eq!(object["published"], "2016-02-11T16:41:00+01:00");
    assert_eq!(object["image"]["address"], "https://a.example/crue.jpg");
    assert_eq!(object["body"].as_array().unwrap().len(), 5);
    assert_eq!(object["problems"], json!([]));

    let text = run(&["--text"]);
    assert_eq!(text.trim_end(), object["text"].as_str().unwrap());

    let markdown = run(&["--markdown"]);
    for part in [
        "# La crue est finie (AFP)\n",
        "<https://a.example/meuse/crue>\n",
        "tout le \\*département\\*.\n",
        "![Verdun, mardi](<https://a.example/crue.jpg>)\n",
        "\n## Les routes\n\n> « Nous",
        "\n- La départementale",
        "\\<b\\> réunie",
    ] {
        assert!(markdown.contains(part), "{part} in {markdown}");
    }

    let html = run(&["--html"]);
    for part in [
        "<!doctype html>",
        "lang=\"fr\"",
        "<h2>Les routes</h2>",
        "&lt;b&gt; réunie",
        "default-src 'none'",
    ] {
        assert!(html.contains(part), "{part} in {html}");
    }
    assert!(!html.contains("<script") && !html.contains("Partager"), "{html}");
}

#[test]
fn a_packed_file_and_standard_input_are_read_like_a_file() {
    let folder = tempfile::tempdir().unwrap();
    let page = file(folder.path(), "page.html", PAGE.as_bytes());
    let packed = std::process::Command::new("gzip").args(["-k", &page]).status().unwrap();
    assert!(packed.success());
    let text = told(&["extract", "--text", &page]);
    assert_eq!(told(&["extract", "--text", &format!("{page}.gz")]), text);
    for bytes in [PAGE.as_bytes().to_vec(), std::fs::read(format!("{page}.gz")).unwrap()] {
        let output = fed(&["extract", "--text", "-"], &bytes);
        assert_eq!(String::from_utf8(output.stdout).unwrap(), text);
    }
    assert_eq!(lines(&["extract", &page, &page]).len(), 2);
}

#[test]
fn a_page_is_fetched_where_that_is_allowed() {
    let outside = Outside::open();
    outside.put("/crue", PAGE.to_owned());
    outside.put(
        "/picture",
        "HTTP/1.1 200 OK\r\ncontent-type: image/png\r\ncontent-length: 3\r\n\r\nabc".into(),
    );
    let allowed = format!("127.0.0.1:{}", outside.port);
    let allow = ["--allow-address", allowed.as_str()];
    check_refused(
        &["extract", &outside.address("/crue")],
        &["private network", "hint: if it is yours, allow it: --allow-address"],
    );
    assert!(outside.served.asked.lock().unwrap().is_empty(), "it was asked all the same");
    let object = &lines(&[&["extract", &outside.address("/crue")], &allow[..]].concat())[0];
    assert_eq!(object["headline"], "La crue est finie");
    assert_eq!(object["id"], outside.address("/crue"));
    assert_eq!(object["image"]["address"], outside.address("/crue.jpg"));
    let refused = |path: &str, parts: &[&str]| {
        check_refused(&[&["extract", &outside.address(path)], &allow[..]].concat(), parts);
    };
    refused("/gone", &["404", "hint: look for it in a browser"]);
    refused("/picture", &["image/png", "hint:"]);
    assert_eq!(outside.served.asked.lock().unwrap().get("/robots.txt"), None);
}

/// «Паводок», which no declaration of the page says the charset of.
#[test]
fn the_charset_that_a_server_tells_is_believed() {
    let listener = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let port = listener.local_addr().unwrap().port();
    std::thread::spawn(move || {
        let (mut stream, _) = listener.accept().unwrap();
        let mut asked = [0; 4096];
        assert!(std::io::Read::read(&mut stream, &mut asked).unwrap() > 0);
        let mut answer = b"HTTP/1.1 200 OK\r\ncontent-type: text/html; charset=windows-1251\r\n\
            connection: close\r\n\r\n<title>"
            .to_vec();
        answer.extend([0xcf, 0xe0, 0xe2, 0xee, 0xe4, 0xee, 0xea]);
        answer.extend(b"</title><p>");
        stream.write_all(&answer).unwrap();
    });
    let (address, allowed) = (format!("http://127.0.0.1:{port}/"), format!("127.0.0.1:{port}"));
    let object = &lines(&["extract", &address, "--allow-address", &allowed])[0];
    assert_eq!(object["headline"], "Паводок");
}

#[test]
fn what_is_wrong_is_said_with_what_to_do() {
    let folder = tempfile::tempdir().unwrap();
    let page = file(folder.path(), "page.html", PAGE.as_bytes());
    let picture = file(folder.path(), "picture.png", b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR\0\0\0\x10");
    let bare =
        file(folder.path(), "bare.html", b"<title>La crue</title><nav><a href=/>Accueil</a></nav>");
    let empty = file(folder.path(), "empty.html", b"");
    check_refused(
        &["extract", "/nowhere/at-all"],
        &["cannot read /nowhere/at-all", "hint: give a file"],
    );
    check_refused(&["extract", "www.a.example"], &["no file www.a.example", "https://"]);
    check_refused(&["extract", folder.path().to_str().unwrap()], &["is a folder", "hint:"]);
    check_refused(
        &["extract", "--text", &picture],
        &["picture.png is no page", "hint: pages (HTML)"],
    );
    check_refused(&["extract", "--markdown", &bare], &["no story was found", "--explain"]);
    check_refused(&["extract", "--text", &empty], &["is empty", "hint:"]);
    check_refused(&["extract", "--html", &page, &page], &["one page", "hint:"]);
    check_refused(&["extract", "--json", "--text", &page], &["cannot be used with"]);
    check_refused(&["extract", "--address", "a.example", &page], &["whole address"]);
    check_refused(
        &["extract", "--address", "https://a.example", "https://a.example"],
        &["--address", "hint:"],
    );
    check_refused(&["extract", "http://me:secret@a.example/"], &["no address of the web", "hint:"]);
    check_refused(
        &["extract", "https://nowhere.invalid/page"],
        &["cannot fetch https://nowhere.invalid/page", "hint:"],
    );
    // One that fails costs the others nothing.
    let three = ["extract", &page, "/nowhere/at-all", &page];
    let output = fed(&three, b"");
    let answers = String::from_utf8(output.stdout).unwrap();
    let answers: Vec<Value> =
        answers.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    assert!(!output.status.success() && answers.len() == 3, "{answers:?}");
    assert_eq!((&answers[0]["text"], &answers[0]["kind"]), (&answers[2]["text"], &json!("story")));
    assert!(answers[1]["problems"][0].as_str().unwrap().starts_with("unreadable: cannot read"));
    let said = String::from_utf8(output.stderr).unwrap();
    assert!(said.contains("cannot read /nowhere/at-all") && said.contains("1 of 3"), "{said}");
    // A program finds it in the answer.
    assert_eq!(lines(&["extract", &bare])[0]["problems"], json!(["no_body"]));
    assert_eq!(told(&["extract", "--json", &picture]).lines().count(), 1);
}

#[test]
fn each_block_is_explained_in_each_form() {
    let folder = tempfile::tempdir().unwrap();
    let page = file(folder.path(), "page.html", PAGE.as_bytes());
    let object = &lines(&["extract", "--explain", &page])[0];
    let blocks = object["blocks"].as_array().unwrap();
    let told_of = |text: &str| {
        let found =
            blocks.iter().find(|block| block["text"].as_str().unwrap().starts_with(text)).unwrap();
        (found["kept"].as_bool().unwrap(), found["reasons"][0]["word"].as_str().unwrap())
    };
    assert_eq!(told_of("Accueil"), (false, "element"));
    assert_eq!(told_of("La crue est finie"), (false, "headline"));
    assert!(told_of("La préfète").0);
    assert_eq!(told_of("Partager"), (false, "named"));
    assert_eq!(object["text"], lines(&["extract", &page])[0]["text"]);

    let table = told(&["extract", "--explain", "--text", &page]);
    assert!(!table.contains('\u{1b}'), "{table}");
    assert!(table.contains("Published  11 February 2016, 16:41 (UTC+01:00)"), "{table}");
    let row = table.lines().find(|line| line.contains("Accueil")).unwrap();
    assert!(row.starts_with("out ") && row.contains("in a nav, aside, footer or form"), "{row}");

    let html = told(&["extract", "--explain", "--html", &page]);
    for part in
        ["lang=\"en\"", "lang=\"fr\"", "Left out", "is the headline", "tout le *département*."]
    {
        assert!(html.contains(part), "{part} in {html}");
    }
    assert!(!html.contains("<script") && !html.contains("<img"), "{html}");
    check_refused(&["extract", "--explain", "--markdown", &page], &["cannot be used with"]);
}
