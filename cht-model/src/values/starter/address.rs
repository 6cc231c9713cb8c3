//! Where an editor finds the schema.

use std::fmt;
use std::str::FromStr;

use crate::InvalidName;

/// The path or address of a schema, as a line of comment can hold it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SchemaAddress(String);

impl FromStr for SchemaAddress {
    type Err = InvalidName;

    fn from_str(text: &str) -> Result<Self, InvalidName> {
        if text.is_empty() || text.contains(|c: char| c.is_whitespace() || c.is_control()) {
            let rule = "a path or an address without white space";
            return Err(InvalidName { what: "place of a schema", text: text.to_owned(), rule });
        }
        Ok(Self(text.to_owned()))
    }
}

impl fmt::Display for SchemaAddress {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn it_stays_on_its_line() {
        assert!("../docs/values-v1.json".parse::<SchemaAddress>().is_ok());
        for bad in ["", "a b", "a\nnamespace: other", "a\u{85}b", "a\u{2028}b"] {
            assert!(bad.parse::<SchemaAddress>().is_err(), "{bad:?}");
        }
    }
}
