//! Reads of secrets. No message says anything of one but what kind of character it must not have.

use secrecy::SecretString;

use super::code::Code;
use super::placeholder;
use super::read::{Reader, wants};
use super::report::{Finding, Read};
use crate::CredentialFault;

impl Reader<'_> {
    /// A secret, where there is one, in which the images find no fault.
    pub(crate) fn secret(
        &mut self,
        path: &str,
        fault: impl FnOnce(&str) -> Option<CredentialFault>,
    ) -> Read<Option<SecretString>> {
        let Some(text) = self.raw(path)?.filter(|text| !text.as_str().is_empty()) else {
            if let Ok(Some(node)) = self.entry(path) {
                let finding = Finding::new(Code::Assumed, "has no value, so it counts as left out").key(path);
                let hint = "put a text that starts with '#' or '&' in quotes, or remove the key";
                self.report.warning(finding.at(node.span).hint(hint));
            }
            return Ok(None);
        };
        if placeholder::is_all(text.as_str()) {
            let finding = text.finding(Code::Placeholder, "still is a placeholder").expected(wants(path));
            let hint = "leave the key out to have one generated".to_owned();
            return Err(self.report.error(finding.hint_if_any((path != "couchdb.user").then_some(hint))));
        }
        if let Some(fault) = fault(text.as_str()) {
            let finding = text.finding(Code::Invalid, fault.what());
            return Err(self.report.error(finding.hint(fault.reason())));
        }
        Ok(Some(SecretString::from(text.as_str())))
    }
}
