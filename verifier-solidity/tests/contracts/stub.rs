//! Contracts of a few bytes that answer any call in one way.

/// Code that reverts without a reason: `PUSH0 PUSH0 REVERT`.
pub const REVERTS: [u8; 3] = [0x5f, 0x5f, 0xfd];

/// Code that answers with `length` zero bytes: `PUSH1 length PUSH0 RETURN`.
pub fn answering(length: u8) -> [u8; 4] {
    [0x60, length, 0x5f, 0xf3]
}

/// Creation code of a contract with the code `runtime`, which is shorter than 256 bytes:
/// `PUSH1 n DUP1 PUSH1 9 PUSH0 CODECOPY PUSH0 RETURN`, then the code.
pub fn creation(runtime: &[u8]) -> Vec<u8> {
    let length = u8::try_from(runtime.len()).unwrap();
    [&[0x60, length, 0x80, 0x60, 9, 0x5f, 0x39, 0x5f, 0xf3], runtime].concat()
}
