//! Takes out of the core what nothing uses any more once panics are stripped.
//!
//! A page of texts, tables of digits, the paths of source files: the linker put them there for the words
//! of a panic, and wasm-opt cannot tell a used address from an unused one. Dead bytes become zeros and dead
//! functions a trap: nothing moves, and what comes after takes both away. Dead is what no relocation leads to
//! from an export.

use std::collections::BTreeSet;

use anyhow::{Context, Result, ensure};
use walrus::{DataId, FunctionId, FunctionKind, Module};

use super::links::{self, Links, Node};
use super::strip_panics::{self, Instead, Known, plain};
use super::strip_report::Report;

/// Less than this found dead means that something is wrong with the links.
const LEAST: usize = 4_000;

/// Reads a module with its names and relocations, gives it back stripped, and says of what.
pub(crate) fn strip(wasm: &[u8]) -> Result<(Module, Report)> {
    let links = Links::read(wasm)?;
    let mut module = Module::from_buffer(wasm)?;
    // In the order of the file, so that the place in the list is the index that the linker means.
    let ids: Vec<FunctionId> = module.funcs.iter().map(walrus::Function::id).collect();
    let known = ids.into_iter().enumerate().map(|(index, id)| {
        let index = u32::try_from(index)?;
        let mut names = links.names(index);
        names.extend(module.funcs.get(id).name.clone());
        let size = links.size(index)?;
        Ok(Known { id, size, names })
    });
    let known: Vec<Known> = known.collect::<Result<_>>()?;
    let cut = strip_panics::strip(&mut module, &known)?;
    let mut mute = BTreeSet::new();
    for (index, function) in known.iter().enumerate() {
        if cut.contains_key(&function.id) {
            mute.insert(u32::try_from(index)?);
        }
    }
    let reachable = links.reachable(&mute)?;

    let mut report = Report::default();
    for (index, function) in known.iter().enumerate() {
        let node = Node::Function(u32::try_from(index)?);
        let is_local = matches!(module.funcs.get(function.id).kind, FunctionKind::Local(_));
        let instead = cut.get(&function.id).copied();
        let is_dead = is_local && !reachable.contains(&node);
        if is_dead && instead.is_none() {
            strip_panics::replace(&mut module, function.id, Instead::Trap);
        }
        if is_dead || instead.is_some() {
            let name = function.names.iter().next().map(|name| plain(name));
            report.add_function(instead, name.unwrap_or_default(), function.size);
        }
    }
    report.data = strip_data(&mut module, &links, &reachable)?;
    ensure!(
        report.data >= LEAST,
        "only {} bytes of data are unused: are all relocations there?",
        report.data
    );
    links::forget(&mut module);
    Ok((module, report))
}

/// Zeros where only dead symbols stand; gives the number of bytes.
fn strip_data(module: &mut Module, links: &Links, reachable: &BTreeSet<Node>) -> Result<usize> {
    let mut stripped = 0_usize;
    let segments: Vec<DataId> = module.data.iter().map(walrus::Data::id).collect();
    for (number, id) in segments.into_iter().enumerate() {
        let segment = module.data.get_mut(id);
        let mut is_dead = vec![false; segment.value.len()];
        for is_live in [false, true] {
            let meant = links
                .data()
                .filter(|(node, place, _)| *place == number && reachable.contains(node) == is_live);
            for (_, _, range) in meant {
                is_dead
                    .get_mut(range)
                    .context("a symbol reaches beyond its segment")?
                    .fill(!is_live);
            }
        }
        for (byte, is_dead) in segment.value.iter_mut().zip(is_dead) {
            if is_dead {
                *byte = 0;
                stripped = stripped.saturating_add(1);
            }
        }
    }
    Ok(stripped)
}
