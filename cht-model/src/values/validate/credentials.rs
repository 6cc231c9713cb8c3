//! What CouchDB's administrator signs in with.

use secrecy::SecretString;

use crate::values::code::Code;
use crate::values::read::{Reader, wants};
use crate::values::report::Read;
use crate::{CredentialKey, Credentials, CredentialsSecret, SecretName, user_fault};

const USER: &str = "couchdb.user";
const EXISTING: &str = "couchdb.existing_secret";

/// The Secret that holds the credentials: one that someone else manages has all of them.
pub(super) fn secret(reader: &mut Reader) -> Read<CredentialsSecret> {
    let Some(name) = reader.name::<SecretName>(EXISTING)? else { return Ok(CredentialsSecret::Own) };
    let mut conflict = None;
    for path in CredentialKey::ALL.map(CredentialKey::values_key).into_iter().chain([USER]) {
        if reader.has(path) {
            let what = format!("is set, but {EXISTING} names a Secret that has it already");
            let finding = reader.finding(path, Code::Conflict, what);
            let hint = format!("remove it, or remove {EXISTING}");
            conflict = Some(reader.report.error(finding.hint(hint)));
        }
    }
    conflict.map_or(Ok(CredentialsSecret::Existing(name)), Err)
}

pub(super) fn read(reader: &mut Reader, clustered: bool) -> Read<Credentials> {
    let user = user(reader, clustered);
    let mut secret = |key: CredentialKey| reader.secret(key.values_key(), |text| key.fault(text, clustered));
    let [password, secret, uuid] = CredentialKey::ALL.map(&mut secret);
    Ok(Credentials::new(user?, password?, secret?, uuid?))
}

fn user(reader: &mut Reader, clustered: bool) -> Read<SecretString> {
    if let Some(text) = reader.raw(USER)?
        && text.as_str().is_empty()
    {
        let finding = text.finding(Code::Invalid, "is empty").expected(wants(USER));
        return Err(reader.report.error(finding.hint("remove it to have the user `medic`")));
    }
    let user = reader.secret(USER, |text| user_fault(text, clustered))?;
    Ok(user.unwrap_or_else(|| "medic".into()))
}
