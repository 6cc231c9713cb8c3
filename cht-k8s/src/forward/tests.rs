use futures::future::join;
use tokio::io::{AsyncReadExt, AsyncWriteExt};

use super::*;
use crate::health::testing::{K3D, instance};
use crate::sandbox::{Fault, Sandbox};
use crate::{Options, deploy, plan};

async fn deployed(faults: &[Fault]) -> Arc<Sandbox> {
    let sandbox = Arc::new(Sandbox::new());
    for fault in faults {
        sandbox.fail(fault.clone());
    }
    let plan = plan(&*sandbox, instance(K3D, &[])).await.expect("a plan");
    deploy(Arc::clone(&sandbox) as Arc<dyn Cluster>, plan, Options::default()).collect::<Vec<_>>().await;
    sandbox
}

async fn to(sandbox: &Arc<Sandbox>, component: Component) -> Result<Forward, ForwardError> {
    Forward::to(Arc::clone(sandbox) as Arc<dyn Cluster>, "county-a", component).await
}

/// What a server answers to a GET, read to its end.
async fn get(port: u16, path: &str) -> String {
    let mut stream = TcpStream::connect(("127.0.0.1", port)).await.expect("a connection");
    let request =
        format!("GET {path} HTTP/1.1\r\nhost: localhost\r\naccept: application/json\r\nconnection: close\r\n\r\n");
    stream.write_all(request.as_bytes()).await.expect("asks");
    let mut answer = String::new();
    let _ = stream.read_to_string(&mut answer).await;
    answer
}

#[tokio::test]
async fn each_connection_gets_to_the_component() {
    let sandbox = deployed(&[]).await;
    let forward = to(&sandbox, Component::Api).await.expect("the API is ready");
    let listener = TcpListener::bind("127.0.0.1:0").await.expect("a port");
    let port = listener.local_addr().expect("an address").port();
    let stop = Stop::new();
    let asks = async {
        let (one, other) = join(get(port, "/setup/poll"), get(port, "/api/info")).await;
        assert!(one.starts_with("HTTP/1.1 200") && one.contains(r#""ready":true"#), "{one}");
        assert!(other.contains(r#""version":"5.3.0""#), "{other}");
        stop.stop();
    };
    let (served, ()) = join(forward.serve(listener, &stop, |error| panic!("{error}")), asks).await;
    served.expect("served");
}

#[tokio::test]
async fn a_connection_that_cannot_be_led_is_told_of_and_the_others_go_on() {
    let sandbox = deployed(&[]).await;
    let forward = to(&sandbox, Component::Api).await.expect("the API is ready");
    let listener = TcpListener::bind("127.0.0.1:0").await.expect("a port");
    let port = listener.local_addr().expect("an address").port();
    let (stop, lost) = (Stop::new(), std::cell::RefCell::new(Vec::new()));
    let error = ClusterError::Forbidden { object: "pods/portforward".to_owned(), message: "no".to_owned() };
    sandbox.fail(Fault::Api { verb: crate::sandbox::Verb::Connect, kind: None, times: 1, error: error.clone() });
    let asks = async {
        assert_eq!(get(port, "/setup/poll").await, "");
        assert!(get(port, "/setup/poll").await.starts_with("HTTP/1.1 200"));
        stop.stop();
    };
    let serving = forward.serve(listener, &stop, |error| lost.borrow_mut().push(error.clone()));
    join(serving, asks).await.0.expect("served");
    assert_eq!(lost.into_inner(), [ForwardError::Cluster(error)]);
}

#[tokio::test]
async fn what_does_not_serve_is_named() {
    let sandbox = deployed(&[Fault::NeverReady { container: "cht-api".to_owned() }]).await;
    let not_ready = to(&sandbox, Component::Api).await.err().expect("it is not ready");
    assert_eq!(not_ready.to_string(), "no pod of api is ready in namespace county-a");
    let missing = to(&Arc::new(Sandbox::new()), Component::Api).await.err().expect("it is not there");
    assert_eq!(missing.to_string(), "there is no Service/api in namespace county-a");
}
