//! Takes out of the core what it would say when it panics.
//!
//! No input can reach a panic, and if one came it would be a trap whose words nobody sees. But the
//! standard library comes compiled with the machinery that puts those words together, and linked it is a
//! sixth of what users load. So it is cut out by name, before wasm-bindgen: what panics traps at once, what
//! prints prints nothing. What only they needed, wasm-opt then finds unreachable.

use std::collections::BTreeSet;

use anyhow::{Result, ensure};
use rustc_demangle::demangle;
use walrus::{FunctionBuilder, FunctionId, FunctionKind, LocalFunction, Module, ValType};

/// What panics: every function whose name in Rust begins so. None of them returns.
const PANICS: [&str; 12] = [
    "core::panicking::",
    "core::cell::panic_already_",
    "core::option::unwrap_failed",
    "core::option::expect_failed",
    "core::result::unwrap_failed",
    "core::slice::index::slice_",
    "core::slice::copy_from_slice_impl::len_mismatch_fail",
    "core::str::slice_error_fail",
    "alloc::raw_vec::handle_error",
    "alloc::alloc::handle_alloc_error",
    "std::panicking::",
    "__rustc::rust_begin_unwind",
];

/// What prints: every function with one of these in its name.
const PRINTS: [&str; 3] = [" as core::fmt::", "<core::fmt::", "core::fmt::write"];

/// What a function does from now on.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(super) enum Instead {
    Trap,
    PrintNothing,
}

/// Replaces the bodies, and says of which functions. The module must still have its names.
pub(super) fn silence(module: &mut Module) -> Result<BTreeSet<FunctionId>> {
    let found: Vec<(FunctionId, Instead)> = module
        .funcs
        .iter()
        .filter(|function| matches!(function.kind, FunctionKind::Local(_)))
        .filter_map(|function| Some((function.id(), instead(&plain(function.name.as_deref()?))?)))
        .collect();
    for wanted in [Instead::Trap, Instead::PrintNothing] {
        let has_some = found.iter().any(|(_, instead)| *instead == wanted);
        ensure!(
            has_some,
            "{wanted:?}: the standard library has other names by now"
        );
    }
    for (id, instead) in &found {
        replace(module, *id, *instead);
    }
    Ok(found.into_iter().map(|(id, _)| id).collect())
}

/// Gives a function another body.
pub(super) fn replace(module: &mut Module, id: FunctionId, instead: Instead) {
    let body = body(module, id, instead);
    module.funcs.get_mut(id).kind = FunctionKind::Local(body);
}

fn instead(name: &str) -> Option<Instead> {
    if PANICS.iter().any(|panic| name.starts_with(panic)) {
        Some(Instead::Trap)
    } else if PRINTS.iter().any(|print| name.contains(print)) {
        Some(Instead::PrintNothing)
    } else {
        None
    }
}

fn body(module: &mut Module, id: FunctionId, instead: Instead) -> LocalFunction {
    let ty = module.types.get(module.funcs.get(id).ty());
    let (params, results) = (ty.params().to_vec(), ty.results().to_vec());
    let arguments = params.iter().map(|ty| module.locals.add(*ty)).collect();
    let mut builder = FunctionBuilder::new(&mut module.types, &params, &results);
    match (instead, results.as_slice()) {
        // A `fmt::Result`: printed, no error.
        (Instead::PrintNothing, [ValType::I32]) => builder.func_body().i32_const(0),
        // What gives anything else is only called by what prints.
        _ => builder.func_body().unreachable(),
    };
    builder.local_func(arguments)
}

/// The name without hashes: `_RNvNtCs…_4core3fmt5write` is `core::fmt::write`.
fn plain(symbol: &str) -> String {
    let mut depth = 0_u32;
    let mut name = format!("{:#}", demangle(symbol));
    name.retain(|character| {
        match character {
            '[' => depth = depth.saturating_add(1),
            ']' => depth = depth.saturating_sub(1),
            _ => return depth == 0,
        }
        false
    });
    name
}

#[cfg(test)]
mod tests {
    use walrus::{FunctionBuilder, Module, ValType};

    use super::{Instead, instead, plain, silence};

    const PANIC: &str = "_ZN4core9panicking9panic_fmt17h0123456789abcdefE";
    const WRITE: &str = "_ZN4core3fmt5write17h0123456789abcdefE";

    #[test]
    fn knows_what_panics_and_what_prints() {
        assert_eq!(plain(PANIC), "core::panicking::panic_fmt");
        assert_eq!(plain("_RNvNtCsabc_4core3fmt5write"), "core::fmt::write");
        for (name, expected) in [
            ("core::panicking::panic_fmt", Some(Instead::Trap)),
            (
                "<f64 as core::fmt::Display>::fmt",
                Some(Instead::PrintNothing),
            ),
            ("core::fmt::write", Some(Instead::PrintNothing)),
            ("hallpass::session::step", None),
            ("core::str::converts::from_utf8", None),
        ] {
            assert_eq!(instead(name), expected, "{name}");
        }
    }

    #[test]
    fn cuts_out_both_and_nothing_else() {
        let mut module = Module::default();
        for name in [PANIC, WRITE, "main"] {
            let mut builder = FunctionBuilder::new(&mut module.types, &[], &[ValType::I32]);
            builder.name(name.to_owned()).func_body().i32_const(7);
            let id = builder.finish(Vec::new(), &mut module.funcs);
            module.exports.add(name, id);
        }
        silence(&mut module).unwrap();
        let body = |name| {
            let id = module.exports.get_func(name).unwrap();
            let function = module.funcs.get(id).kind.unwrap_local();
            format!("{:?}", function.block(function.entry_block()).instrs)
        };
        assert!(body(PANIC).contains("Unreachable"));
        assert!(body(WRITE).contains("I32(0)"));
        assert!(body("main").contains("I32(7)"));
    }

    #[test]
    fn a_library_with_other_names_is_an_error() {
        let error = silence(&mut Module::default()).unwrap_err().to_string();
        assert_eq!(error, "Trap: the standard library has other names by now");
    }
}
