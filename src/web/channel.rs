//! What tabs say to each other: on a channel of the whole origin, and where only copies of a tab share its session on
//! one that no other page can name. Without `BroadcastChannel` they say nothing, and find out at their next wake or
//! refresh.

use wasm_bindgen::JsCast;
use web_sys::{BroadcastChannel, Event, MessageEvent};

use crate::record::Message;

use super::global::global;
use super::listeners::Listener;

pub(super) struct Channel {
    port: Option<BroadcastChannel>,
    _listener: Option<Listener>,
}

impl Channel {
    /// Joins the channel of this name; `handle` gets what other tabs say, where it has the right shape and
    /// no token in it is longer than `limit`.
    pub(super) fn join(name: &str, limit: usize, handle: impl Fn(Message) + 'static) -> Self {
        let port = global("BroadcastChannel").and_then(|_| BroadcastChannel::new(name).ok());
        let target = port.clone().map(Into::into);
        let on_message = move |event: Event| {
            let text = event.unchecked_into::<MessageEvent>().data().as_string();
            if let Some(message) = text.and_then(|text| Message::from_text(&text, limit)) {
                handle(message);
            }
        };
        let listener = Listener::new(target, "message", Box::new(on_message));
        Self {
            port,
            _listener: listener,
        }
    }

    pub(super) fn tell(&self, message: &Message) {
        if let Some(port) = &self.port {
            let _ = port.post_message(&message.to_text().expose().into());
        }
    }
}

impl Drop for Channel {
    fn drop(&mut self) {
        if let Some(port) = &self.port {
            port.close();
        }
    }
}
