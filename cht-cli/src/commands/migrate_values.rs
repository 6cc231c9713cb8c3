//! `cht migrate values`

use cht_model::{Layer, MigrateError, Migration, migrate};

use crate::cli::{MigrateValues, OutputFormat};
use crate::exit::Exit;
use crate::new_file;
use crate::output::{explain, print, print_json};
use crate::report;
use crate::values::{self, Machine};

pub(super) fn run(args: &MigrateValues) -> Exit {
    let output = args.output;
    let refuse = |message: &str| report::failure(output, Exit::Usage, message, None);
    let old = match values::layer(&args.file) {
        Ok(old) => old,
        Err(message) => return refuse(&message),
    };
    let new_name = args.out.as_ref().map_or_else(|| "standard output".to_owned(), |out| out.display().to_string());
    let migration = match migrate(&old, &args.to, &new_name, &Machine::beside(std::slice::from_ref(&args.file))) {
        Ok(migration) => migration,
        Err(error) => return refused(&error, output),
    };
    if let Some(out) = &args.out
        && let Err(message) = new_file::write(out, &migration.text)
    {
        return refuse(&message);
    }
    finish(args, &old, &migration, &new_name)
}

/// Reports what was done, when it is done.
fn finish(args: &MigrateValues, old: &Layer, migration: &Migration, new_name: &str) -> Exit {
    let exit = if migration.is_valid() { Exit::Ok } else { Exit::Usage };
    match args.output {
        OutputFormat::Json => print_json(&report::migration::json(migration, new_name, exit), exit),
        OutputFormat::Text => {
            let exit = if args.out.is_some() { exit } else { print(&migration.text, exit) };
            report::migration::explain(migration, old.origin(), new_name);
            exit
        }
    }
}

fn refused(error: &MigrateError, output: OutputFormat) -> Exit {
    match error {
        MigrateError::Unreadable(error) => report::values::refuse(&error.problems, output),
        MigrateError::Invalid { invalid, user_supplied } => {
            let exit = report::values::refuse(&invalid.problems, output);
            if *user_supplied {
                explain("hint: `helm get values RELEASE --all` prints the values with what the chart adds to them");
            }
            exit
        }
        MigrateError::TooOld { .. } | MigrateError::Backwards { .. } | MigrateError::NotEditable { .. } => {
            report::failure(output, Exit::Usage, &error.to_string(), None)
        }
    }
}
