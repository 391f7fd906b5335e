//! Names that change their address between two looks: what was checked is what is connected to.

use std::{
    net::SocketAddr,
    sync::{
        Arc,
        atomic::{AtomicUsize, Ordering::SeqCst},
    },
};

use depeche_news::Validators;
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::TcpListener,
};

use crate::{Client, Error, Policy, Request, client::Patience, guard::Names};

/// A server that counts who connects; it sends whoever asks for `/on` to the same name again.
async fn server(address: SocketAddr) -> (SocketAddr, Arc<AtomicUsize>) {
    let listener = TcpListener::bind(address).await.unwrap();
    let (address, connections) = (listener.local_addr().unwrap(), Arc::new(AtomicUsize::new(0)));
    let counted = Arc::clone(&connections);
    tokio::spawn(async move {
        while let Ok((mut stream, _)) = listener.accept().await {
            counted.fetch_add(1, SeqCst);
            let mut head = [0; 1024];
            let read = stream.read(&mut head).await.unwrap_or(0);
            let on = head[..read].starts_with(b"GET /on ");
            let answer: &[u8] = match on {
                true => b"HTTP/1.1 302 Found\r\nlocation: /off\r\nconnection: close\r\ncontent-length: 0\r\n\r\n",
                false => b"HTTP/1.1 200 OK\r\nconnection: close\r\ncontent-length: 2\r\n\r\nok",
            };
            let _ = stream.write_all(answer).await;
        }
    });
    (address, connections)
}

/// A resolver that gives these answers in turn, for ever.
fn in_turn(answers: Vec<Vec<&'static str>>, asked: Arc<AtomicUsize>) -> Names {
    Arc::new(move |_name| {
        let answer = answers[asked.fetch_add(1, SeqCst) % answers.len()].clone();
        let found = answer.iter().map(|ip| SocketAddr::new(ip.parse().unwrap(), 0)).collect();
        Box::pin(async move { Ok(found) })
    })
}

async fn ask(client: &Client, address: &str) -> Result<u16, Error> {
    let validators = Validators::default();
    let request = Request {
        address,
        validators: &validators,
        accept: "*/*",
        body_bytes_max: 1_000,
        access: None,
    };
    client.get(&request).await.map(|response| response.status)
}

/// 127.0.0.2 stands for an address that may be connected to, 127.0.0.1 for one that may not; the
/// same port is open on both.
#[tokio::test]
async fn nothing_connects_to_an_address_that_was_not_checked() {
    let (open, to_open) = server("127.0.0.2:0".parse().unwrap()).await;
    let (_, to_closed) = server(SocketAddr::new([127, 0, 0, 1].into(), open.port())).await;
    let allow = vec!["127.0.0.2".parse().unwrap()];
    let policy = Policy { allow, user_agent: "test".to_owned() };
    let looks = Arc::new(AtomicUsize::new(0));
    let answers = vec![
        vec!["127.0.0.2"],
        vec!["127.0.0.1"],
        vec!["127.0.0.1", "127.0.0.2"],
        vec!["127.0.0.2", "127.0.0.1"],
        vec!["::1", "127.0.0.1"],
    ];
    let names = in_turn(answers, Arc::clone(&looks));
    let client = Client::with_names(&policy, Patience::default(), &names).unwrap();
    let (mut answered, mut refused) = (0, 0);
    for _ in 0..20 {
        for path in ["/on", "/off"] {
            let address = format!("http://fil.example:{}{path}", open.port());
            match ask(&client, &address).await {
                Ok(200) => answered += 1,
                Err(Error::RefusedAddress { .. }) => refused += 1,
                other => panic!("{other:?}"),
            }
        }
    }
    assert_eq!(to_closed.load(SeqCst), 0, "a forbidden address was connected to");
    assert!(answered > 5 && refused > 5 && to_open.load(SeqCst) >= answered);
    // Each hop looks the name up once, and connects to what came of that look.
    assert!(looks.load(SeqCst) >= to_open.load(SeqCst), "a connection without a look of its own");
}

#[tokio::test]
async fn an_allowed_name_may_have_any_address_and_lends_it_to_no_other() {
    let (open, connections) = server("127.0.0.1:0".parse().unwrap()).await;
    let allow = vec![format!("intranet.example:{}", open.port()).parse().unwrap()];
    let policy = Policy { allow, user_agent: "test".to_owned() };
    let names = in_turn(vec![vec!["127.0.0.1"]], Arc::default());
    let client = Client::with_names(&policy, Patience::default(), &names).unwrap();
    let port = open.port();
    assert_eq!(ask(&client, &format!("http://intranet.example:{port}/")).await, Ok(200));
    assert_eq!(ask(&client, &format!("http://Intranet.example.:{port}/")).await, Ok(200));
    for other in [
        "intranet.example",
        "other.example:{port}",
        "x.intranet.example:{port}",
        "127.0.0.1:{port}",
    ] {
        let address = format!("http://{}/", other.replace("{port}", &port.to_string()));
        let refused = ask(&client, &address).await;
        assert!(matches!(refused, Err(Error::RefusedAddress { .. })), "{address}: {refused:?}");
    }
    assert_eq!(connections.load(SeqCst), 2);
}
