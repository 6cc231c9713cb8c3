//! `cht open` leads this machine to the API, for as long as it runs.

use std::io::{BufRead as _, BufReader, Read as _, Write as _};
use std::net::{TcpListener, TcpStream};

use cht_k8s::sandbox::Fault;
use cht_tests::program::{Ran, signal, start};

use crate::support::{clinic, deployed_clinic, let_fail, snapshot};

#[test]
fn it_leads_to_the_api_until_it_is_told_to_end() {
    let cht = deployed_clinic();
    let mut running = start(cht.command("open --sandbox -n clinic --print".split(' ')));
    let mut stdout = BufReader::new(running.stdout.take().expect("piped"));
    let mut address = String::new();
    stdout.read_line(&mut address).expect("a line");
    let authority = address.trim().strip_prefix("http://").expect("an address");

    let mut stream = TcpStream::connect(authority).expect("it listens");
    write!(stream, "GET /api/info HTTP/1.1\r\nhost: {authority}\r\nconnection: close\r\n\r\n").expect("asks");
    let mut answer = String::new();
    stream.read_to_string(&mut answer).expect("an answer");
    assert!(answer.starts_with("HTTP/1.1 200") && answer.contains(r#"{"version":"5.3.0"}"#), "{answer}");

    signal(running.id(), "TERM");
    let ended = Ran::from(running.wait_with_output().expect("its end")).expect(143);
    assert_eq!(ended.stderr, "leads to the API in namespace clinic of sandbox cht-sandbox.json, until interrupted\n");
}

#[test]
fn the_address_that_people_use_needs_no_way_through() {
    let opened = clinic().run("open --sandbox -f values.yaml --address").expect(0);
    assert_eq!((opened.stdout.as_str(), opened.stderr.as_str()), ("https://localhost\n", ""));
}

#[test]
fn a_port_that_is_taken_is_said() {
    let taken = TcpListener::bind("127.0.0.1:0").expect("a port");
    let port = taken.local_addr().expect("an address").port();
    let refused = deployed_clinic().run(&format!("open --sandbox -n clinic --port {port}")).expect(2);
    assert!(refused.stderr.contains(&format!("error: port {port} cannot be used: ")), "{refused}");
    assert!(refused.stderr.ends_with("hint: name another one with --port\n"), "{refused}");
}

#[test]
fn what_does_not_run_cannot_be_opened() {
    snapshot("open_missing", &clinic().run("open --sandbox -n clinic").expect(4));
    let cht = clinic();
    let_fail(&cht, &[Fault::NeverReady { container: "cht-api".to_owned() }]);
    let _ = cht.run("deploy --quiet --sandbox -f values.yaml --timeout 10s").expect(9);
    snapshot("open_not_ready", &cht.run("open --sandbox -n clinic").expect(8));
}
