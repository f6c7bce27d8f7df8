//! What refers to what in the linked core, from the relocations that the linker leaves behind.
//!
//! In a finished module an address is a number like any other: no tool can tell which text or table is
//! still used. With `--emit-relocs` the linker says where each number came from.

use std::collections::{BTreeMap, BTreeSet};
use std::ops::Range;

use anyhow::{Context, Result};
use walrus::Module;
use wasmparser::{
    DefinedDataSymbol, KnownCustom, Linking, Parser, Payload, RelocationEntry, RelocationType,
    SymbolInfo, TypeRef,
};

/// A function by its index, or a piece of data by the index of its symbol.
#[derive(Clone, Copy, Debug, Eq, Ord, PartialEq, PartialOrd)]
pub(super) enum Node {
    Function(u32),
    Data(usize),
}

/// The graph, as the linker has left it.
#[derive(Default)]
pub(super) struct Links {
    imported: u32,
    exported: Vec<Node>,
    /// Where each function's body stands in the file.
    bodies: Vec<Range<usize>>,
    /// Where each segment's bytes stand in the file.
    segments: Vec<Range<usize>>,
    symbols: Vec<Symbol>,
    /// All that the linker calls a function: more than one name where functions were merged.
    names: BTreeMap<u32, BTreeSet<String>>,
    /// From a place in the file to a symbol.
    references: Vec<(usize, usize)>,
    /// Symbols that say where in the sources something stands: only what panics reads them.
    places: BTreeSet<usize>,
}

/// The size of a `core::panic::Location`: the path and its length, line and column.
const LOCATION: u32 = 16;

enum Symbol {
    Function(u32),
    Data(DefinedDataSymbol),
    Other,
}

impl Links {
    /// Reads them from a module that was linked with `--emit-relocs`.
    pub(super) fn read(wasm: &[u8]) -> Result<Self> {
        let mut links = Self::default();
        let (mut code, mut data) = (None, None);
        let mut section = 0;
        let mut relocations = Vec::new();
        for payload in Parser::new(0).parse_all(wasm) {
            let payload = payload?;
            match &payload {
                Payload::ImportSection(imports) => {
                    for import in imports.clone().into_imports() {
                        let is_function = matches!(import?.ty, TypeRef::Func(_));
                        links.imported = links.imported.saturating_add(is_function.into());
                    }
                }
                Payload::ExportSection(exports) => {
                    for export in exports.clone() {
                        let export = export?;
                        if export.kind == wasmparser::ExternalKind::Func {
                            links.exported.push(Node::Function(export.index));
                        }
                    }
                }
                Payload::CodeSectionStart { range, .. } => code = Some((section, range.start)),
                Payload::CodeSectionEntry(body) => links.bodies.push(body.range()),
                Payload::DataSection(segments) => {
                    data = Some((section, segments.range().start));
                    for segment in segments.clone() {
                        let segment = segment?;
                        let start = segment.range.end.saturating_sub(segment.data.len());
                        links.segments.push(start..segment.range.end);
                    }
                }
                Payload::CustomSection(custom) => match custom.as_known() {
                    KnownCustom::Linking(linking) => {
                        for part in linking.subsections() {
                            if let Linking::SymbolTable(symbols) = part? {
                                for symbol in symbols {
                                    links.add_symbol(symbol?);
                                }
                            }
                        }
                    }
                    KnownCustom::Reloc(part) => {
                        for entry in part.entries() {
                            relocations.push((part.section_index(), entry?));
                        }
                    }
                    _ => {}
                },
                _ => {}
            }
            if payload.as_section().is_some() {
                section += 1;
            }
        }
        for (section, entry) in relocations {
            let start = [code, data]
                .into_iter()
                .flatten()
                .find(|(known, _)| *known == section);
            if let (Some((_, start)), Some(symbol)) = (start, symbol_in(&entry)) {
                let at = start.saturating_add(entry.offset as usize);
                links.references.push((at, symbol));
            }
        }
        links.references.sort_unstable();
        links.places = links.find_places(wasm)?;
        Ok(links)
    }

    fn add_symbol(&mut self, symbol: SymbolInfo<'_>) {
        self.symbols.push(match symbol {
            SymbolInfo::Func { index, name, .. } => {
                let names = self.names.entry(index).or_default();
                names.extend(name.map(str::to_owned));
                Symbol::Function(index)
            }
            SymbolInfo::Data {
                symbol: Some(data), ..
            } => Symbol::Data(data),
            _ => Symbol::Other,
        });
    }

    /// What the linker calls the function with this index.
    pub(super) fn names(&self, index: u32) -> BTreeSet<String> {
        self.names.get(&index).cloned().unwrap_or_default()
    }

    /// How long the code of the function with this index is.
    pub(super) fn size(&self, index: u32) -> Result<usize> {
        Ok(self.place(Node::Function(index))?.len())
    }

    /// Paths of source files, and what begins with the address of one.
    fn find_places(&self, wasm: &[u8]) -> Result<BTreeSet<usize>> {
        let mut paths = BTreeSet::new();
        let mut places = BTreeSet::new();
        for (node, symbol, _) in self.data_symbols() {
            let bytes = wasm.get(self.place(node)?).unwrap_or_default();
            let text = bytes.strip_suffix(b"\0").unwrap_or(bytes);
            if text.ends_with(b".rs") && text.is_ascii() {
                paths.insert(symbol);
            }
        }
        for (node, symbol, data) in self.data_symbols() {
            let place = self.place(node)?;
            let first = self.references.partition_point(|(at, _)| *at < place.start);
            let first = self.references.get(first);
            let is_path = first.is_some_and(|(at, to)| *at == place.start && paths.contains(to));
            if data.size == LOCATION && is_path {
                places.insert(symbol);
            }
        }
        places.extend(paths);
        Ok(places)
    }

    /// Everything that can be reached from the exports, if the functions in `mute` refer to nothing.
    pub(super) fn reachable(&self, mute: &BTreeSet<u32>) -> Result<BTreeSet<Node>> {
        let mut reached = BTreeSet::new();
        let mut open = self.exported.clone();
        while let Some(node) = open.pop() {
            let is_mute = matches!(node, Node::Function(index) if mute.contains(&index));
            if !reached.insert(node) || is_mute {
                continue;
            }
            let place = self.place(node)?;
            let first = self.references.partition_point(|(at, _)| *at < place.start);
            let references = self.references.iter().skip(first);
            for (_, symbol) in references.take_while(|(at, _)| *at < place.end) {
                open.extend(self.node(*symbol).filter(|_| !self.places.contains(symbol)));
            }
        }
        Ok(reached)
    }

    /// All data that the linker knows by symbols: which segment, and where in it.
    pub(super) fn data(&self) -> impl Iterator<Item = (Node, usize, Range<usize>)> {
        self.data_symbols().map(|(node, _, data)| {
            let end = data.offset.saturating_add(data.size);
            (
                node,
                data.index as usize,
                data.offset as usize..end as usize,
            )
        })
    }

    fn data_symbols(&self) -> impl Iterator<Item = (Node, usize, &DefinedDataSymbol)> {
        let symbols = self.symbols.iter().enumerate();
        symbols.filter_map(|(index, symbol)| match symbol {
            Symbol::Data(data) => Some((Node::Data(index), index, data)),
            _ => None,
        })
    }

    fn node(&self, symbol: usize) -> Option<Node> {
        match self.symbols.get(symbol)? {
            Symbol::Function(index) => Some(Node::Function(*index)),
            Symbol::Data(_) => Some(Node::Data(symbol)),
            Symbol::Other => None,
        }
    }

    /// Where its bytes stand in the file; nowhere for an import.
    fn place(&self, node: Node) -> Result<Range<usize>> {
        let place = match node {
            Node::Function(index) if index < self.imported => Some(0..0),
            Node::Function(index) => {
                let body = index.saturating_sub(self.imported) as usize;
                self.bodies.get(body).cloned()
            }
            Node::Data(symbol) => match self.symbols.get(symbol) {
                Some(Symbol::Data(data)) => self.segments.get(data.index as usize).map(|segment| {
                    let start = segment.start.saturating_add(data.offset as usize);
                    start..start.saturating_add(data.size as usize)
                }),
                _ => None,
            },
        };
        place.context("the linker names a place that is not in the module")
    }
}

/// Takes out of a module what the linker left for this.
pub(super) fn forget(module: &mut Module) {
    let is_left = |name: &str| name == "linking" || name.starts_with("reloc.");
    let left: Vec<_> = module
        .customs
        .iter()
        .filter(|(_, section)| is_left(section.name()))
        .map(|(id, _)| id)
        .collect();
    for id in left {
        module.customs.delete(id);
    }
}

/// Types and globals have numbers of their own; all else is a symbol.
fn symbol_in(entry: &RelocationEntry) -> Option<usize> {
    (entry.ty != RelocationType::TypeIndexLeb).then_some(entry.index as usize)
}
