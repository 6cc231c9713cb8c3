//! CHT's release lines. What a line alone has is a field of its variant.

use crate::ImageTag;

/// The release line of an instance, with what only that line has.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Release {
    /// 4.x: an upgrade service, no Nouveau.
    V4(V4),
    /// 5.x: Nouveau beside CouchDB, no upgrade service.
    V5(V5),
}

/// What only 4.x has.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct V4 {
    /// Tag of the image `medicmobile/upgrade-service`.
    pub upgrade_service: ImageTag,
}

/// What only 5.x has.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct V5 {
    /// How CouchDB nodes reach Nouveau.
    pub nouveau: Nouveau,
}

/// How the CouchDB nodes of a 5.x instance reach Nouveau.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Nouveau {
    /// 5.0 to 5.2: one sidecar, with the first node, behind the Service `nouveau`, whose name those images have built
    /// in.
    Shared,
    /// 5.3 and later: a sidecar with every node, named to it by `NOUVEAU_URL`.
    PerNode,
}
