//! The part of the server's README that this command writes.

use std::fs;
use std::path::Path;

use anyhow::{Context, Result};

const BEGIN: &str = "<!-- #region load -->\n";
const END: &str = "<!-- #endregion load -->\n";

/// Puts the tables between the marks.
pub(crate) fn write(path: &Path, tables: &str) -> Result<()> {
    let text = fs::read_to_string(path).with_context(|| path.display().to_string())?;
    let text = replaced(&text, tables).context("the marks of the region `load` are missing")?;
    fs::write(path, text)?;
    println!("written: {}", path.display());
    Ok(())
}

fn replaced(text: &str, tables: &str) -> Option<String> {
    let (before, rest) = text.split_once(BEGIN)?;
    let (_, after) = rest.split_once(END)?;
    Some([before, BEGIN, "\n", tables, "\n", END, after].concat())
}

#[cfg(test)]
mod tests {
    use super::replaced;

    #[test]
    fn what_stands_between_the_marks_is_replaced() {
        let text = "a\n<!-- #region load -->\nold\n<!-- #endregion load -->\nb\n";
        let new = "a\n<!-- #region load -->\n\nnew\n\n<!-- #endregion load -->\nb\n";
        assert_eq!(replaced(text, "new\n").as_deref(), Some(new));
        assert_eq!(replaced(new, "new\n").as_deref(), Some(new));
        assert_eq!(replaced("a", "new"), None);
    }
}
