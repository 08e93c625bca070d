//! Field elements as text: `0x` and 64 hexadecimal digits, big-endian.

use ark_bn254::Fr;
use ark_ff::{BigInteger, PrimeField};

/// The one form of a field element.
pub fn field_hex(value: Fr) -> String {
    value
        .into_bigint()
        .to_bytes_be()
        .iter()
        .fold(String::from("0x"), |text, byte| text + &format!("{byte:02x}"))
}

/// The field element of this form; none for any other text, and for a number that is not below the modulus.
pub fn field_of_hex(text: &str) -> Option<Fr> {
    let digits = text.strip_prefix("0x").filter(|digits| digits.len() == 64 && digits.is_ascii())?;
    let byte = |at: usize| u8::from_str_radix(&digits[at..at + 2], 16).ok();
    let bytes: Vec<u8> = (0..digits.len()).step_by(2).map(byte).collect::<Option<_>>()?;
    Some(Fr::from_be_bytes_mod_order(&bytes)).filter(|value| field_hex(*value) == text)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_text_for_each_element() {
        for value in [Fr::from(0u64), Fr::from(255u64), -Fr::from(1u64)] {
            let text = field_hex(value);
            assert_eq!((text.len(), field_of_hex(&text)), (66, Some(value)));
            // Upper case, a digit less, no prefix, a sign.
            let others = [
                text.replace('f', "F"),
                text[..65].to_owned(),
                text[2..].to_owned(),
                text.replace("0x0", "0x+"),
            ];
            for other in others.iter().filter(|other| **other != text) {
                assert_eq!(field_of_hex(other), None, "{other}");
            }
        }
        // The modulus itself, and more digits than bytes.
        let modulus = "0x30644e72e131a029b85045b68181585d2833e84879b9709143e1f593f0000001";
        assert_eq!([modulus, "0x", "0xé"].map(field_of_hex), [None; 3]);
    }
}
