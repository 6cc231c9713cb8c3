//! Names with their rules: a value of one of these types is one that Kubernetes, an image registry or CouchDB accepts.

use std::fmt;
use std::str::FromStr;

/// Why a text is not a name of the wanted kind.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{text:?} is not a valid {what}: {rule}")]
pub struct InvalidName {
    /// What the text should have been, e.g. `namespace`.
    pub what: &'static str,
    /// The text as it was given.
    pub text: String,
    /// The rule that it breaks, as a clause that says what is allowed.
    pub rule: &'static str,
}

const LABEL_RULE: &str = "at most 63 lower-case letters, digits or '-', starting and ending with a letter or digit";
const SUBDOMAIN_RULE: &str =
    "at most 253 lower-case letters, digits, '-' or '.', each part starting and ending with a letter or digit";

/// An RFC 1123 label, as namespaces and label values have it.
fn is_label(text: &str) -> bool {
    let inner = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '-';
    (1..=63).contains(&text.len()) && text.chars().all(inner) && !text.starts_with('-') && !text.ends_with('-')
}

/// An RFC 1123 subdomain, as most object names have it.
fn is_subdomain(text: &str) -> bool {
    text.len() <= 253 && text.split('.').all(is_label)
}

fn is_host(text: &str) -> bool {
    is_subdomain(text.strip_prefix("*.").unwrap_or(text))
}

/// An image tag of the distribution specification: `[A-Za-z0-9_][A-Za-z0-9._-]{0,127}`.
fn is_image_tag(text: &str) -> bool {
    let word = |c: char| c.is_ascii_alphanumeric() || c == '_';
    (1..=128).contains(&text.len()) && text.starts_with(word) && text.chars().all(|c| word(c) || c == '.' || c == '-')
}

/// A registry host with an optional port and path, without a trailing slash.
fn is_registry(text: &str) -> bool {
    let component = |part: &str| {
        !part.is_empty()
            && part.chars().all(|c| c.is_ascii_lowercase() || c.is_ascii_digit() || "._-".contains(c))
            && part.starts_with(|c: char| c.is_ascii_alphanumeric())
            && part.ends_with(|c: char| c.is_ascii_alphanumeric())
    };
    let (host, path) = text.split_once('/').map_or((text, None), |(host, path)| (host, Some(path)));
    let (host, port) = host.split_once(':').map_or((host, None), |(host, port)| (host, Some(port)));
    text.len() <= 255
        && component(host)
        && port.is_none_or(|port| port.parse::<u16>().is_ok())
        && path.is_none_or(|path| path.split('/').all(component))
}

/// A database name as CouchDB has it, in one path segment.
fn is_database(text: &str) -> bool {
    text.len() <= 238
        && text.starts_with(|c: char| c.is_ascii_lowercase())
        && text.chars().all(|c| c.is_ascii_lowercase() || c.is_ascii_digit() || "_$()+-".contains(c))
}

/// The name of a load balancer group, as the load balancer's controller takes it.
fn is_group(text: &str) -> bool {
    let end = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit();
    text.len() <= 63 && text.chars().all(|c| end(c) || "-.".contains(c)) && text.starts_with(end) && text.ends_with(end)
}

fn is_arn(text: &str) -> bool {
    text.starts_with("arn:") && !text.contains(char::is_whitespace)
}

/// A path below a volume's root, without `..`; empty for the root itself.
fn is_sub_path(text: &str) -> bool {
    !text.starts_with('/') && !text.contains('\0') && text.split('/').all(|part| part != "..")
}

macro_rules! name {
    ($(#[$doc:meta])* $name:ident, $what:literal, $rule:expr, $valid:path) => {
        $(#[$doc])*
        #[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub struct $name(String);

        impl $name {
            /// The name as text.
            pub fn as_str(&self) -> &str {
                &self.0
            }
        }

        impl FromStr for $name {
            type Err = InvalidName;

            fn from_str(text: &str) -> Result<Self, InvalidName> {
                if $valid(text) {
                    Ok(Self(text.to_owned()))
                } else {
                    Err(InvalidName { what: $what, text: text.to_owned(), rule: $rule })
                }
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str(&self.0)
            }
        }
    };
}

name!(
    /// The project's name (`project_name`): which instance this is. An RFC 1123 label, since it becomes a label's
    /// value.
    ProjectName, "project name", LABEL_RULE, is_label
);
name!(
    /// The namespace that the instance lives in: an RFC 1123 label.
    NamespaceName, "namespace", LABEL_RULE, is_label
);
name!(
    /// A Kubernetes node's name, the value of its `kubernetes.io/hostname` label.
    NodeName, "node name", SUBDOMAIN_RULE, is_subdomain
);
name!(
    /// The name of a Secret.
    SecretName, "Secret's name", SUBDOMAIN_RULE, is_subdomain
);
name!(
    /// The name of a `PriorityClass`.
    PriorityClassName, "priority class name", SUBDOMAIN_RULE, is_subdomain
);
name!(
    /// The name of a `StorageClass`.
    StorageClassName, "storage class name", SUBDOMAIN_RULE, is_subdomain
);
name!(
    /// The name of an `IngressClass`.
    IngressClassName, "ingress class name", SUBDOMAIN_RULE, is_subdomain
);
name!(
    /// A host that an ingress answers for: a domain name, its first part may be `*`.
    HostName, "host name", SUBDOMAIN_RULE, is_host
);
name!(
    /// The tag of CHT's images.
    ImageTag, "image tag", "at most 128 letters, digits, '_', '.' or '-', not starting with '.' or '-'", is_image_tag
);
name!(
    /// Where images are pulled from: a host, with an optional port and path.
    Registry, "image registry", "a host with an optional port and path, lower-case, without a scheme", is_registry
);
name!(
    /// The name of CHT's main database (`medic` unless `couchdb.db_name` says otherwise).
    DatabaseName, "database name", "lower-case letters, digits and _$()+-, starting with a letter", is_database
);
name!(
    /// The name of the load balancer group that instances on EKS share.
    GroupName, "group name",
    "at most 63 lower-case letters, digits, '-' or '.', starting and ending with a letter or digit", is_group
);
name!(
    /// The Amazon Resource Name of a certificate.
    CertificateArn, "certificate's ARN", "arn:… without white space", is_arn
);
name!(
    /// A path below the root of a volume; empty for the root.
    SubPath, "path on the volume", "relative, without '..'", is_sub_path
);

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn labels_follow_rfc_1123() {
        for good in ["a", "county-7", "0", &"a".repeat(63)] {
            assert!(good.parse::<NamespaceName>().is_ok(), "{good}");
        }
        for bad in ["", "A", "-a", "a-", "a.b", "a_b", "ü", &"a".repeat(64)] {
            assert!(bad.parse::<NamespaceName>().is_err(), "{bad}");
        }
    }

    #[test]
    fn hosts_may_have_a_wildcard_first() {
        assert!("*.example.org".parse::<HostName>().is_ok());
        assert!("cht.example.org".parse::<HostName>().is_ok());
        assert!("https://cht.example.org".parse::<HostName>().is_err());
        assert!("cht.*.org".parse::<HostName>().is_err());
    }

    #[test]
    fn registries_have_host_port_and_path() {
        for good in ["public.ecr.aws/medic", "medicmobile", "localhost:5000", "r.example.org:5000/a/b"] {
            assert!(good.parse::<Registry>().is_ok(), "{good}");
        }
        for bad in ["", "https://r.example.org", "r.example.org/", "R.example.org", "r:port/x", "a//b"] {
            assert!(bad.parse::<Registry>().is_err(), "{bad}");
        }
    }

    #[test]
    fn sub_paths_stay_on_the_volume() {
        for good in ["", "data", "storage/medic-core/couchdb/data"] {
            assert!(good.parse::<SubPath>().is_ok(), "{good}");
        }
        for bad in ["/data", "..", "a/../../b"] {
            assert!(bad.parse::<SubPath>().is_err(), "{bad}");
        }
    }

    #[test]
    fn the_message_says_what_is_allowed() {
        let error = "My Project".parse::<ProjectName>().expect_err("spaces are not allowed");
        insta::assert_snapshot!(error, @r#""My Project" is not a valid project name: at most 63 lower-case letters, digits or '-', starting and ending with a letter or digit"#);
    }
}
