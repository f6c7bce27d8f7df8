//! Both clocks.

use js_sys::Date;
use wasm_bindgen::JsCast;
use web_sys::Performance;

use crate::time::{Now, Span, Timestamp};

use super::global::global;

pub(super) struct Clock(Option<Performance>);

impl Clock {
    pub(super) fn new() -> Self {
        Self(global("performance").map(JsCast::unchecked_into))
    }

    pub(super) fn now(&self) -> Now {
        let wall = Date::now();
        let monotonic = self.0.as_ref().map_or(wall, Performance::now);
        Now {
            wall: Timestamp::from_millis(wall as i64),
            monotonic: Span::from_millis(monotonic as i64),
        }
    }
}
