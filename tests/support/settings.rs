//! Settings for the core, as the facade resolves them: `settings.json`. The package's tests see to it that what
//! `createAuth` makes of its options is what stands there.

use hallpass::config::Config;
use hallpass::json::Members;
use serde_json::Value;

/// What is nothing where it is not asked for.
const PARTS: [&str; 6] = [
    "signIn",
    "refresh",
    "signOut",
    "redirect",
    "provider",
    "fingerprint",
];

/// These settings, and the defaults for the rest.
pub(crate) fn config(options: &str) -> Config {
    let mut settings: Value = serde_json::from_str(include_str!("settings.json")).unwrap();
    let mut settings = settings["defaults"].take();
    let asked: Value = serde_json::from_str(options).unwrap();
    for part in PARTS.into_iter().filter(|part| asked.get(part).is_none()) {
        settings[part] = Value::Null;
    }
    set(&mut settings, &asked);
    Members::parse(&settings.to_string()).unwrap().into()
}

fn set(old: &mut Value, value: &Value) {
    match value.as_object() {
        Some(members) if old.is_object() => {
            for (name, value) in members {
                let old = old.get_mut(name);
                set(old.unwrap_or_else(|| panic!("{name} is no setting")), value);
            }
        }
        _ => *old = value.clone(),
    }
}
