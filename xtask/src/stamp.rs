//! Whether a build step has to run again.

use std::collections::BTreeSet;
use std::fs;
use std::hash::{DefaultHasher, Hash, Hasher};
use std::path::{Path, PathBuf};

use anyhow::{Context, Result};

use crate::workspace::Workspace;

/// Folders that hold results, not sources. Hidden ones do too.
const RESULTS: [&str; 4] = ["node_modules", "dist", "generated", "target"];

/// A build step: what it is made from, what it makes, and both as they were when it was last done.
pub(crate) struct Stamp {
    file: PathBuf,
    inputs: u64,
    outputs: Vec<PathBuf>,
}

impl Stamp {
    /// Reads the inputs of the step `name`: files, folders, and settings.
    pub(crate) fn read(
        workspace: &Workspace,
        name: &str,
        inputs: &[PathBuf],
        settings: &[&str],
        outputs: &[PathBuf],
    ) -> Result<Self> {
        let mut hasher = DefaultHasher::new();
        settings.hash(&mut hasher);
        for input in inputs {
            hash(input, &mut hasher)?;
        }
        Ok(Self {
            file: workspace.path("target/stamps").join(name),
            inputs: hasher.finish(),
            outputs: outputs.to_vec(),
        })
    }

    /// Whether the outputs are still those that the step made from these inputs.
    pub(crate) fn is_current(&self) -> bool {
        let Ok(noted) = fs::read_to_string(&self.file) else {
            return false;
        };
        self.text().is_ok_and(|text| text == noted)
    }

    /// Notes that the step was done.
    pub(crate) fn save(&self) -> Result<()> {
        if let Some(dir) = self.file.parent() {
            fs::create_dir_all(dir)?;
        }
        fs::write(&self.file, self.text()?)?;
        Ok(())
    }

    fn text(&self) -> Result<String> {
        let mut hasher = DefaultHasher::new();
        for output in &self.outputs {
            hash(output, &mut hasher)?;
        }
        Ok(format!("{:016x} {:016x}\n", self.inputs, hasher.finish()))
    }
}

fn hash(path: &Path, hasher: &mut DefaultHasher) -> Result<()> {
    if path.is_dir() {
        let entries = fs::read_dir(path)?
            .map(|entry| entry.map(|entry| entry.path()))
            .collect::<Result<BTreeSet<_>, _>>()?;
        for entry in entries {
            let name = entry.file_name().unwrap_or_default().to_string_lossy();
            if !name.starts_with('.') && !RESULTS.contains(&name.as_ref()) {
                hash(&entry, hasher)?;
            }
        }
    } else {
        path.hash(hasher);
        fs::read(path)
            .with_context(|| format!("cannot read {}", path.display()))?
            .hash(hasher);
    }
    Ok(())
}
