//! The JSON Schema of a record as the command prints it, made from the types.
//!
//! It is exact for the version that it is of: each type of record has its own fields and no others, and `null` stands nowhere.

use schemars::generate::SchemaSettings;
use schemars::transform::{RecursiveTransform, Transform};
use schemars::{JsonSchema, Schema};
use serde_json::{Map, Value, json};

use super::happening::{Happening, TypeSchema};
use super::record::Header;

/// The JSON Schema of one line that the command prints.
pub fn schema() -> Value {
    let mut generator = SchemaSettings::draft2020_12().for_serialize().into_generator();
    let header = Header::json_schema(&mut generator);
    let types: Vec<_> = Happening::TYPES.iter().map(|of| (of, (of.schema)(&mut generator))).collect();
    let types: Vec<_> = types.into_iter().map(|(of, body)| line(of, &header, &body)).collect();
    let mut whole = Schema::try_from(json!({
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "title": "cht.event/v1",
        "description": "One line of `cht … -o ndjson`. Fields that do not apply are left out. This is exact for one version; later ones may \
            add types, fields, and names where a list is said to be open.",
        "oneOf": types,
        "$defs": generator.take_definitions(true),
    }))
    .unwrap_or_default();
    RecursiveTransform(close).transform(&mut whole);
    RecursiveTransform(never_null).transform(&mut whole);
    whole.to_value()
}

/// A line of one type: what every line has, and its own.
fn line(of: &TypeSchema, header: &Schema, body: &Schema) -> Value {
    let fields = |schema: &Schema| schema.get("properties").and_then(Value::as_object).cloned().unwrap_or_default();
    let names = |schema: &Schema| schema.get("required").and_then(Value::as_array).cloned().unwrap_or_default();
    let discriminator = Map::from_iter([("type".to_owned(), json!({ "const": of.name }))]);
    let properties: Map<_, _> = fields(header).into_iter().chain(discriminator).chain(fields(body)).collect();
    let needed = of.needs.iter().map(|name| json!(name));
    let required: Vec<_> = names(header).into_iter().chain([json!("type")]).chain(needed).chain(names(body)).collect();
    json!({
        "title": of.name,
        "description": of.description.trim(),
        "type": "object",
        "properties": properties,
        "required": required,
    })
}

/// What is not named is not there.
fn close(schema: &mut Schema) {
    if schema.get("properties").is_some() {
        schema.insert("additionalProperties".to_owned(), false.into());
    }
}

/// What may be missing is left out.
fn never_null(schema: &mut Schema) {
    schema.remove("default");
    if let Some(Value::Array(types)) = schema.get_mut("type") {
        types.retain(|name| name != "null");
        if let [only] = &types[..] {
            let only = only.clone();
            schema.insert("type".to_owned(), only);
        }
    }
    if let Some(Value::Array(choices)) = schema.get_mut("anyOf") {
        choices.retain(|choice| choice.get("type").is_none_or(|name| name != "null"));
        if let [Value::Object(only)] = &choices[..] {
            let only = only.clone();
            schema.remove("anyOf");
            for (key, value) in only {
                schema.insert(key, value);
            }
        }
    }
}
