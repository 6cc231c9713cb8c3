//! `cht schema`

use crate::cli::{Schema, SchemaOf};
use crate::exit::Exit;
use crate::output::print_json;

pub(super) fn run(args: &Schema) -> Exit {
    match args.of {
        SchemaOf::Events => print_json(&cht_k8s::event_record::schema(), Exit::Ok),
    }
}
