//! What may be written on the command line.

mod doctor;
mod init;
mod local;
mod look;
mod manual;
mod reach;
mod restart;
mod tls;

use std::path::PathBuf;
use std::time::Duration;

use cht_k8s::{DataRule, LockOptions, Options, RunId, Stop};
use cht_model::{NamespaceName, Target as MigrationTarget};
use clap::{ArgGroup, Args, Parser, Subcommand, ValueEnum};

pub(crate) use doctor::Doctor;
pub(crate) use init::{Init, PlatformArg, filled, node_count};
pub(crate) use local::{Down, Up};
pub(crate) use look::{Describe, Logs, Resources, Tail, Volumes};
pub(crate) use manual::{Completions, Man};
pub(crate) use reach::{Open, Password};
pub(crate) use restart::Restart;
pub(crate) use tls::{TlsCa, TlsCommand, TlsRenew, TlsSet, TlsStatus, TlsWriteArgs};

/// Deploys the Community Health Toolkit on Kubernetes.
///
/// One file of values describes an instance. `cht deploy` makes the cluster hold it, waits until every part of it is
/// ready, and says why if one is not. Nothing deletes data, but for `cht uninstall --delete-data` with the project's name,
/// and `cht down` with the cluster that `cht up` has made.
#[derive(Debug, Parser)]
#[command(name = "cht", version, propagate_version = true, disable_help_subcommand = true, after_help = EXIT_CODES)]
pub(crate) struct Cli {
    #[command(subcommand)]
    pub(crate) command: Command,
}

const EXIT_CODES: &str = "\
Exit codes:
    0  all is as it was asked for
    1  a fault of this program
    2  the command line or the values are wrong; nothing was changed
    3  changes are pending (cht diff)
    4  the cluster is not what is needed, or refuses
    5  data would be lost, or seem so; nothing was changed
    6  another owner, or Kubernetes itself, does not let an object change
    7  another run of the same instance holds its lock
    8  something of the instance is broken
    9  time was up while the instance was still on its way
   10  the cluster could not be reached; run the same command again
   11  the cluster is not as the last deploy has left it (cht status --drift)
   12  what would be done is not what was approved any more; nothing was changed
  130  interrupted; run the same command again
  143  told to end; run the same command again";

#[derive(Debug, Subcommand)]
pub(crate) enum Command {
    /// Write a first file of values for a new instance
    ///
    /// On a terminal it asks what the flags leave open. Elsewhere, and with `--yes`, it takes the defaults, and says which
    /// flags it cannot do without. It never overwrites a file.
    Init(Init),
    /// Get a development instance to run on this machine, with a k3d cluster that is made for it
    ///
    /// The cluster is made, or started when it was stopped; then the instance is deployed to it, as `cht deploy` does.
    /// Without values a file for a development instance is written first. The current context of the kubeconfig stays what
    /// it is. The ports 80 and 443 lead to the instance, or the next ones that are free.
    Up(Up),
    /// Remove the cluster that `cht up` has made, or stop it and keep its data
    ///
    /// What an instance has stored in the cluster is removed with it. So it asks first; where other instances than the
    /// development instance have data, the cluster's name must be typed.
    Down(Down),
    /// Print the Kubernetes objects of an instance
    Render(Render),
    /// Draw an instance: the way in, who calls whom, and where the data is
    ///
    /// The picture shows what the values describe, and with `--live` how a cluster has each part of it. It holds no secrets.
    Graph(Graph),
    /// Check values, and report everything that is wrong with them
    Validate(Validate),
    /// Look for what is in the way of a deploy, and what is wrong with what was deployed
    ///
    /// It looks at this machine, the cluster, permissions, nodes, storage, the ingress, names, images, the certificate and
    /// the instance, changes nothing, and says what to do about each thing that is not as it should be (docs/DOCTOR.md).
    Doctor(Doctor),
    /// Show what a deploy would change, and change nothing
    Diff(Diff),
    /// Make a cluster hold an instance, and wait until it is ready
    Deploy(Deploy),
    /// Show how an instance is
    Status(Status),
    /// Show the password of an instance's administrator, which signs in to CHT and to CouchDB
    ///
    /// It is read from the cluster, and written to standard output alone.
    Password(Password),
    /// Show what the containers of an instance write: all of them in order of time, previous runs too
    ///
    /// The instance's credentials are hidden. Ends at the last line that there is; with `--follow`, when interrupted.
    Logs(Logs),
    /// Show all there is to know about components: pods, containers, claims, Services, and what happened to them
    Describe(Describe),
    /// Show what components request and use, beside what the nodes have
    Resources(Resources),
    /// Show where the data is: claims, their volumes and disks, and volumes that were left
    Volumes(Volumes),
    /// Open an instance in a browser: through the API server, for as long as this runs
    ///
    /// It needs no ingress and no certificate, and nobody else can use it. The address is printed to standard output.
    Open(Open),
    /// Show what was done to an instance: who, when, what changed, and how it ended
    History(History),
    /// Make a cluster hold again what an earlier revision of an instance held
    ///
    /// What a revision wanted is applied anew, as a deploy applies it, and becomes a revision of its own. Claims, volumes,
    /// credentials and the namespace stay as they are. Without a revision, what ran before the last run is brought back.
    Rollback(Rollback),
    /// Start components anew, each only when those before it are ready again
    ///
    /// CouchDB's nodes are restarted one at a time, and then what works on them, in the order in which they depend on each other.
    /// What the instance consists of stays as the last deploy has left it.
    Restart(Restart),
    /// Remove what an instance runs, and keep its data
    ///
    /// Claims, volumes, credentials, records and the namespace are kept: `cht deploy` with the same values finds them again.
    /// With `--delete-data` and the project's name, only the namespace is kept.
    Uninstall(Uninstall),
    /// Look at the certificate that people are served, renew it, or set another one
    #[command(subcommand)]
    Tls(TlsCommand),
    /// Print a JSON Schema of what this command writes or reads
    Schema(Schema),
    /// Print what makes a shell complete this command, also with the names of components that run
    Completions(Completions),
    /// Print the manual page, or write those of all commands into a folder
    Man(Man),
    /// Look at values
    #[command(subcommand)]
    Values(ValuesCommand),
    /// Make what an older release of CHT has into what a newer one needs
    #[command(subcommand)]
    Migrate(MigrateCommand),
}

#[derive(Debug, Subcommand)]
pub(crate) enum ValuesCommand {
    /// Show the values that count: what each key has, and the file and line, or the default, that it comes from
    ///
    /// What is shown is YAML. Secrets are hidden, and references such as `${env:NAME}` are shown as they are written.
    Show(ValuesShow),
}

#[derive(Debug, Args)]
pub(crate) struct ValuesShow {
    #[command(flatten)]
    pub(crate) values: ValuesArgs,
    #[command(flatten)]
    pub(crate) output: OutputArgs,
}

#[derive(Debug, Subcommand)]
pub(crate) enum MigrateCommand {
    /// Make values for a newer release, so that the instance finds the data that it has
    ///
    /// The new values are the old text, edited where it has to differ: comments, order and formatting stay. Each change is
    /// explained on standard error. What `helm get values` prints can be given as it is; with `--all` it also has what the
    /// chart adds. Credentials stay as they are, so the new values are as secret as the old ones.
    Values(MigrateValues),
}

#[derive(Debug, Args)]
pub(crate) struct MigrateValues {
    /// The old values, `-` for standard input
    #[arg(value_name = "FILE")]
    pub(crate) file: PathBuf,
    /// The release to migrate to, or its line: `5.3.0`, or `5.3` for the line's first release
    #[arg(long, value_name = "RELEASE")]
    pub(crate) to: MigrationTarget,
    /// Write the new values to a file that is not there yet, instead of to standard output
    #[arg(long, value_name = "FILE")]
    pub(crate) out: Option<PathBuf>,
    /// How the changes are reported: explained on standard error, or with `json`, which takes `--out`, as one document on
    /// standard output
    #[arg(short, long, value_enum, default_value_t = OutputFormat::Text, value_name = "FORMAT", requires_if("json", "out"))]
    pub(crate) output: OutputFormat,
}

/// The values of the instance.
#[derive(Debug, Args)]
pub(crate) struct ValuesArgs {
    /// A file of values, `-` for standard input; given several times, later files win
    #[arg(short = 'f', long = "values", value_name = "FILE", required = true)]
    pub(crate) files: Vec<PathBuf>,
    /// Set one value over those of the files, e.g. `cht_image_tag=5.3.1`
    #[arg(long, value_name = "KEY=VALUE")]
    pub(crate) set: Vec<String>,
}

/// Where something runs: the instance of the values, or whatever a namespace has.
#[derive(Debug, Args)]
#[group(skip)]
#[command(group(ArgGroup::new("place").required(true).args(["files", "namespace"])))]
pub(crate) struct PlaceArgs {
    /// A file of values, `-` for standard input; given several times, later files win
    #[arg(short = 'f', long = "values", value_name = "FILE")]
    pub(crate) files: Vec<PathBuf>,
    /// Set one value over those of the files, e.g. `namespace=county-07`
    #[arg(long, value_name = "KEY=VALUE", requires = "files")]
    pub(crate) set: Vec<String>,
    /// The namespace, instead of values; also for what Helm charts have deployed
    #[arg(short, long, value_name = "NAME")]
    pub(crate) namespace: Option<NamespaceName>,
}

/// The cluster.
#[derive(Debug, Args)]
pub(crate) struct TargetArgs {
    /// Use a cluster that is played in memory and kept in a file, instead of a real one
    #[arg(long, value_name = "FILE", num_args = 0..=1, require_equals = true, default_missing_value = "cht-sandbox.json")]
    pub(crate) sandbox: Option<PathBuf>,
    /// The kubeconfig file; without it KUBECONFIG, ~/.kube/config, or the account of the pod that this runs in
    #[arg(long, value_name = "FILE", conflicts_with = "sandbox")]
    pub(crate) kubeconfig: Option<PathBuf>,
    /// The context in the kubeconfig file, instead of its current one
    #[arg(long, value_name = "NAME", conflicts_with = "sandbox")]
    pub(crate) context: Option<String>,
    /// Say each request to the cluster, with what came of it and how long it took
    #[arg(short, long)]
    pub(crate) verbose: bool,
}

impl TargetArgs {
    /// Whether any of it was written.
    pub(crate) fn is_given(&self) -> bool {
        self.sandbox.is_some() || self.kubeconfig.is_some() || self.context.is_some() || self.verbose
    }
}

#[derive(Debug, Args)]
pub(crate) struct Render {
    #[command(flatten)]
    pub(crate) values: ValuesArgs,
    /// How the objects are written: a stream of YAML documents, or one JSON array
    #[arg(short, long, value_enum, default_value_t = ObjectFormat::Yaml, value_name = "FORMAT")]
    pub(crate) output: ObjectFormat,
}

#[derive(Debug, Args)]
pub(crate) struct Graph {
    #[command(flatten)]
    pub(crate) values: ValuesArgs,
    /// Look at the cluster, and show how each Deployment and each claim is; the exit code says only whether that could be
    /// drawn
    #[arg(long)]
    pub(crate) live: bool,
    #[command(flatten)]
    pub(crate) target: TargetArgs,
    /// Write the picture to a file that is not there yet, instead of to standard output
    #[arg(long, value_name = "FILE")]
    pub(crate) out: Option<PathBuf>,
    /// How the picture is written
    #[arg(short, long, value_enum, default_value_t = GraphFormat::Svg, value_name = "FORMAT")]
    pub(crate) output: GraphFormat,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum GraphFormat {
    /// A picture, for slides and browsers
    Svg,
    /// A flowchart, for Markdown that is shown with Mermaid
    Mermaid,
    /// A graph for Graphviz
    Dot,
}

#[derive(Debug, Args)]
pub(crate) struct Validate {
    #[command(flatten)]
    pub(crate) values: ValuesArgs,
    #[command(flatten)]
    pub(crate) output: OutputArgs,
}

#[derive(Debug, Args)]
pub(crate) struct Diff {
    #[command(flatten)]
    pub(crate) values: ValuesArgs,
    #[command(flatten)]
    pub(crate) target: TargetArgs,
    /// Keep the plan in a file, for `cht deploy --plan`
    #[arg(long, value_name = "FILE")]
    pub(crate) out: Option<PathBuf>,
    #[command(flatten)]
    pub(crate) output: OutputArgs,
}

#[derive(Debug, Args)]
pub(crate) struct Deploy {
    #[command(flatten)]
    pub(crate) values: ValuesArgs,
    #[command(flatten)]
    pub(crate) target: TargetArgs,
    /// Do what this plan of `cht diff --out` says, or nothing
    #[arg(long, value_name = "FILE")]
    pub(crate) plan: Option<PathBuf>,
    #[command(flatten)]
    pub(crate) apply: ApplyArgs,
    #[command(flatten)]
    pub(crate) output: RunOutputArgs,
}

#[derive(Debug, Args)]
pub(crate) struct Status {
    #[command(flatten)]
    pub(crate) values: ValuesArgs,
    #[command(flatten)]
    pub(crate) target: TargetArgs,
    /// Follow it: show every change until interrupted
    #[arg(short, long)]
    pub(crate) watch: bool,
    /// Show instead what is not as the newest revision has left it
    #[arg(long, conflicts_with = "watch")]
    pub(crate) drift: bool,
    #[command(flatten)]
    pub(crate) output: RunOutputArgs,
}

#[derive(Debug, Args)]
pub(crate) struct History {
    /// Show this revision with each of its changes, instead of a line for each
    #[arg(value_name = "REVISION")]
    pub(crate) revision: Option<u32>,
    #[command(flatten)]
    pub(crate) values: ValuesArgs,
    #[command(flatten)]
    pub(crate) target: TargetArgs,
    #[command(flatten)]
    pub(crate) output: OutputArgs,
}

#[derive(Debug, Args)]
pub(crate) struct Rollback {
    /// The revision to go back to, as `cht history` lists them; without it, what ran before the last run
    #[arg(value_name = "REVISION")]
    pub(crate) revision: Option<u32>,
    #[command(flatten)]
    pub(crate) values: ValuesArgs,
    #[command(flatten)]
    pub(crate) target: TargetArgs,
    #[command(flatten)]
    pub(crate) apply: ApplyArgs,
    /// Do not ask
    #[arg(short, long)]
    pub(crate) yes: bool,
    #[command(flatten)]
    pub(crate) output: RunOutputArgs,
}

/// How objects are applied, and waited for.
#[derive(Debug, Clone, Args)]
pub(crate) struct ApplyArgs {
    /// How long to wait until every part is ready, e.g. `90s`, `30m`, `2h`
    #[arg(long, value_parser = duration, default_value = "30m", value_name = "TIME")]
    pub(crate) timeout: Duration,
    /// Lift one rule of data safety, by the name that a refusal gives
    #[arg(long, value_name = "RULE")]
    pub(crate) allow: Vec<DataRule>,
    /// Do not look first whether the cluster is what a deploy needs; data stays as safe as it is
    #[arg(long)]
    pub(crate) skip_preflight: bool,
    #[command(flatten)]
    pub(crate) lock: LockArgs,
    /// Report the result only, not the way there
    #[arg(short, long)]
    pub(crate) quiet: bool,
}

impl ApplyArgs {
    /// The same for the library.
    pub(crate) fn options(self, run: RunId, stop: Stop) -> Options {
        let Self { timeout, allow, skip_preflight, lock, quiet: _ } = self;
        Options { timeout, allow, skip_preflight, run, lock: lock.options(), stop, ..Options::default() }
    }
}

/// The lock that only one run of an instance can hold.
#[derive(Debug, Clone, Args)]
pub(crate) struct LockArgs {
    /// How long to wait for another run of the same instance, e.g. `0s`, `10m`
    #[arg(long, value_parser = duration, default_value = "1m", value_name = "TIME")]
    pub(crate) lock_wait: Duration,
    /// How long this run's lock outlives it when it is killed; longer for links that fail for longer
    #[arg(long, value_parser = lease, default_value = "30s", value_name = "TIME")]
    pub(crate) lease: Duration,
}

#[derive(Debug, Args)]
pub(crate) struct Uninstall {
    #[command(flatten)]
    pub(crate) values: ValuesArgs,
    #[command(flatten)]
    pub(crate) target: TargetArgs,
    /// How long to wait until every pod has stopped, and what is deleted is gone, e.g. `90s`, `5m`
    #[arg(long, value_parser = duration, default_value = "5m", value_name = "TIME")]
    pub(crate) timeout: Duration,
    /// Delete the instance's claims, volumes, credentials and records, too; takes the project's name
    #[arg(long, value_name = "PROJECT")]
    pub(crate) delete_data: Option<String>,
    #[command(flatten)]
    pub(crate) lock: LockArgs,
    /// Do not ask whether the instance shall stop serving
    #[arg(short, long)]
    pub(crate) yes: bool,
    /// Report the result only, not the way there
    #[arg(short, long)]
    pub(crate) quiet: bool,
    #[command(flatten)]
    pub(crate) output: RunOutputArgs,
}

#[derive(Debug, Args)]
pub(crate) struct OutputArgs {
    /// How the result is written to standard output
    #[arg(short, long, value_enum, default_value_t = OutputFormat::Text, value_name = "FORMAT")]
    pub(crate) output: OutputFormat,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum OutputFormat {
    /// For people
    Text,
    /// For programs
    Json,
}

/// How a command reports that does something over time.
#[derive(Debug, Args)]
pub(crate) struct RunOutputArgs {
    /// How what happens is written to standard output: the result, or with `ndjson` every event, each on a line of its own
    #[arg(short, long, value_enum, default_value_t = RunFormat::Text, value_name = "FORMAT")]
    pub(crate) output: RunFormat,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum RunFormat {
    /// For people
    Text,
    /// For programs: one document at the end
    Json,
    /// For programs: one document for each event, the last of which is the result (see `cht schema events`)
    Ndjson,
}

impl From<OutputFormat> for RunFormat {
    fn from(format: OutputFormat) -> Self {
        match format {
            OutputFormat::Text => Self::Text,
            OutputFormat::Json => Self::Json,
        }
    }
}

#[derive(Debug, Args)]
pub(crate) struct Schema {
    /// Of what
    #[arg(value_enum, value_name = "WHAT")]
    pub(crate) of: SchemaOf,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum SchemaOf {
    /// A line of `-o ndjson`
    Events,
    /// A file of values, for editors
    Values,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum ObjectFormat {
    /// A stream of documents, as `kubectl apply -f -` takes it
    Yaml,
    /// One array
    Json,
}

impl LockArgs {
    /// How a run holds its lock.
    pub(crate) fn options(&self) -> LockOptions {
        LockOptions { wait: self.lock_wait, lease: self.lease }
    }
}

/// The length of a lease: long enough to be renewed three times.
fn lease(text: &str) -> Result<Duration, String> {
    let length = duration(text)?;
    let allowed = Duration::from_secs(3)..=Duration::from_hours(1);
    if allowed.contains(&length) { Ok(length) } else { Err(format!("{text:?} is not between 3s and 1h")) }
}

/// `90s`, `30m`, `2h`: a number and a unit.
fn duration(text: &str) -> Result<Duration, String> {
    let malformed = || format!("{text:?} is no time: write a number and s, m or h, for example 30m");
    let unit = text.chars().last().ok_or_else(malformed)?;
    let seconds = match unit {
        's' => 1,
        'm' => 60,
        'h' => 3600,
        _ => return Err(malformed()),
    };
    let number: u64 = text[..text.len() - 1].parse().map_err(|_| malformed())?;
    number.checked_mul(seconds).map(Duration::from_secs).ok_or_else(malformed)
}

#[cfg(test)]
mod tests {
    use clap::CommandFactory;

    use super::*;

    #[test]
    fn the_command_line_is_well_formed() {
        Cli::command().debug_assert();
    }

    #[test]
    fn times_have_units() {
        assert_eq!(duration("90s"), Ok(Duration::from_secs(90)));
        assert_eq!(duration("2h"), Ok(Duration::from_hours(2)));
        for bad in ["", "s", "90", "-1s", "1.5h", "1d", "99999999999999999999s", "5µ"] {
            assert!(duration(bad).is_err(), "{bad}");
        }
    }
}
