//! Addresses on L1, with the checksum of EIP-55.

use crate::hex;
use sha3::{Digest, Keccak256};

/// An address on L1.
pub type Address = [u8; 20];

/// Reads 0x (which may be left out) and 40 hexadecimal digits.
///
/// Digits of one case carry no checksum. Where both cases occur, they must be the cases of EIP-55: then a
/// mistyped digit is found with probability of more than 99.9 %.
pub fn parse(text: &str) -> Result<Address, String> {
    let address = hex::bytes(text).ok_or("an address is 0x and 40 hexadecimal digits")?;
    let digits = text.strip_prefix("0x").unwrap_or(text);
    let lower = digits.bytes().any(|digit| digit.is_ascii_lowercase());
    let upper = digits.bytes().any(|digit| digit.is_ascii_uppercase());
    let right = checksummed(&address);
    if lower && upper && right[2..] != *digits {
        return Err(format!(
            "wrong checksum (EIP-55): a digit is mistyped, or the address is {right}; digits of one case are not checked"
        ));
    }
    Ok(address)
}

/// The address with the cases of EIP-55: a letter is upper case if its digit of the Keccak-256 digest of the
/// forty lower-case digits is at least eight.
pub fn checksummed(address: &Address) -> String {
    let lower: String = address.iter().map(|byte| format!("{byte:02x}")).collect();
    let digest = Keccak256::digest(lower.as_bytes());
    let nibble = |place: usize| digest[place / 2] >> (4 * (1 - place % 2)) & 15;
    let cased = |(place, digit): (usize, char)| {
        if nibble(place) >= 8 { digit.to_ascii_uppercase() } else { digit }
    };
    std::iter::once("0x".to_owned()).chain([lower.chars().enumerate().map(cased).collect()]).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The examples of EIP-55 itself.
    const EXAMPLES: [&str; 8] = [
        "0x52908400098527886E0F7030069857D2E4169EE7",
        "0x8617E340B3D01FA5F11F306F4090FD50E238070D",
        "0xde709f2102306220921060314715629080e2fb77",
        "0x27b1fdb04752bbc536007a920d24acb045561c26",
        "0x5aAeb6053F3E94C9b9A09f33669435E7Ef1BeAed",
        "0xfB6916095ca1df60bB79Ce92cE3Ea74c37c5d359",
        "0xdbF03B407c01E7cD3CBea99509d93f8DDDC8C6FB",
        "0xD1220A0cf47c7B9Be7A2E6BA89F429762e7b9aDb",
    ];

    #[test]
    fn the_examples_of_the_eip_pass_and_are_spelled_so() {
        for example in EXAMPLES {
            let address = parse(example).unwrap();
            assert_eq!(checksummed(&address), example);
            assert_eq!(parse(&example[2..]), Ok(address));
            assert_eq!(parse(&example.to_ascii_lowercase()), Ok(address));
            assert_eq!(parse(&format!("0x{}", example[2..].to_ascii_uppercase())), Ok(address));
        }
    }

    #[test]
    fn a_wrong_case_or_digit_is_refused_with_the_right_spelling() {
        let right = EXAMPLES[4];
        for wrong in [right.replace("5aA", "5AA"), right.replace("Aed", "Bed")] {
            let error = parse(&wrong).unwrap_err();
            assert!(error.contains("EIP-55"), "{error}");
        }
        assert!(parse(&right.replace("5aA", "5AA")).unwrap_err().contains(right));
    }

    #[test]
    fn other_lengths_and_characters_are_refused() {
        for bad in ["", "0x", "0x12", "0X5aaeb6053f3e94c9b9a09f33669435e7ef1beae", "+f", "0xé"] {
            assert!(parse(bad).unwrap_err().contains("40 hexadecimal digits"), "{bad}");
        }
        let signs = format!("0x{}", "+f".repeat(20));
        assert!(parse(&signs).is_err(), "a sign is no digit");
    }
}
