//! The kinds of problems, and how bad they are.

/// Whether an instance can be made in spite of a problem.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Severity {
    /// It cannot.
    Error,
    /// It can, but someone should look.
    Warning,
}

/// The kinds of problems, by stable names.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
#[non_exhaustive]
pub enum Code {
    /// The text is not YAML, or no `key=value`.
    Syntax,
    /// A key is written twice.
    DuplicateKey,
    /// The text is larger or deeper than any values are.
    Limit,
    /// A `${env:…}` or `${file:…}` cannot be resolved.
    Reference,
    /// A key that is needed is missing or empty.
    Missing,
    /// A value was never filled in.
    Placeholder,
    /// A list or section where a single value belongs, or the other way round.
    Shape,
    /// A value breaks the rule for its key.
    Invalid,
    /// Two keys contradict each other.
    Conflict,
    /// The release line does not have what is asked for.
    Unsupported,
    /// A key that is not known.
    UnknownKey,
    /// A key of the other release line.
    OtherLine,
    /// A value that changes nothing here.
    NoEffect,
    /// A truth value in quotes.
    QuotedBoolean,
    /// Something was left open, and this is what was made of it.
    Assumed,
    /// A release that is better left alone.
    Discouraged,
}

impl Code {
    /// All of them.
    pub const ALL: [Self; 16] = [
        Self::Syntax,
        Self::DuplicateKey,
        Self::Limit,
        Self::Reference,
        Self::Missing,
        Self::Placeholder,
        Self::Shape,
        Self::Invalid,
        Self::Conflict,
        Self::Unsupported,
        Self::UnknownKey,
        Self::OtherLine,
        Self::NoEffect,
        Self::QuotedBoolean,
        Self::Assumed,
        Self::Discouraged,
    ];

    /// The name, for programs: it never changes.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Syntax => "syntax",
            Self::DuplicateKey => "duplicate-key",
            Self::Limit => "limit",
            Self::Reference => "reference",
            Self::Missing => "missing",
            Self::Placeholder => "placeholder",
            Self::Shape => "shape",
            Self::Invalid => "invalid",
            Self::Conflict => "conflict",
            Self::Unsupported => "unsupported",
            Self::UnknownKey => "unknown-key",
            Self::OtherLine => "other-line",
            Self::NoEffect => "no-effect",
            Self::QuotedBoolean => "quoted-boolean",
            Self::Assumed => "assumed",
            Self::Discouraged => "discouraged",
        }
    }
}

impl Severity {
    /// The name, for people and programs.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Error => "error",
            Self::Warning => "warning",
        }
    }
}
