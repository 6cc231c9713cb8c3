//! What may be written for the commands that look at what runs.

use std::str::FromStr;
use std::time::Duration;

use cht_k8s::ComponentName;
use clap::Args;
use clap_complete::engine::ArgValueCompleter;

use crate::complete;

use super::{OutputArgs, PlaceArgs, TargetArgs, duration};

#[derive(Debug, Args)]
pub(crate) struct Logs {
    /// Components, e.g. `api`, `couchdb-2`, `healthcheck`; without one, all
    #[arg(value_name = "COMPONENT", add = ArgValueCompleter::new(complete::components))]
    pub(crate) components: Vec<ComponentName>,
    #[command(flatten)]
    pub(crate) place: PlaceArgs,
    #[command(flatten)]
    pub(crate) target: TargetArgs,
    /// Only containers of this name
    #[arg(short, long, value_name = "NAME")]
    pub(crate) container: Option<String>,
    /// Only each container's run before the current one, instead of both
    #[arg(short, long, conflicts_with = "follow")]
    pub(crate) previous: bool,
    /// Go on with lines as they are written, through restarts and replaced pods, until interrupted
    #[arg(long)]
    pub(crate) follow: bool,
    /// Only lines that are not older, e.g. `90s`, `10m`, `2h`
    #[arg(long, value_parser = duration, value_name = "TIME")]
    pub(crate) since: Option<Duration>,
    /// How many of the last lines of each run to show, or `all`; without it 100, and with --since all
    #[arg(long, value_name = "N")]
    pub(crate) tail: Option<Tail>,
    /// Begin each line with its time
    #[arg(long)]
    pub(crate) timestamps: bool,
}

/// How many of the last lines are shown.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Tail {
    /// All of them.
    All,
    /// So many.
    Last(u32),
}

impl FromStr for Tail {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        match text {
            "all" => Ok(Self::All),
            number => {
                let number = number.parse().map_err(|_| "it is neither a number nor `all`".to_owned())?;
                Ok(Self::Last(number))
            }
        }
    }
}

#[derive(Debug, Args)]
pub(crate) struct Describe {
    /// Components, e.g. `api`, `couchdb-2`, `healthcheck`; without one, all
    #[arg(value_name = "COMPONENT", add = ArgValueCompleter::new(complete::components))]
    pub(crate) components: Vec<ComponentName>,
    #[command(flatten)]
    pub(crate) place: PlaceArgs,
    #[command(flatten)]
    pub(crate) target: TargetArgs,
    #[command(flatten)]
    pub(crate) output: OutputArgs,
}

#[derive(Debug, Args)]
pub(crate) struct Resources {
    #[command(flatten)]
    pub(crate) place: PlaceArgs,
    #[command(flatten)]
    pub(crate) target: TargetArgs,
    #[command(flatten)]
    pub(crate) output: OutputArgs,
}

#[derive(Debug, Args)]
pub(crate) struct Volumes {
    #[command(flatten)]
    pub(crate) place: PlaceArgs,
    #[command(flatten)]
    pub(crate) target: TargetArgs,
    #[command(flatten)]
    pub(crate) output: OutputArgs,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_tail_is_a_number_or_all() {
        assert_eq!("all".parse(), Ok(Tail::All));
        assert_eq!("0".parse(), Ok(Tail::Last(0)));
        for bad in ["", "-1", "many", "1.5"] {
            assert!(bad.parse::<Tail>().is_err(), "{bad}");
        }
    }
}
