//! Firefox's driver, which Debian does not package.

use super::tool::Tool;

pub(crate) static GECKODRIVER: Tool = Tool {
    name: "geckodriver",
    version: "0.37.1",
    remedy: "install it by hand and set GECKODRIVER_BIN: https://github.com/mozilla/geckodriver/releases",
};
