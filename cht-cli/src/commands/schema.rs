//! `cht schema`

use crate::cli::{Schema, SchemaOf};
use crate::exit::Exit;
use crate::output::print_json;

pub(super) fn run(args: &Schema) -> Exit {
    match args.of {
        SchemaOf::Events => print_json(&cht_k8s::event_record::schema(), Exit::Ok),
        SchemaOf::Values => print_json(&cht_model::Values::json_schema(), Exit::Ok),
    }
}
