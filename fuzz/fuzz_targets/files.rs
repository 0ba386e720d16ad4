#![no_main]

libfuzzer_sys::fuzz_target!(|data: &[u8]| shipworthy_fuzz::files(data));
