//! What a fresh machine lacks: each module finds one thing, installs it, or says what to run.

pub(crate) mod browsers;
pub(crate) mod debian;
pub(crate) mod display;
pub(crate) mod geckodriver;
pub(crate) mod node;
pub(crate) mod postgres;
pub(crate) mod python;
pub(crate) mod tool;
pub(crate) mod wasm_target;
