//! Certificates and their keys, as an authority that everyone trusts would issue them.

use rcgen::{BasicConstraints, CertificateParams, CertifiedIssuer, IsCa, KeyPair, date_time_ymd};

/// A certificate and its key, in PEM.
#[derive(Clone)]
pub struct Issued {
    /// The certificate, and that of its issuer.
    pub certificate: String,
    /// The key.
    pub key: String,
}

/// A certificate for a host, from the first day of one year until that of another.
///
/// # Panics
/// When it cannot be made.
pub fn issued(host: &str, from: i32, until: i32) -> Issued {
    let mut authority = CertificateParams::default();
    authority.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
    let authority = CertifiedIssuer::self_signed(authority, KeyPair::generate().expect("a key")).expect("an issuer");
    let mut params = CertificateParams::new([host.to_owned()]).expect("a host");
    (params.not_before, params.not_after) = (date_time_ymd(from, 1, 1), date_time_ymd(until, 1, 1));
    let key = KeyPair::generate().expect("a key");
    let certificate = params.signed_by(&key, &authority).expect("a certificate");
    Issued { certificate: format!("{}{}", certificate.pem(), authority.pem()), key: key.serialize_pem() }
}

impl Issued {
    /// Parts of the key that nobody may see: a line of it, and the middle of it in Base64.
    ///
    /// # Panics
    /// Never: a key has several lines.
    pub fn canaries(&self) -> [String; 2] {
        use base64::Engine as _;
        let line = self.key.lines().nth(1).expect("a line").to_owned();
        let encoded = base64::engine::general_purpose::STANDARD.encode(&self.key);
        [line, encoded[60..100].to_owned()]
    }
}
