//! What must hold for any text at all. The fuzz target checks it, too.

use cht_model::{Layer, Place, Problems, References, Values};

/// A machine that has whatever it is asked for.
struct Anything;

impl References for Anything {
    fn env(&self, name: &str) -> Result<String, String> {
        Ok(if name == "LONG" { "x".repeat(100_000) } else { name.to_owned() })
    }

    fn file(&self, _: &str, _: usize) -> Result<String, String> {
        Err("is not there".to_owned())
    }
}

/// More problems than this help nobody, and neither do longer ones, in bytes.
const MOST: usize = 2_100;
const LONGEST: usize = 1_000;

/// Goes all the way with a text, as a file and as an override, and looks at every problem.
///
/// # Panics
/// When something does not hold.
pub(crate) fn hold(text: &str) {
    const BASE: &str = "namespace: a\nchtversion: 5.3.0\ncluster_type: k3s-k3d\n";
    let lines = lines(text);
    for layers in [
        vec![Layer::new("values.yaml", text)],
        vec![Layer::new("base.yaml", BASE), Layer::new("values.yaml", text)],
        vec![Layer::set(text)],
    ] {
        let problems = all_problems(&layers);
        assert!(problems.len() <= MOST, "{} problems", problems.len());
        for problem in &problems {
            let shown = problem.to_string();
            assert!(!shown.contains(['\n', '\r']), "{problem}");
            assert!(shown.len() <= LONGEST, "{} bytes: {problem}", shown.len());
            let file = problem.place().is_some_and(|place| place.origin() == "values.yaml");
            if let Some(at) = problem.place().and_then(Place::position).filter(|_| file) {
                let line = at.line.checked_sub(1).and_then(|index| lines.get(index));
                let line = *line.unwrap_or_else(|| panic!("there is no such line: {problem}"));
                assert!(at.column >= 1 && at.length >= 1, "{problem}");
                // A mark may stand for what is missing at the end.
                assert!(at.column + at.length <= line.chars().count() + 3, "it is beside the line {line:?}: {problem}");
                assert!(problem.source_line().is_none_or(|shown| shown == line), "{problem}");
            }
        }
    }
}

fn all_problems(layers: &[Layer]) -> Problems {
    match Values::load_with(layers, &Anything) {
        Err(error) => {
            assert!(error.problems.errors().next().is_some());
            error.problems
        }
        Ok(values) => match values.validate() {
            Err(invalid) => {
                assert!(invalid.problems.errors().next().is_some());
                invalid.problems
            }
            Ok(checked) => {
                assert!(checked.warnings.errors().next().is_none());
                checked.warnings
            }
        },
    }
}

/// The lines of a text, counted in another way: each kind of line end counts once.
fn lines(text: &str) -> Vec<&str> {
    let mut lines = Vec::new();
    for part in text.split('\n') {
        lines.extend(part.strip_suffix('\r').unwrap_or(part).split('\r'));
    }
    lines
}
