//! Takes out of the core what it would say when it panics, and what prints.
//!
//! No input can reach a panic, and if one came it would be a trap whose words nothing shows. But the
//! standard library comes compiled with the machinery that puts those words together, and linked it is a
//! sixth of what users load. So it is cut before wasm-bindgen: what panics traps at once, what prints prints
//! nothing. What only they needed is then unreachable.
//!
//! A name decides what is looked at, the code decides what is cut:
//!
//! - A trap takes the place only of a function that cannot return (`never_returns`) and calls nothing
//!   outside. It would have ended in a trap, too, whatever other functions were merged into it.
//! - `Ok` takes the place only of a function that gives an `i32` and calls nothing outside. The compiler folds
//!   functions with the same code into one, under any of their names: so it must be so long that whatever agrees
//!   with it prints, too. Short ones go only where their code does nothing but give what one of these gives.
//! - Each pattern must be the name of something, and where the linker has several names for one function, each of
//!   them must be meant. Otherwise the build fails with the name.

use std::collections::{BTreeMap, BTreeSet};

use anyhow::{Result, bail, ensure};
use rustc_demangle::demangle;
use walrus::ir::Instr;
use walrus::{FunctionBuilder, FunctionId, FunctionKind, LocalFunction, Module, ValType};

use super::never_returns::{imports_called, never_returns};

/// What panics: functions whose name in Rust begins so.
const PANICS: [&str; 15] = [
    "core::panicking::",
    "core::cell::panic_already_",
    "core::option::unwrap_failed",
    "core::option::expect_failed",
    "core::result::unwrap_failed",
    "core::slice::index::slice_",
    "core::slice::copy_from_slice_impl::len_mismatch_fail",
    "core::str::slice_error_fail",
    "alloc::raw_vec::handle_error",
    "<alloc::vec::Vec<_, _>>::insert_mut::assert_failed",
    "<alloc::vec::Vec<_, _>>::remove::assert_failed",
    "core::cell::lazy::panic_poisoned",
    "std::thread::local::panic_access_error",
    "alloc::alloc::handle_alloc_error",
    "__rustc::rust_begin_unwind",
];

/// What prints: functions whose name in Rust ends so.
const PRINTS: [&str; 4] = [
    "core::fmt::write",
    "<core::fmt::Formatter>::pad",
    " as core::fmt::Display>::fmt",
    " as core::fmt::Debug>::fmt",
];

/// What is printed of a JavaScript value, JavaScript writes.
const PRINTS_OUTSIDE: &str = "__wbindgen_debug_string";

/// In bytes of code: what agrees in as many is the same function for other types.
const LONG: usize = 64;

/// What a function does from now on.
#[derive(Clone, Copy, Debug, Eq, Ord, PartialEq, PartialOrd)]
pub(super) enum Instead {
    Trap,
    PrintNothing,
}

/// What is known of a function beside its code.
pub(super) struct Known {
    pub(super) id: FunctionId,
    /// In bytes of code.
    pub(super) size: usize,
    /// All that the linker calls it. More than one where functions were merged.
    pub(super) names: BTreeSet<String>,
}

/// Replaces the bodies, and says of which functions. The module must still have its names.
pub(super) fn strip(module: &mut Module, known: &[Known]) -> Result<BTreeMap<FunctionId, Instead>> {
    let mut cut = BTreeMap::new();
    let mut matched = BTreeSet::new();
    for function in known {
        let names: BTreeSet<String> = function.names.iter().map(|name| plain(name)).collect();
        let Some((instead, pattern, name)) = names.iter().find_map(|name| {
            let (instead, pattern) = meant(name)?;
            Some((instead, pattern, name))
        }) else {
            continue;
        };
        matched.insert(pattern);
        if !is_to_be_cut(module, function, instead, name)? {
            continue;
        }
        if let Some(other) = names
            .iter()
            .find(|other| meant(other).map(|(instead, _)| instead) != Some(instead))
        {
            bail!("{name} and {other} are one function: only one of them is to be cut");
        }
        cut.insert(function.id, instead);
    }
    for pattern in PANICS.iter().chain(&PRINTS) {
        ensure!(
            matched.contains(pattern),
            "no function has a name like {pattern:?}: is it not used any more, or called something else?"
        );
    }
    add_forwarders(module, &mut cut);
    for (id, instead) in &cut {
        replace(module, *id, *instead);
    }
    Ok(cut)
}

/// Gives a function another body.
pub(super) fn replace(module: &mut Module, id: FunctionId, instead: Instead) {
    let ty = module.types.get(module.funcs.get(id).ty());
    let (params, results) = (ty.params().to_vec(), ty.results().to_vec());
    let arguments = params.iter().map(|ty| module.locals.add(*ty)).collect();
    let mut builder = FunctionBuilder::new(&mut module.types, &params, &results);
    match instead {
        Instead::Trap => builder.func_body().unreachable(),
        // A `fmt::Result`: printed, no error.
        Instead::PrintNothing => builder.func_body().i32_const(0),
    };
    module.funcs.get_mut(id).kind = FunctionKind::Local(builder.local_func(arguments));
}

/// The name without hashes: `_RNvNtCs…_4core3fmt5write` is `core::fmt::write`.
pub(super) fn plain(symbol: &str) -> String {
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

fn meant(name: &str) -> Option<(Instead, &'static str)> {
    let panic = PANICS.iter().find(|panic| name.starts_with(**panic));
    let print = || PRINTS.iter().find(|print| name.ends_with(**print));
    panic
        .map(|pattern| (Instead::Trap, *pattern))
        .or_else(|| Some((Instead::PrintNothing, *print()?)))
}

/// An error where a function is not what its name says.
fn is_to_be_cut(module: &Module, one: &Known, instead: Instead, name: &str) -> Result<bool> {
    let function = module.funcs.get(one.id);
    let FunctionKind::Local(local) = &function.kind else {
        return Ok(false);
    };
    let outside = imports_called(module, one.id);
    let results = module.types.get(function.ty()).results();
    match instead {
        Instead::Trap => {
            ensure!(
                results.is_empty() && never_returns(local),
                "{name} is to be a trap, and can return"
            );
            ensure!(
                outside.is_empty(),
                "{name} is to be a trap, and calls {outside:?}"
            );
        }
        Instead::PrintNothing => {
            if one.size < LONG {
                return Ok(false);
            }
            ensure!(
                results == [ValType::I32],
                "{name} is to print nothing, and gives no fmt::Result"
            );
            let other = outside.iter().find(|name| !name.contains(PRINTS_OUTSIDE));
            ensure!(
                other.is_none(),
                "{name} is to print nothing, and calls {other:?}"
            );
        }
    }
    Ok(true)
}

/// Functions that only hand over to one that prints nothing: read something, call it, give what it gives.
fn add_forwarders(module: &Module, cut: &mut BTreeMap<FunctionId, Instead>) {
    loop {
        let found: Vec<FunctionId> = module
            .funcs
            .iter_local()
            .filter(|(id, local)| !cut.contains_key(id) && only_hands_over(local, cut))
            .map(|(id, _)| id)
            .collect();
        if found.is_empty() {
            return;
        }
        cut.extend(found.into_iter().map(|id| (id, Instead::PrintNothing)));
    }
}

fn only_hands_over(function: &LocalFunction, cut: &BTreeMap<FunctionId, Instead>) -> bool {
    let instrs = &function.block(function.entry_block()).instrs;
    let Some(((Instr::Call(last), _), before)) = instrs.split_last() else {
        return false;
    };
    let reads =
        |instr: &Instr| matches!(instr, Instr::LocalGet(_) | Instr::Const(_) | Instr::Load(_));
    cut.get(&last.func) == Some(&Instead::PrintNothing)
        && before.iter().all(|(instr, _)| reads(instr))
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use walrus::{FunctionBuilder, FunctionId, InstrSeqBuilder, Module, ValType};

    use super::{Instead, Known, LONG, PANICS, PRINTS, meant, plain, strip};

    const PANIC: &str = "_ZN4core9panicking9panic_fmt17h0123456789abcdefE";
    const WRITE: &str = "_ZN4core3fmt5write17h0123456789abcdefE";

    /// A module with a function for each pattern, as it has to be.
    struct Core {
        module: Module,
        known: Vec<Known>,
    }

    impl Core {
        fn new() -> Self {
            let mut core = Self {
                module: Module::default(),
                known: Vec::new(),
            };
            for name in PANICS {
                core.panics(name);
            }
            for name in PRINTS {
                core.prints(name, LONG);
            }
            core
        }

        fn panics(&mut self, name: &str) -> FunctionId {
            self.add(name, 9, &[], |body| {
                body.unreachable();
            })
        }

        fn prints(&mut self, name: &str, size: usize) -> FunctionId {
            self.add(name, size, &[ValType::I32], |body| {
                body.i32_const(7);
            })
        }

        fn add(
            &mut self,
            name: &str,
            size: usize,
            results: &[ValType],
            body: impl FnOnce(&mut InstrSeqBuilder<'_>),
        ) -> FunctionId {
            let mut builder = FunctionBuilder::new(&mut self.module.types, &[], results);
            body(&mut builder.func_body());
            let id = builder.finish(Vec::new(), &mut self.module.funcs);
            let names = BTreeSet::from([name.to_owned()]);
            self.known.push(Known { id, size, names });
            id
        }

        fn error(mut self) -> String {
            strip(&mut self.module, &self.known)
                .unwrap_err()
                .to_string()
        }

        fn body(&self, id: FunctionId) -> String {
            let function = self.module.funcs.get(id).kind.unwrap_local();
            format!("{:?}", function.block(function.entry_block()).instrs)
        }
    }

    #[test]
    fn knows_what_panics_and_what_prints() {
        assert_eq!(plain(PANIC), "core::panicking::panic_fmt");
        assert_eq!(plain(WRITE), "core::fmt::write");
        assert_eq!(plain("_RNvNtCsabc_4core3fmt5write"), "core::fmt::write");
        for (name, expected) in [
            ("core::panicking::panic_fmt", Some(Instead::Trap)),
            (
                "<f64 as core::fmt::Display>::fmt",
                Some(Instead::PrintNothing),
            ),
            ("core::fmt::write", Some(Instead::PrintNothing)),
            ("hallpass::session::step", None),
            (
                "<alloc::string::String as core::fmt::Write>::write_str",
                None,
            ),
            ("<core::fmt::Formatter>::pad_integral", None),
        ] {
            assert_eq!(meant(name).map(|(instead, _)| instead), expected, "{name}");
        }
    }

    #[test]
    fn cuts_both_and_nothing_else() {
        let mut core = Core::new();
        let panic = core.panics(PANIC);
        let write = core.prints(WRITE, LONG);
        let short = core.prints(WRITE, LONG - 1);
        let other = core.prints("main", LONG);
        let cut = strip(&mut core.module, &core.known).unwrap();
        assert_eq!(cut.len(), PANICS.len() + PRINTS.len() + 2);
        assert!(core.body(panic).contains("Unreachable"));
        assert!(core.body(write).contains("I32(0)"));
        // It may be any other function as well.
        assert!(core.body(short).contains("I32(7)"));
        assert!(core.body(other).contains("I32(7)"));
    }

    #[test]
    fn what_only_hands_over_goes_too() {
        let mut core = Core::new();
        let write = core.prints(WRITE, LONG);
        let hands_over = core.add("any", 3, &[ValType::I32], |body| {
            body.call(write);
        });
        let again = core.add("any", 3, &[ValType::I32], |body| {
            body.call(hands_over);
        });
        let does_more = core.add("any", 3, &[ValType::I32], |body| {
            body.call(write).drop().call(write);
        });
        strip(&mut core.module, &core.known).unwrap();
        for id in [hands_over, again] {
            assert!(core.body(id).contains("I32(0)"));
        }
        assert!(core.body(does_more).contains("Call"));
    }

    #[test]
    fn each_pattern_must_be_the_name_of_something() {
        for missing in PANICS.iter().chain(&PRINTS) {
            let mut core = Core::new();
            core.known.retain(|known| !known.names.contains(*missing));
            let error = core.error();
            assert!(
                error.contains(&format!("no function has a name like {missing:?}")),
                "{error}"
            );
        }
    }

    #[test]
    fn a_trap_takes_the_place_only_of_what_cannot_return_and_calls_nothing_outside() {
        let mut core = Core::new();
        core.add(PANIC, 9, &[], |_| {});
        assert_eq!(
            core.error(),
            "core::panicking::panic_fmt is to be a trap, and can return"
        );

        let mut core = Core::new();
        let ty = core.module.types.add(&[], &[]);
        let (import, _) = core.module.add_import_func("page", "alert", ty);
        core.module.funcs.get_mut(import).name = Some("alert".to_owned());
        let calls = core.add("any", 3, &[], |body| {
            body.call(import);
        });
        core.add(PANIC, 9, &[], |body| {
            body.call(calls).unreachable();
        });
        assert_eq!(
            core.error(),
            "core::panicking::panic_fmt is to be a trap, and calls {\"alert\"}"
        );
    }

    #[test]
    fn what_was_merged_with_something_else_is_an_error() {
        let mut core = Core::new();
        core.prints(WRITE, LONG);
        let last = core.known.last_mut().unwrap();
        last.names
            .insert("alloc::string::String::push_str".to_owned());
        assert_eq!(
            core.error(),
            "core::fmt::write and alloc::string::String::push_str are one function: only one of them is to be cut"
        );
    }
}
