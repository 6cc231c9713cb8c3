//! What runs is started anew in order, and reached through the API server.

use std::sync::Arc;

use cht_k8s::{Cluster, Forward, Stop};
use cht_manifests::{Component, Kind};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};

use crate::site::{Site, on_a_site};

/// When each component's pod was made, and which it is.
async fn pods(site: &Site) -> Vec<(String, String, String)> {
    let pods = site.kube.list(Kind::Pod, Some(&site.namespace)).await.expect("pods");
    let of = |pod: &cht_k8s::LiveObject| {
        let text = |pointer: &str| pod.text(pointer).unwrap_or_default().to_owned();
        (text("/metadata/creationTimestamp"), text("/metadata/labels/cht.service"), pod.uid().to_owned())
    };
    let mut pods: Vec<_> = pods.items.iter().map(of).collect();
    pods.sort();
    pods
}

/// Each component is ready before the next is touched, the nodes of CouchDB one at a time.
#[tokio::test]
async fn a_restart_of_everything() {
    on_a_site("k3s-cluster.yaml", &["couchdb_data.preExistingDataAvailable=false"], async |site| {
        site.deploy(&[], 0).await;
        let before = pods(site).await;
        let restarted = site.run("restart --all --timeout 5m", &[]).await.expect(0).json();
        assert_eq!((&restarted["outcome"], &restarted["counts"]["changed"]), (&"restarted".into(), &7.into()));
        let after = pods(site).await;
        assert_eq!(after.len(), before.len(), "{after:?}");
        assert!(after.iter().all(|(_, _, uid)| before.iter().all(|(_, _, other)| other != uid)), "{after:?}");
        let order: Vec<_> = after.iter().map(|(_, component, _)| component.as_str()).collect();
        let expected = ["couchdb-1", "couchdb-2", "couchdb-3", "healthcheck", "haproxy", "api", "sentinel"];
        assert_eq!(order, expected);
        let unchanged = site.deploy(&[], 0).await.json();
        assert_eq!(unchanged["counts"]["changed"], 0, "{unchanged}");
    })
    .await;
}

/// A connection of this machine gets to the API, which answers as it does to people.
#[tokio::test]
async fn a_connection_to_the_api() {
    on_a_site("k3d.yaml", &[], async |site| {
        site.deploy(&[], 0).await;
        let cluster = Arc::new(site.kube.clone()) as Arc<dyn Cluster>;
        let forward = Forward::to(cluster, &site.namespace, Component::Api).await.expect("the API is ready");
        let listener = TcpListener::bind("127.0.0.1:0").await.expect("a port");
        let address = listener.local_addr().expect("an address");
        let stop = Stop::new();
        let asks = async {
            for _ in 0..2 {
                let mut stream = TcpStream::connect(address).await.expect("it listens");
                let request = "GET /api/info HTTP/1.1\r\nhost: localhost\r\nconnection: close\r\n\r\n";
                stream.write_all(request.as_bytes()).await.expect("asks");
                let mut answer = String::new();
                stream.read_to_string(&mut answer).await.expect("an answer");
                assert!(answer.starts_with("HTTP/1.1 200") && answer.contains("5.3.0"), "{answer}");
            }
            stop.stop();
        };
        let serving = forward.serve(listener, &stop, |error| panic!("{error}"));
        tokio::join!(serving, asks).0.expect("served");
    })
    .await;
}
