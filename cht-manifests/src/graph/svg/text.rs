//! How wide text is, and what of it is shown where there is too little room.
//!
//! Nothing here has a font: widths are those of a wide sans-serif, so that text fits with any.

/// The width of a text, rounded up.
pub(super) fn width(text: &str, size: i32) -> i32 {
    let thousandths: i32 = text.chars().map(em).sum();
    (thousandths * size + 999) / 1000
}

/// The width of a text in bold.
pub(super) fn bold_width(text: &str, size: i32) -> i32 {
    width(text, size) * 9 / 8
}

/// A character's width in thousandths of the font's size.
fn em(character: char) -> i32 {
    match character {
        'i' | 'j' | 'l' | '.' | ',' | ':' | ';' | '|' | '\'' | '!' => 330,
        'f' | 'r' | 't' | '-' | '/' | '(' | ')' | '[' | ']' | ' ' | 'I' => 420,
        'm' | 'w' | 'M' | 'W' | '@' | '%' | '…' => 1000,
        'A'..='Z' | '&' | '=' | '+' | '<' | '>' | '_' | '~' => 780,
        'a'..='z' | '0'..='9' => 640,
        other if other.is_ascii() => 700,
        _ => 1050,
    }
}

/// The text, or its beginning and its end where it is too long: names and tags differ at their ends.
pub(super) fn in_the_middle(text: &str, fits: impl Fn(&str) -> bool) -> String {
    if fits(text) {
        return text.to_owned();
    }
    let characters: Vec<char> = text.chars().collect();
    let shortened = |kept: usize| -> String {
        let (head, tail) = (kept.div_ceil(2), kept / 2);
        characters[..head].iter().chain(&['…']).chain(&characters[characters.len() - tail..]).collect()
    };
    let longest = (0..characters.len()).rev().map(shortened).find(|text| fits(text));
    longest.unwrap_or_else(|| "…".to_owned())
}

/// A sentence in at most so many lines; the last one ends with an ellipsis where there is more.
pub(super) fn in_lines(text: &str, size: i32, room: i32, most: usize) -> Vec<String> {
    let mut lines: Vec<String> = vec![String::new()];
    for word in text.split_whitespace() {
        let last = lines.len() - 1;
        let joined = if lines[last].is_empty() { word.to_owned() } else { format!("{} {word}", lines[last]) };
        if width(&joined, size) <= room {
            lines[last] = joined;
        } else if lines[last].is_empty() {
            lines[last] = in_the_middle(word, |word| width(word, size) <= room);
        } else if lines.len() == most {
            lines[last] = at_the_end(&joined, size, room);
            break;
        } else {
            lines.push(in_the_middle(word, |word| width(word, size) <= room));
        }
    }
    lines
}

/// The beginning of a text that is too long.
fn at_the_end(text: &str, size: i32, room: i32) -> String {
    let mut kept = text.to_owned();
    while !kept.is_empty() && width(&kept, size) + width("…", size) > room {
        kept.pop();
    }
    kept.trim_end().to_owned() + "…"
}

/// Text as XML has it. What XML cannot hold is left out.
pub(super) fn escaped(text: &str) -> String {
    let mut escaped = String::new();
    for character in text.chars() {
        match character {
            '&' => escaped.push_str("&amp;"),
            '<' => escaped.push_str("&lt;"),
            '>' => escaped.push_str("&gt;"),
            '"' => escaped.push_str("&quot;"),
            '\n' | '\t' => escaped.push(' '),
            '\u{fffe}' | '\u{ffff}' => {}
            control if control.is_control() => {}
            other => escaped.push(other),
        }
    }
    escaped
}
