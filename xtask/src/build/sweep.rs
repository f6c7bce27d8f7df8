//! Takes out of the core what nothing uses any more once it is silent.
//!
//! A page of texts, tables of digits, the paths of source files: the linker put them there for the words
//! of a panic. It is gone by the time `silence` has cut, and wasm-opt cannot tell a used address from an
//! unused one. Dead bytes become zeros and dead functions a trap: nothing moves, and what comes after takes
//! both away.

use std::collections::BTreeSet;

use anyhow::{Context, Result, ensure};
use walrus::{DataId, FunctionId, FunctionKind, Module};

use super::links::{self, Links, Node};
use super::silence::{self, Instead};

/// Less than this found dead means that something is wrong with the links.
const LEAST: usize = 4_000;

/// Reads a module with its names and relocations, gives it back silent and swept.
pub(crate) fn sweep(wasm: &[u8]) -> Result<Module> {
    let links = Links::read(wasm)?;
    let mut module = Module::from_buffer(wasm)?;
    // In the order of the file, so that the place in the list is the index that the linker means.
    let functions: Vec<FunctionId> = module.funcs.iter().map(walrus::Function::id).collect();
    let silent = silence::silence(&mut module)?;
    let is_silent = |(_, id): &(usize, &FunctionId)| silent.contains(id);
    let mute = functions.iter().enumerate().filter(is_silent);
    let mute = mute
        .map(|(index, _)| u32::try_from(index))
        .collect::<Result<_, _>>()?;
    let reachable = links.reachable(&mute)?;

    for (index, id) in functions.iter().enumerate() {
        let node = Node::Function(u32::try_from(index)?);
        let is_local = matches!(module.funcs.get(*id).kind, FunctionKind::Local(_));
        if is_local && !reachable.contains(&node) {
            silence::replace(&mut module, *id, Instead::Trap);
        }
    }
    let swept = sweep_data(&mut module, &links, &reachable)?;
    ensure!(
        swept >= LEAST,
        "only {swept} bytes of data are unused: are all relocations there?"
    );
    links::forget(&mut module);
    Ok(module)
}

/// Zeros where only dead symbols stand; gives the number of bytes.
fn sweep_data(module: &mut Module, links: &Links, reachable: &BTreeSet<Node>) -> Result<usize> {
    let mut swept = 0_usize;
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
                swept = swept.saturating_add(1);
            }
        }
    }
    Ok(swept)
}
