//! Who may open connections to the instance's pods.

use crate::values::read::Reader;
use crate::values::report::Read;
use crate::{ApiClients, NetworkAccess, PlatformKind, Profile, ServiceType};

const ENABLED: &str = "network_policy.enabled";
const API_FROM: &str = "network_policy.api_from";

pub(super) fn read(
    reader: &mut Reader,
    profile: Read<Profile>,
    kind: Read<PlatformKind>,
    service: Read<ServiceType>,
) -> Read<NetworkAccess> {
    let enabled = reader.boolean(ENABLED);
    let asked = reader.choice(API_FROM, &ApiClients::ALL.map(|clients| (clients.as_str(), clients)));
    let (profile, kind, service) = (profile?, kind?, service?);
    if profile == Profile::Chart {
        for key in [ENABLED, API_FROM] {
            reader.warn_of_no_effect(key, "with profile: chart", "remove it");
        }
        return Ok(NetworkAccess::Open);
    }
    // k3s enforces policies by itself. Elsewhere that is an option of the cluster.
    if !enabled?.unwrap_or(kind == PlatformKind::K3s) {
        reader.warn_of_no_effect(API_FROM, "without network policies", "write network_policy.enabled: true");
        return Ok(NetworkAccess::Open);
    }
    let through = match (kind, service) {
        (PlatformKind::K3s, ServiceType::ClusterIp) => None,
        (PlatformKind::K3s, _) => Some(format!("a {}", service.as_str())),
        (PlatformKind::Eks | PlatformKind::Gke, _) => Some("a load balancer".to_owned()),
    };
    let api_from = match (asked?, through) {
        (asked, None) => asked.unwrap_or(ApiClients::IngressControllers),
        (Some(ApiClients::IngressControllers), Some(through)) => {
            let why = format!("where people reach the API through {through}, which is no pod");
            reader.warn_of_no_effect(API_FROM, &why, "remove it");
            ApiClients::Anyone
        }
        (Some(ApiClients::Anyone) | None, Some(_)) => ApiClients::Anyone,
    };
    Ok(NetworkAccess::Restricted { api_from })
}
