//! Changes to what an answer says, field by field, for clients that must find out: see README.

use axum::http::HeaderValue;
use serde::Deserialize;
use serde_json::{Map, Value};
use url::{Url, form_urlencoded};

/// What a rule changes. Each is a merge patch (RFC 7396): a value takes the place of the field's,
/// `null` takes it out.
#[derive(Debug, Clone, Default, PartialEq, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub(crate) struct Changes {
    /// The JSON of an answer: metadata, tokens, userinfo.
    pub(crate) answer: Option<Value>,
    /// The parameters of a redirect: the callback. A list makes several of one name.
    pub(crate) callback: Option<Map<String, Value>>,
    /// The claims of an ID token, before it is signed.
    pub(crate) id_token: Option<Value>,
    /// Its header; with `alg: "none"` there is no signature.
    pub(crate) id_token_header: Option<Value>,
}

impl Changes {
    /// The parameters of a redirect's address, changed: those of its fragment, or of its query
    /// where it has no fragment.
    pub(crate) fn location(&self, location: &HeaderValue) -> Option<HeaderValue> {
        let change = self.callback.as_ref()?;
        let mut url = Url::parse(location.to_str().ok()?).ok()?;
        let fragment = url.fragment().map(str::to_owned);
        let text = fragment.as_deref().or(url.query()).unwrap_or_default();
        let changed = parameters(text, change);
        if fragment.is_some() {
            url.set_fragment(Some(&changed));
        } else {
            url.set_query(Some(&changed));
        }
        HeaderValue::from_str(url.as_str()).ok()
    }
}

fn parameters(text: &str, change: &Map<String, Value>) -> String {
    let kept = form_urlencoded::parse(text.as_bytes())
        .filter(|(name, _)| !change.contains_key(name.as_ref()));
    let mut changed = form_urlencoded::Serializer::new(String::new());
    changed.extend_pairs(kept);
    for (name, value) in change {
        let several = match value {
            Value::Array(values) => values.as_slice(),
            value => std::slice::from_ref(value),
        };
        for value in several {
            match value {
                Value::Null => {}
                Value::String(text) => {
                    changed.append_pair(name, text);
                }
                other => {
                    changed.append_pair(name, &other.to_string());
                }
            }
        }
    }
    changed.finish()
}

/// Changes a value by a merge patch (RFC 7396, 2).
pub(crate) fn patch(target: &mut Value, change: &Value) {
    let Value::Object(change) = change else {
        *target = change.clone();
        return;
    };
    if !target.is_object() {
        *target = Value::Object(Map::new());
    }
    let Value::Object(fields) = target else {
        return;
    };
    for (name, value) in change {
        if value.is_null() {
            fields.remove(name);
        } else {
            patch(fields.entry(name).or_insert(Value::Null), value);
        }
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    /// Some of RFC 7396, appendix A.
    #[test]
    fn the_examples_of_the_rfc() {
        for (original, change, result) in [
            (json!({"a":"b"}), json!({"a":"c"}), json!({"a":"c"})),
            (json!({"a":"b"}), json!({"a":null}), json!({})),
            (json!({"a":["b"]}), json!({"a":"c"}), json!({"a":"c"})),
            (
                json!({"a":{"b":"c"}}),
                json!({"a":{"b":"d","c":null}}),
                json!({"a":{"b":"d"}}),
            ),
            (json!([1, 2]), json!({"a":"b","c":null}), json!({"a":"b"})),
            (
                json!({}),
                json!({"a":{"bb":{"ccc":null}}}),
                json!({"a":{"bb":{}}}),
            ),
            (json!({"a":"foo"}), json!("bar"), json!("bar")),
        ] {
            let mut target = original;
            patch(&mut target, &change);
            assert_eq!(target, result);
        }
    }

    #[test]
    fn parameters_of_query_or_fragment() {
        let changes: Changes = serde_json::from_value(json!({
            "callback": { "iss": null, "state": "x y", "code": ["1", "2"] },
        }))
        .unwrap();
        let changed = |location: &'static str| {
            let location = changes.location(&HeaderValue::from_static(location));
            location.unwrap().to_str().unwrap().to_owned()
        };
        assert_eq!(
            changed("https://app.test/?a=b&code=c&state=s&iss=i"),
            "https://app.test/?a=b&code=1&code=2&state=x+y"
        );
        assert_eq!(
            changed("https://app.test/?a=b#code=c&iss=i"),
            "https://app.test/?a=b#code=1&code=2&state=x+y"
        );
    }
}
