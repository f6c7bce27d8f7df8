//! Whom this tab tells and hears: every tab of the origin, and its copies, which alone can name their channel. Tokens
//! come from tabs that are meant to share the session, and go to no others.

use std::rc::Rc;

use crate::config::Config;
use crate::group::Group;
use crate::record::Message;

use super::channel::Channel;

pub(super) struct Channels {
    name: String,
    token_bytes: usize,
    is_shared: bool,
    hear: Rc<dyn Fn(Message)>,
    all: Channel,
    copies: Option<(Group, Channel)>,
}

impl Channels {
    pub(super) fn join(config: &Config, hear: impl Fn(Message) + 'static) -> Self {
        let (name, token_bytes) = (config.keys.session.clone(), config.limits.token_bytes);
        let is_shared = config.is_shared();
        let hear: Rc<dyn Fn(Message)> = Rc::new(hear);
        let hear_all = hear.clone();
        let all = Channel::join(&name, token_bytes, move |message| {
            if is_shared || !message.has_tokens() {
                hear_all(message);
            }
        });
        Self {
            name,
            token_bytes,
            is_shared,
            hear,
            all,
            copies: None,
        }
    }

    /// Is on the channel of this session's copies, and on no other's.
    pub(super) fn meet(&mut self, group: Option<&Group>) {
        let group = group.filter(|_| !self.is_shared);
        if self.copies.as_ref().map(|(group, _)| group) == group {
            return;
        }
        self.copies = group.map(|group| {
            let name = [self.name.as_str(), ".", group.channel().expose()].concat();
            let hear = self.hear.clone();
            let channel = Channel::join(&name, self.token_bytes, move |message| {
                if message.has_tokens() {
                    hear(message);
                }
            });
            (group.clone(), channel)
        });
    }

    pub(super) fn tell(&self, message: &Message) {
        let copies = self.copies.as_ref().map(|(_, channel)| channel);
        let channel = if self.is_shared || !message.has_tokens() {
            Some(&self.all)
        } else {
            copies
        };
        if let Some(channel) = channel {
            channel.tell(message);
        }
    }
}
