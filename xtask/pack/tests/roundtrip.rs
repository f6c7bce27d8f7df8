//! What was packed comes back, byte for byte; what was not packed is refused.

use hallpass_pack::{pack, unpack};

/// One of each kind of instruction, numbers of one byte and of several, short functions and long ones.
const EVERYTHING: &str = r#"(module
    (import "host" "log" (func $log (param i32)))
    (memory (export "memory") 1)
    (table 2 funcref)
    (global $sum (mut i32) (i32.const 70000))
    (elem (i32.const 0) $log $numbers)
    (data (i32.const 1024) "what stands behind the code\00\ff")
    (func $empty (export "empty"))
    (func $numbers (export "numbers") (param i32)
        (local i64 f32 f64 i32 i32)
        (local.set 1 (i64.const -9007199254740993))
        (local.set 2 (f32.const 0.1))
        (local.set 3 (f64.const 2.718281828459045))
        (local.set 4 (i32.add (local.get 0) (i32.const 1048576)))
        (local.set 5 (i32.sub (local.tee 4 (i32.const -1)) (i32.const 3)))
        (global.set $sum (i32.mul (global.get $sum) (i32.const 128)))
        (i64.store32 offset=40000 align=1 (i32.const 8) (local.get 1))
        (call $log (i32.load8_u offset=3 (i32.const 1024)))
        (call_indirect (param i32) (i32.const 7) (i32.const 0))
        (drop (memory.grow (memory.size))))
    (func $branches (export "branches") (param i32) (result i32)
        (block $a (block $b (loop $c
            (br_if $c (i32.eqz (local.get 0)))
            (if (local.get 0) (then (br $b)) (else (br_table $a $b $c $a (local.get 0)))))))
        (select (i32.const 1) (i32.const 2) (local.get 0))))"#;

/// Long enough for a size of two bytes.
fn long(instructions: usize) -> String {
    let line = "(drop (i32.const 12345))";
    format!("(module (func {}))", line.repeat(instructions))
}

fn wasm(text: &str) -> Vec<u8> {
    wat::parse_str(text).expect("a module")
}

fn unpacked(text: &str) -> Option<Vec<u8>> {
    let mut text = text.as_bytes().to_vec();
    let mut room = vec![0; text.len() * 2];
    let length = unpack(&mut text, &mut room)?;
    Some(room[..length].to_vec())
}

#[test]
fn comes_back_byte_for_byte() {
    for text in [
        EVERYTHING,
        "(module (func))",
        &long(31),
        &long(32),
        &long(3_000),
    ] {
        let wasm = wasm(text);
        let packed = pack(&wasm).expect("packs");
        assert_eq!(
            unpacked(&packed).as_deref(),
            Some(wasm.as_slice()),
            "{text}"
        );
    }
}

#[test]
fn needs_no_escape_within_quotes_in_a_template_or_in_a_page() {
    let all_bytes: String = (0..=255).map(|byte| format!("\\{byte:02x}")).collect();
    let module = format!("(module (memory 1) (func) (data (i32.const 0) \"{all_bytes}\"))");
    let packed = pack(&wasm(&module)).expect("packs");
    assert_eq!(unpacked(&packed), Some(wasm(&module)));
    assert!(
        packed
            .bytes()
            .all(|character| matches!(character, b' '..=b'~'))
    );
    assert!(!packed.contains(['"', '\'', '`', '\\', '$', '<']));
}

#[test]
fn a_text_that_is_cut_off_or_of_something_else_is_none() {
    let packed = pack(&wasm(EVERYTHING)).expect("packs");
    for length in 0..packed.len() - 1 {
        assert_eq!(unpacked(&packed[..length]), None, "{length}");
    }
    for text in [
        "",
        "hallpass",
        &"~".repeat(5_000),
        &"0".repeat(5_000),
        &"é".repeat(5_000),
    ] {
        assert_eq!(unpacked(text), None);
    }
}

#[test]
fn what_it_cannot_take_apart_is_refused_by_the_number_of_the_function() {
    let too_long = wasm(&long(4_000));
    assert_eq!(pack(&too_long).expect_err("too long").function, 0);
    let newer = wasm(
        "(module (memory 1) (func) (func (memory.copy (i32.const 0) (i32.const 0) (i32.const 11))))",
    );
    assert_eq!(pack(&newer).expect_err("newer").function, 1);
    assert!(pack(b"\0asm\x01\0\0\0").is_err(), "no code at all");
    let cut = &wasm(EVERYTHING)[..100];
    assert!(pack(cut).is_err());
}
