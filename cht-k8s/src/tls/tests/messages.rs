//! What a person is told, for everything that can be wrong.

use super::super::pair::encoded;
use super::super::{CertificateFault, read_pair};
use super::made::{DAY, FITTING, NOW, Wish, authority, issued, now, read};

fn fault(certificate: &str, key: &str) -> CertificateFault {
    let read = read(certificate, key).and_then(|pair| {
        pair.chain().check_time(now())?;
        pair.chain().check_hosts(&["cht.example.org".to_owned()])
    });
    read.expect_err("something is wrong")
}

#[test]
fn each_fault_names_the_file_and_says_what_to_do() {
    let root = authority("Root", None);
    let middle = authority("Middle", Some(&root));
    let (leaf, key) = issued(&middle, &FITTING);
    let (other, other_key) = issued(&root, &FITTING);
    let (expired, expired_key) = issued(&root, &Wish { from: -20, until: -1, ..FITTING });
    let (early, early_key) = issued(&root, &Wish { from: 5, ..FITTING });
    let hosts = ["a.org", "b.org", "c.org", "d.org", "e.org", "*.f.org", "10.0.0.1"];
    let (elsewhere, elsewhere_key) = issued(&root, &Wish { hosts: &hosts, ..FITTING });
    let (nowhere, nowhere_key) = issued(&root, &Wish { hosts: &[], ..FITTING });
    let middle_pem = &middle.pem;
    let cases = [
        ("no PEM", fault("not at all", &key)),
        ("no PEM as key", fault(&leaf, "\u{0}\u{1}")),
        ("cut off", fault(&leaf[..leaf.len() - 30], &key)),
        ("a key that is cut off", fault(&leaf, &key[..60])),
        ("swapped", fault(&key, &leaf)),
        ("two keys", fault(&key, &key)),
        ("two certificates", fault(&leaf, &leaf)),
        ("something else", fault(&encoded("CERTIFICATE REQUEST", b"x"), &key)),
        ("several keys", fault(&leaf, &format!("{key}{other_key}"))),
        ("encrypted", fault(&leaf, &encoded("ENCRYPTED PRIVATE KEY", b"x"))),
        ("encrypted as it was once", fault(&leaf, include_str!("rsa-encrypted.pem"))),
        ("no usable key", fault(&leaf, &encoded("PRIVATE KEY", b"x"))),
        ("no certificate in the section", fault(&format!("{leaf}{}", encoded("CERTIFICATE", b"x")), &key)),
        ("wrong key", fault(&leaf, &other_key)),
        ("leaf not first", fault(&format!("{middle_pem}{leaf}"), &key)),
        ("out of order", fault(&format!("{leaf}{}{middle_pem}", root.pem), &key)),
        ("an issuer of another", fault(&format!("{other}{middle_pem}"), &other_key)),
        ("not yet valid", fault(&early, &early_key)),
        ("expired", fault(&expired, &expired_key)),
        ("other hosts", fault(&elsewhere, &elsewhere_key)),
        ("no hosts", fault(&nowhere, &nowhere_key)),
        ("not there", read_pair("no/such.crt".as_ref(), "no/such.key".as_ref()).expect_err("no file")),
    ];
    let shown: Vec<_> = cases.iter().map(|(name, fault)| format!("{name}:\n  {fault}")).collect();
    insta::assert_snapshot!(shown.join("\n"));
}

#[test]
fn a_chain_holds_as_long_as_each_of_its_certificates() {
    let short = authority("Root", None);
    let (leaf, key) = issued(&short, &Wish { until: 5000, ..FITTING });
    let pair = read(&format!("{leaf}{}", short.pem), &key).expect("a pair");
    assert_eq!(pair.chain().not_after().as_second(), NOW + 3000 * DAY);
    let later = now().checked_add(k8s_openapi::jiff::SignedDuration::from_hours(24 * 3001)).expect("a time");
    assert!(
        matches!(pair.chain().check_time(later), Err(CertificateFault::Expired { subject, .. }) if subject == "CN=Root")
    );
}

#[test]
fn a_file_without_an_end_is_not_read() {
    let endless = read_pair("/dev/zero".as_ref(), "/dev/zero".as_ref());
    assert!(matches!(endless, Err(CertificateFault::TooLarge { file, .. }) if file == "/dev/zero"));
}
