//! `cht values show`

use cht_model::Checked;

use crate::cli::{OutputFormat, ValuesShow};
use crate::exit::Exit;
use crate::output::{print, print_json};
use crate::report;
use crate::values;

pub(super) fn run(args: &ValuesShow) -> Exit {
    let output = args.output.output;
    let effective = values::load(&args.values).and_then(|values| Ok(values.effective()?));
    match effective {
        Ok(Checked { value, warnings }) => match output {
            OutputFormat::Text => {
                report::values::explain(&warnings);
                print(&value.to_string(), Exit::Ok)
            }
            OutputFormat::Json => print_json(&report::effective::json(&value, &warnings), Exit::Ok),
        },
        Err(error) => report::values::no_instance(&error, output),
    }
}
