//! Tests against a real TLS server on loopback, with a certificate of our own.

use std::sync::Arc;

use depeche_news::Validators;
use h2::server;
use reqwest::Certificate;
use tokio::net::TcpListener;
use tokio_rustls::{
    TlsAcceptor,
    rustls::{
        ServerConfig,
        pki_types::{CertificateDer, PrivateKeyDer, pem::PemObject},
    },
};

use crate::{Client, Policy, Request};

const CERTIFICATE: &[u8] = include_bytes!("../../../fixtures/tls/localhost.pem");
const KEY: &[u8] = include_bytes!("../../../fixtures/tls/localhost.key");

/// In tests the certificate of the fixtures is trusted besides those of the system.
pub(crate) fn trusting(builder: reqwest::ClientBuilder) -> reqwest::ClientBuilder {
    builder.tls_certs_merge([Certificate::from_pem(CERTIFICATE).unwrap()])
}

/// A server that offers these protocols; HTTP/2 is answered.
async fn start(protocols: &[&[u8]]) -> u16 {
    let certificate = CertificateDer::from_pem_slice(CERTIFICATE).unwrap();
    let key = PrivateKeyDer::from_pem_slice(KEY).unwrap();
    let mut config = ServerConfig::builder()
        .with_no_client_auth()
        .with_single_cert(vec![certificate], key)
        .unwrap();
    config.alpn_protocols = protocols.iter().map(|name| name.to_vec()).collect();
    let acceptor = TlsAcceptor::from(Arc::new(config));
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let port = listener.local_addr().unwrap().port();
    tokio::spawn(async move {
        let (stream, _) = listener.accept().await.unwrap();
        let stream = acceptor.accept(stream).await.unwrap();
        assert_eq!(stream.get_ref().1.alpn_protocol(), Some(&b"h2"[..]));
        let mut connection = server::handshake(stream).await.unwrap();
        while let Some(Ok((request, mut respond))) = connection.accept().await {
            assert_eq!(request.headers()["if-none-match"], "\"1\"");
            let head = http::Response::builder().header("etag", "\"2\"").body(()).unwrap();
            let mut body = respond.send_response(head, false).unwrap();
            body.send_data(bytes::Bytes::from_static(b"fil"), true).unwrap();
        }
    });
    port
}

#[tokio::test]
async fn http_2_is_spoken_where_the_server_does() {
    let port = start(&[b"h2", b"http/1.1"]).await;
    let allow = vec![format!("127.0.0.1:{port}").parse().unwrap()];
    let client = Client::new(&Policy { allow, user_agent: "Depeche/test".into() }).unwrap();
    let validators = Validators { etag: Some("\"1\"".into()), last_modified: None };
    let address = format!("https://127.0.0.1:{port}/fil");
    let (address, validators) = (address.as_str(), &validators);
    for _on_one_connection in 0..2 {
        let request =
            Request { address, validators, accept: "*/*", body_bytes_max: 1000, access: None };
        let answer = client.get(&request).await.unwrap();
        assert_eq!((answer.status, answer.body.as_slice()), (200, &b"fil"[..]));
        assert_eq!(answer.validators.etag.as_deref(), Some("\"2\""));
    }
}
