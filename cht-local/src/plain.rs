//! What commands say, as it is shown within other lines.

/// The text without the sequences that colour it.
pub(crate) fn plain(text: &str) -> String {
    let mut plain = String::with_capacity(text.len());
    let mut rest = text;
    while let Some((before, sequence)) = rest.split_once("\u{1b}[") {
        plain.push_str(before);
        let end = sequence.find(|c: char| ('@'..='~').contains(&c)).map_or(sequence.len(), |end| end + 1);
        rest = &sequence[end..];
    }
    plain + rest
}

/// The line that says most: k3d names the cause in its first line of level error or fatal, and everything after follows
/// from that.
pub(crate) fn reason(stderr: &str) -> String {
    let lines = || stderr.lines().map(str::trim).filter(|line| !line.is_empty());
    let severe = |line: &&str| line.starts_with("ERRO[") || line.starts_with("FATA[");
    let line = lines().find(severe).or_else(|| lines().next_back()).unwrap_or("it said nothing");
    match line.split_once("] ") {
        Some((level, said)) if level.len() == "FATA[0000".len() && level.contains('[') => said.trim().to_owned(),
        _ => line.to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn colours_go() {
        assert_eq!(plain("\u{1b}[36mINFO\u{1b}[0m[0000] Prep: Network"), "INFO[0000] Prep: Network");
        assert_eq!(plain("no colours"), "no colours");
        assert_eq!(plain("cut off \u{1b}[3"), "cut off ");
    }

    #[test]
    fn the_first_severe_line_is_the_reason() {
        let said = "WARN[0000] No node filter specified\nERRO[0012] Failed Cluster Start: no space left on device \n\
                    ERRO[0012] Failed to create cluster >>> Rolling Back\nFATA[0013] Cluster creation FAILED\n";
        assert_eq!(reason(said), "Failed Cluster Start: no space left on device");
        assert_eq!(reason("sh: k3d: bad interpreter\n"), "sh: k3d: bad interpreter");
        assert_eq!(reason(" \n"), "it said nothing");
    }
}
