#![no_main]
libfuzzer_sys::fuzz_target!(|bytes: &[u8]| zkmargin_fuzz::within_bounds(
    zkmargin_fuzz::targets::listings,
    bytes
));
