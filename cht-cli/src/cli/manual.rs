//! What may be written for the commands that teach a machine about this one.

use std::path::PathBuf;

use clap::{Args, ValueEnum};

#[derive(Debug, Args)]
pub(crate) struct Completions {
    /// The shell
    #[arg(value_enum, value_name = "SHELL")]
    pub(crate) shell: Shell,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum Shell {
    /// In ~/.bashrc: `source <(cht completions bash)`
    Bash,
    /// In its configuration: `eval (cht completions elvish | slurp)`
    Elvish,
    /// In ~/.config/fish/config.fish: `cht completions fish | source`
    Fish,
    /// In its profile: `cht completions powershell | Out-String | Invoke-Expression`
    Powershell,
    /// In ~/.zshrc: `source <(cht completions zsh)`
    Zsh,
}

impl Shell {
    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::Bash => "bash",
            Self::Elvish => "elvish",
            Self::Fish => "fish",
            Self::Powershell => "powershell",
            Self::Zsh => "zsh",
        }
    }
}

#[derive(Debug, Args)]
pub(crate) struct Man {
    /// Write every page into this folder, e.g. `~/.local/share/man/man1`, instead of the first one to standard output
    #[arg(long, value_name = "FOLDER")]
    pub(crate) out: Option<PathBuf>,
}
