//! What is read of files, whatever form they have.

use proptest::prelude::*;
use rcgen::KeyPair;
use secrecy::ExposeSecret;

use super::super::{CertificateFault, Pair};
use super::made::{FITTING, authority, issued, issued_for, names, read};

#[test]
fn keys_of_every_form_are_known_by_their_certificate() {
    let root = authority("Root", None);
    for (pkcs8, others) in [
        (include_str!("rsa-pkcs8.pem"), [include_str!("rsa-pkcs8.pem"), include_str!("rsa-pkcs1.pem")]),
        (include_str!("ec-pkcs8.pem"), [include_str!("ec-pkcs8.pem"), include_str!("ec-sec1.pem")]),
    ] {
        let key = KeyPair::from_pem(pkcs8).expect("a key");
        let certificate = issued_for(&key, &root, &FITTING);
        for form in others {
            let pair = read(&certificate, form).expect("a pair");
            assert_eq!(pair.chain().leaf().names, ["cht.example.org"]);
        }
    }
}

#[test]
fn only_the_sections_that_count_are_kept() {
    let root = authority("Root", None);
    let (certificate, key) = issued(&root, &FITTING);
    let with_text = format!("Bag Attributes\n  friendlyName: x\n{key}\n{certificate}\nand {}", root.pem);
    let pair = Pair::read(with_text.as_bytes(), with_text.as_bytes(), &names()).expect("a pair in one file");
    assert_eq!(pair.certificate, format!("{certificate}{}", root.pem));
    assert_eq!(pair.key.expose_secret(), key);
    assert!(pair.is_same(&read(&format!("{certificate}{}", root.pem), &key.replace('\n', "\r\n")).expect("a pair")));
    let tail: String = key.lines().nth(1).expect("a line of the key").to_owned();
    assert!(!format!("{pair:?}").contains(&tail), "a key shows");
}

#[test]
fn a_chain_may_have_any_length_and_end_with_its_root() {
    let root = authority("Root", None);
    let middle = authority("Middle", Some(&root));
    let (certificate, key) = issued(&middle, &FITTING);
    for chain in [
        certificate.clone(),
        format!("{certificate}{}", middle.pem),
        format!("{certificate}{}{}", middle.pem, root.pem),
    ] {
        assert!(read(&chain, &key).is_ok(), "{chain}");
    }
}

fn any_bytes() -> impl Strategy<Value = Vec<u8>> {
    proptest::collection::vec(any::<u8>(), 0..400)
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(200))]

    #[test]
    fn no_bytes_make_it_panic(certificate in any_bytes(), key in any_bytes()) {
        prop_assert!(Pair::read(&certificate, &key, &names()).is_err());
        let (certificate, key) =
            (super::super::pair::encoded("CERTIFICATE", &certificate), super::super::pair::encoded("PRIVATE KEY", &key));
        let is_refused = matches!(read(&certificate, &key), Err(CertificateFault::NotACertificate { number: 1, .. } | CertificateFault::Damaged { .. }));
        prop_assert!(is_refused);
    }

    #[test]
    fn no_damage_makes_it_panic(at in 0_usize..2000, with in any::<u8>(), cut in 0_usize..2000) {
        let root = authority("Root", None);
        let (certificate, key) = issued(&root, &FITTING);
        let damaged = |text: &str| {
            let mut bytes = text.as_bytes().to_vec();
            let at = at % bytes.len();
            bytes[at] = with;
            bytes.truncate(bytes.len() - cut % bytes.len());
            bytes
        };
        let _ = Pair::read(&damaged(&certificate), key.as_bytes(), &names());
        let _ = Pair::read(certificate.as_bytes(), &damaged(&key), &names());
    }
}
