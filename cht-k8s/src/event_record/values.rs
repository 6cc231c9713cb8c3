//! What is wrong with values, as records tell it.

use cht_model::{Place, Problem};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// Something that is wrong with the values.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct ValueProblem {
    /// `error` or `warning`. Open: later versions may add some.
    #[schemars(regex(pattern = "^[a-z]+$"))]
    pub severity: String,
    /// What kind of problem it is. Open: later versions may add some.
    #[schemars(regex(pattern = "^[a-z]+(-[a-z]+)*$"))]
    pub code: String,
    /// The file, or where else the value comes from.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub file: Option<String>,
    /// The line, from 1.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub line: Option<usize>,
    /// The column, from 1.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub column: Option<usize>,
    /// How many characters from there.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub length: Option<usize>,
    /// The key, e.g. `couchdb.password`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub key: Option<String>,
    /// What is wrong.
    pub message: String,
    /// What was expected.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub expected: Option<String>,
    /// What to do about it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub hint: Option<String>,
}

impl From<&Problem> for ValueProblem {
    fn from(problem: &Problem) -> Self {
        let position = problem.place().and_then(Place::position);
        Self {
            severity: problem.severity().as_str().to_owned(),
            code: problem.code().as_str().to_owned(),
            file: problem.place().map(|place| place.origin().to_owned()),
            line: position.map(|position| position.line),
            column: position.map(|position| position.column),
            length: position.map(|position| position.length),
            key: problem.key().map(str::to_owned),
            message: problem.what().to_owned(),
            expected: problem.expected().map(str::to_owned),
            hint: problem.hint().map(str::to_owned),
        }
    }
}
