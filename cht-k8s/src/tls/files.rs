//! A pair in files of this machine.

use std::fs::File;
use std::io::Read;
use std::path::Path;

use cht_model::FilePath;

use super::error::CertificateError;
use super::fault::CertificateFault;
use super::pair::{Pair, PairNames};

/// The largest file that is read: certificates have a few thousand bytes.
const MOST: u64 = 1 << 20;

/// The pair in two files.
///
/// # Errors
///
/// When they cannot be read, or hold no pair.
pub fn read_pair(certificate: &Path, key: &Path) -> Result<Pair, CertificateFault> {
    let names = PairNames { certificate: certificate.display().to_string(), key: key.display().to_string() };
    Pair::read(&read(certificate)?, &read(key)?, &names)
}

/// The pair in the files that values name, as far as it is right for these hosts now.
pub(super) fn pair_of_values(
    certificate: &FilePath,
    key: &FilePath,
    check: impl FnOnce(&Pair) -> Result<(), CertificateFault>,
) -> Result<Pair, CertificateError> {
    let (in_certificate, in_key) = (certificate.path(), key.path());
    let names = PairNames { certificate: in_certificate.display().to_string(), key: in_key.display().to_string() };
    let pair = read_pair(&in_certificate, &in_key).and_then(|pair| check(&pair).map(|()| pair));
    pair.map_err(|fault| {
        let (path, key) = if fault.is_of_key(&names) {
            (key, "certificate_key_file_path")
        } else {
            (certificate, "certificate_crt_file_path")
        };
        CertificateError::Files { place: path.place.clone(), key, fault: Box::new(fault) }
    })
}

fn read(path: &Path) -> Result<Vec<u8>, CertificateFault> {
    let file = path.display().to_string();
    let mut bytes = Vec::new();
    // A device may have no end. One byte more tells that there is more.
    match File::open(path).and_then(|opened| opened.take(MOST + 1).read_to_end(&mut bytes)) {
        Err(error) => Err(CertificateFault::Unreadable { file, reason: error.to_string() }),
        Ok(_) if bytes.len() as u64 > MOST => Err(CertificateFault::TooLarge { file, most: MOST }),
        Ok(_) => Ok(bytes),
    }
}
