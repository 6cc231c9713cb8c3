//! What CouchDB's administrator signs in with.

use secrecy::SecretString;

use crate::values::code::Code;
use crate::values::read::{Reader, wants};
use crate::values::report::Read;
use crate::{CredentialKey, Credentials};

const HEALTH_CHECK: &str = "CHT's health check puts the password into an address as it is: choose one without '/'";
const BASIC_AUTH: &str = "a name with it cannot sign in: choose one without";

pub(super) fn read(reader: &mut Reader) -> Read<Credentials> {
    let user = user(reader);
    let password = reader.secret(CredentialKey::Password.values_key(), &[('/', HEALTH_CHECK)]);
    let secret = reader.secret(CredentialKey::Secret.values_key(), &[]);
    let uuid = reader.secret(CredentialKey::Uuid.values_key(), &[]);
    Ok(Credentials::new(user?, password?, secret?, uuid?))
}

fn user(reader: &mut Reader) -> Read<SecretString> {
    const KEY: &str = "couchdb.user";
    if let Some(text) = reader.raw(KEY)?
        && text.as_str().is_empty()
    {
        let finding = text.finding(Code::Invalid, "is empty").expected(wants(KEY));
        return Err(reader.report.error(finding.hint("remove it to have the user `medic`")));
    }
    let user = reader.secret(KEY, &[('/', BASIC_AUTH), (':', BASIC_AUTH)])?;
    Ok(user.unwrap_or_else(|| "medic".into()))
}
