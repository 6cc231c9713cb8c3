//! `cht validate`

use cht_model::Checked;
use serde_json::json;

use crate::cli::{OutputFormat, Validate};
use crate::exit::Exit;
use crate::output::{print, print_json};
use crate::report;
use crate::values;

pub(super) fn run(args: &Validate) -> Exit {
    let output = args.output.output;
    match values::instance(&args.values) {
        Ok(Checked { value: instance, warnings }) => match output {
            OutputFormat::Text => {
                report::values::explain(&warnings);
                print(&report::values::summary(&instance), Exit::Ok)
            }
            OutputFormat::Json => {
                let result =
                    json!({ "exit_code": Exit::Ok.code(), "valid": true, "problems": report::values::json(&warnings) });
                print_json(&result, Exit::Ok)
            }
        },
        Err(error) => report::values::no_instance(&error, output),
    }
}
