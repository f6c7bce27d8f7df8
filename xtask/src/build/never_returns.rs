//! Whether a function can return at all, told from its code alone.
//!
//! The compiler ends every path behind a call that never returns with `unreachable`. So the body of a
//! function of type `-> !` has no way to its end, whatever its name and whatever functions were merged
//! into it.

use std::collections::BTreeSet;

use walrus::ir::{Instr, InstrSeqId};
use walrus::{FunctionId, FunctionKind, LocalFunction, Module};

/// Every path ends in `unreachable`, or goes round for ever. Calls count as if they returned.
pub(super) fn never_returns(function: &LocalFunction) -> bool {
    let mut paths = Paths {
        function,
        targets: BTreeSet::new(),
    };
    let entry = function.entry_block();
    !paths.run_through(entry) && !paths.targets.contains(&entry)
}

/// What is called from a function, and from what it calls, as far as calls are direct: the imports.
pub(super) fn imports_called(module: &Module, from: FunctionId) -> BTreeSet<String> {
    let mut seen = BTreeSet::from([from]);
    let mut open = vec![from];
    let mut imports = BTreeSet::new();
    while let Some(id) = open.pop() {
        let function = module.funcs.get(id);
        match &function.kind {
            FunctionKind::Local(local) => {
                open.extend(calls(local).into_iter().filter(|id| seen.insert(*id)));
            }
            _ => imports.extend(function.name.clone()),
        }
    }
    imports
}

/// The functions that it calls by name.
pub(super) fn calls(function: &LocalFunction) -> Vec<FunctionId> {
    let mut found = Vec::new();
    let mut open = vec![function.entry_block()];
    while let Some(seq) = open.pop() {
        for (instr, _) in &function.block(seq).instrs {
            match instr {
                Instr::Block(inner) => open.push(inner.seq),
                Instr::Loop(inner) => open.push(inner.seq),
                Instr::IfElse(inner) => open.extend([inner.consequent, inner.alternative]),
                Instr::Call(call) => found.push(call.func),
                _ => {}
            }
        }
    }
    found
}

struct Paths<'a> {
    function: &'a LocalFunction,
    /// The sequences whose end is jumped to. The function's own is its `return`.
    targets: BTreeSet<InstrSeqId>,
}

impl Paths<'_> {
    /// Whether what stands behind the sequence is reached by going through it.
    fn run_through(&mut self, seq: InstrSeqId) -> bool {
        for (instr, _) in &self.function.block(seq).instrs {
            let goes_on = match instr {
                Instr::Unreachable(_) => false,
                Instr::Return(_) => {
                    self.targets.insert(self.function.entry_block());
                    false
                }
                Instr::Br(jump) => {
                    self.targets.insert(jump.block);
                    false
                }
                Instr::BrTable(jump) => {
                    self.targets.extend(jump.blocks.iter().copied());
                    self.targets.insert(jump.default);
                    false
                }
                Instr::BrIf(jump) => {
                    self.targets.insert(jump.block);
                    true
                }
                Instr::Block(inner) => self.passes(inner.seq),
                // A jump to a loop goes to its start.
                Instr::Loop(inner) => self.run_through(inner.seq),
                Instr::IfElse(inner) => {
                    let consequent = self.passes(inner.consequent);
                    self.passes(inner.alternative) || consequent
                }
                _ => true,
            };
            if !goes_on {
                return false;
            }
        }
        true
    }

    fn passes(&mut self, seq: InstrSeqId) -> bool {
        self.run_through(seq) || self.targets.contains(&seq)
    }
}

#[cfg(test)]
mod tests {
    use walrus::{FunctionBuilder, InstrSeqBuilder, Module};

    use super::never_returns;

    fn verdict(body: impl FnOnce(&mut InstrSeqBuilder<'_>)) -> bool {
        let mut module = Module::default();
        let mut builder = FunctionBuilder::new(&mut module.types, &[], &[]);
        body(&mut builder.func_body());
        let id = builder.finish(Vec::new(), &mut module.funcs);
        never_returns(module.funcs.get(id).kind.unwrap_local())
    }

    #[test]
    fn sees_whether_any_path_leads_out() {
        assert!(verdict(|body| {
            body.unreachable();
        }));
        assert!(!verdict(|_| {}));
        assert!(!verdict(|body| {
            body.return_().unreachable();
        }));
        for (consequent, alternative) in [(true, true), (true, false), (false, true)] {
            let is_proven = verdict(|body| {
                let end = |stops: bool| {
                    move |branch: &mut InstrSeqBuilder<'_>| {
                        if stops {
                            branch.unreachable();
                        }
                    }
                };
                body.i32_const(1)
                    .if_else(None, end(consequent), end(alternative));
            });
            assert_eq!(is_proven, consequent && alternative);
        }
    }

    #[test]
    fn follows_jumps() {
        let leaves_block = |is_conditional: bool, stops_behind: bool| {
            verdict(|body| {
                body.block(None, |block| {
                    let id = block.id();
                    if is_conditional {
                        block.i32_const(1).br_if(id);
                    } else {
                        block.br(id);
                    }
                    block.unreachable();
                });
                if stops_behind {
                    body.unreachable();
                }
            })
        };
        for is_conditional in [true, false] {
            assert!(!leaves_block(is_conditional, false));
            assert!(leaves_block(is_conditional, true));
        }
        // Round and round.
        assert!(verdict(|body| {
            body.loop_(None, |block| {
                let id = block.id();
                block.br(id);
            });
        }));
        assert!(!verdict(|body| {
            let function = body.id();
            body.loop_(None, |block| {
                block.i32_const(1).br_if(function).unreachable();
            });
        }));
        assert!(!verdict(|body| {
            let function = body.id();
            body.i32_const(1).br_table(vec![function].into(), function);
        }));
    }
}
