//! Names, hashes and UIDs that are the same in every run.

/// Letters and digits that cannot form words, as Kubernetes uses them in generated names.
const LETTERS: &[u8; 27] = b"bcdfghjklmnpqrstvwxz2456789";

/// FNV-1a, 64 bits.
fn hash(text: &str) -> u64 {
    text.bytes().fold(0xcbf2_9ce4_8422_2325, |hash, byte| (hash ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3))
}

/// Spreads similar inputs over all bits (the last steps of `SplitMix64`).
fn mixed(mut bits: u64) -> u64 {
    bits = (bits ^ (bits >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    bits = (bits ^ (bits >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    bits ^ (bits >> 31)
}

/// `length` letters that stand for a text.
pub(crate) fn letters(text: &str, length: usize) -> String {
    let mut bits = mixed(hash(text));
    let mut letters = String::new();
    for _ in 0..length {
        let index = usize::try_from(bits % 27).unwrap_or_default();
        letters.push(char::from(LETTERS[index]));
        bits = mixed(bits);
    }
    letters
}

/// The UID with a number.
pub(crate) fn uid(number: u64) -> String {
    let high = mixed(number.wrapping_add(0x9e37_79b9_7f4a_7c15));
    let low = mixed(high ^ number);
    format!(
        "{:08x}-{:04x}-4{:03x}-8{:03x}-{:012x}",
        high >> 32,
        (high >> 16) & 0xffff,
        high & 0xfff,
        low >> 52,
        low & 0xffff_ffff_ffff
    )
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;

    #[test]
    fn uids_look_like_uids_and_differ() {
        let uids: BTreeSet<_> = (0..1000).map(uid).collect();
        assert_eq!(uids.len(), 1000);
        assert!(uids.iter().all(|uid| uid.len() == 36 && uid.as_bytes()[14] == b'4'), "{uids:?}");
    }

    #[test]
    fn letters_depend_on_the_text_alone() {
        assert_eq!(letters("a", 5), letters("a", 5));
        assert_ne!(letters("a", 5), letters("b", 5));
        assert_eq!(letters("a", 10).len(), 10);
    }
}
