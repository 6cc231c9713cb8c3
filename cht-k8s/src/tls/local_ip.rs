//! The shared certificate for addresses of local networks, which local-ip.medicmobile.org gives to everyone.

use std::time::Duration;

use super::error::CertificateError;
use super::pair::{Pair, PairNames};
use crate::Clock;
use crate::web::{Web, WebRequest};

const ADDRESS: &str = "https://local-ip.medicmobile.org";
const PAUSES: [Duration; 2] = [Duration::from_secs(1), Duration::from_secs(4)];

/// Fetches the certificate and its key.
pub(super) async fn fetch(web: &dyn Web, clock: &dyn Clock) -> Result<Pair, CertificateError> {
    let mut pauses = PAUSES.into_iter();
    let (certificate, key) = loop {
        match both(web).await {
            Ok(both) => break both,
            Err(reason) => match pauses.next() {
                Some(pause) => clock.sleep(pause).await,
                None => return Err(CertificateError::NotFetched { tries: PAUSES.len() + 1, reason }),
            },
        }
    };
    let names = PairNames { certificate: format!("{ADDRESS}/fullchain"), key: format!("{ADDRESS}/key") };
    Pair::read(&certificate, &key, &names).map_err(|fault| CertificateError::Fetched(Box::new(fault)))
}

async fn both(web: &dyn Web) -> Result<(Vec<u8>, Vec<u8>), String> {
    Ok((get(web, "fullchain").await?, get(web, "key").await?))
}

async fn get(web: &dyn Web, path: &str) -> Result<Vec<u8>, String> {
    let url = format!("{ADDRESS}/{path}");
    let answer = web.get(&WebRequest::new(&url)).await.map_err(|error| error.to_string())?;
    if answer.status == 200 { Ok(answer.body) } else { Err(format!("{url}: HTTP {}", answer.status)) }
}
