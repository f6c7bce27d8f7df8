//! From a text to the tree.
//!
//! The grammar of RFC 8259 and nothing else, in the few ways that the core needs: a general library's
//! reader (positions of errors, many target types, floats to the last bit) would cost users 10 kB.

use super::{Json, Members};

/// Deeper nesting is refused, so that none can exhaust the stack.
const DEPTH: u32 = 127;

/// Numbers keep this many digits and a bit: more than a double can hold.
const MANTISSA: u64 = 1_000_000_000_000_000_000;

/// The largest power of ten that a double holds exactly.
const EXACT_POWER: i32 = 22;

/// Reads the whole of `text` as one value.
pub(super) fn read(text: &str) -> Option<Json> {
    let mut reader = Reader(text);
    let value = reader.value(DEPTH)?;
    reader.0.is_empty().then_some(value)
}

/// The text of a member of the object in `text`, as it stands there; of duplicates the last one.
pub(super) fn raw<'a>(text: &'a str, name: &str) -> Option<&'a str> {
    let mut reader = Reader(text);
    let mut found = None;
    reader.skip_space();
    reader.items(b'}', |reader| {
        reader.skip_space();
        let known = reader.text()?;
        reader.skip_space();
        reader.expect(b':')?;
        let before = reader.0;
        reader.value(DEPTH)?;
        if known == name {
            let length = before.len().checked_sub(reader.0.len())?;
            found = before.get(..length);
        }
        Some(())
    })?;
    Some(found?.trim_ascii())
}

/// What has not been read yet.
struct Reader<'a>(&'a str);

impl Reader<'_> {
    /// A value, and the space around it.
    fn value(&mut self, depth: u32) -> Option<Json> {
        self.skip_space();
        let value = match self.peek() {
            b'{' => self.object(depth)?,
            b'[' => self.list(depth)?,
            b'"' => Json::Text(self.text()?),
            b't' => self.word("true", Json::Flag(true))?,
            b'f' => self.word("false", Json::Flag(false))?,
            b'n' => self.word("null", Json::Null)?,
            _ => Json::Number(self.number()?),
        };
        self.skip_space();
        Some(value)
    }

    fn object(&mut self, depth: u32) -> Option<Json> {
        let mut members = Vec::new();
        self.items(b'}', |reader| {
            reader.skip_space();
            let name = reader.text()?;
            reader.skip_space();
            reader.expect(b':')?;
            members.push((name, reader.value(depth.checked_sub(1)?)?));
            Some(())
        })?;
        Some(Json::Object(Members(members)))
    }

    fn list(&mut self, depth: u32) -> Option<Json> {
        let mut items = Vec::new();
        self.items(b']', |reader| {
            items.push(reader.value(depth.checked_sub(1)?)?);
            Some(())
        })?;
        Some(Json::List(items))
    }

    /// What stands between two brackets, with commas between.
    fn items(&mut self, end: u8, mut item: impl FnMut(&mut Self) -> Option<()>) -> Option<()> {
        self.next()?;
        self.skip_space();
        if self.skip(end) {
            return Some(());
        }
        loop {
            item(self)?;
            if !self.skip(b',') {
                return self.expect(end);
            }
        }
    }

    fn word(&mut self, word: &str, value: Json) -> Option<Json> {
        self.0 = self.0.strip_prefix(word)?;
        Some(value)
    }

    // ── Texts ──

    fn text(&mut self) -> Option<String> {
        self.expect(b'"')?;
        let mut text = String::new();
        loop {
            let is_special = |byte| matches!(byte, b'"' | b'\\' | 0..=0x1f);
            let (plain, rest) = self
                .0
                .split_at_checked(self.0.bytes().position(is_special)?)?;
            text.push_str(plain);
            self.0 = rest;
            match self.next()? {
                b'"' => return Some(text),
                b'\\' => text.push(self.escaped()?),
                _ => return None,
            }
        }
    }

    fn escaped(&mut self) -> Option<char> {
        Some(match self.next()? {
            b'b' => '\u{8}',
            b'f' => '\u{c}',
            b'n' => '\n',
            b'r' => '\r',
            b't' => '\t',
            b'u' => return self.code_point(),
            byte @ (b'"' | b'\\' | b'/') => char::from(byte),
            _ => return None,
        })
    }

    /// Four hexadecimal digits; of a surrogate pair all eight. Half a pair is no text.
    fn code_point(&mut self) -> Option<char> {
        let mut code = self.code_unit()?;
        if code & 0xfc00 == 0xd800 {
            self.expect(b'\\')?;
            self.expect(b'u')?;
            let low = self.code_unit()? ^ 0xdc00;
            if low > 0x3ff {
                return None;
            }
            code = (code & 0x3ff).wrapping_add(0x40) << 10 | low;
        }
        char::from_u32(code)
    }

    fn code_unit(&mut self) -> Option<u32> {
        let mut code = 0;
        for _ in 0..4 {
            code = code << 4 | char::from(self.next()?).to_digit(16)?;
        }
        Some(code)
    }

    // ── Numbers ──

    fn number(&mut self) -> Option<f64> {
        let is_negative = self.skip(b'-');
        let mut decimal = Decimal::default();
        if !self.skip(b'0') {
            self.digits(&mut decimal, 0)?;
        }
        if self.skip(b'.') {
            self.digits(&mut decimal, -1)?;
        }
        if self.peek() | 0x20 == b'e' {
            self.next()?;
            let is_small = self.skip(b'-');
            if !is_small {
                self.skip(b'+');
            }
            let mut power = Decimal::default();
            self.digits(&mut power, 0)?;
            // Far beyond what matters, and far from overflowing.
            let power = i32::try_from(power.mantissa.min(1_000_000)).ok()?;
            let power = if is_small {
                power.wrapping_neg()
            } else {
                power
            };
            decimal.exponent = decimal.exponent.saturating_add(power);
        }
        let number = decimal.value();
        // JavaScript reads infinity here; a time or a length that no double holds is a mistake or a trick.
        let number = number.is_finite().then_some(number)?;
        Some(if is_negative { -number } else { number })
    }

    /// One digit or more; each moves the point by `shift`.
    fn digits(&mut self, decimal: &mut Decimal, shift: i32) -> Option<()> {
        let mut has_some = false;
        while self.peek().is_ascii_digit() {
            let digit = self.next()?.wrapping_sub(b'0');
            decimal.push(digit, shift);
            has_some = true;
        }
        has_some.then_some(())
    }

    // ── Bytes ──

    /// The next byte; at the end one that nothing begins with.
    fn peek(&self) -> u8 {
        self.0.bytes().next().unwrap_or(0)
    }

    fn next(&mut self) -> Option<u8> {
        let first = self.0.bytes().next()?;
        self.0 = self.0.get(1..)?;
        Some(first)
    }

    fn skip(&mut self, byte: u8) -> bool {
        let is_next = self.0.bytes().next() == Some(byte);
        if is_next {
            self.next();
        }
        is_next
    }

    fn expect(&mut self, byte: u8) -> Option<()> {
        self.skip(byte).then_some(())
    }

    fn skip_space(&mut self) {
        while matches!(self.peek(), b' ' | b'\n' | b'\r' | b'\t') {
            self.next();
        }
    }
}

/// A number as it is written: `mantissa` times ten to the power of `exponent`.
#[derive(Default)]
struct Decimal {
    mantissa: u64,
    exponent: i32,
}

impl Decimal {
    fn push(&mut self, digit: u8, shift: i32) {
        let shift = if self.mantissa < MANTISSA {
            self.mantissa = self.mantissa.wrapping_mul(10).wrapping_add(digit.into());
            shift
        } else {
            shift.wrapping_add(1)
        };
        self.exponent = self.exponent.saturating_add(shift);
    }

    /// Exact for what fits in a double with its power of ten, as every date and every count does; else
    /// right to fifteen digits.
    fn value(&self) -> f64 {
        let mut value = self.mantissa as f64;
        let mut left = self.exponent;
        while left != 0 && value != 0.0 && value.is_finite() {
            let step = left.clamp(-EXACT_POWER, EXACT_POWER);
            let mut power = 1.0;
            for _ in 0..step.unsigned_abs() {
                power *= 10.0;
            }
            value = if step < 0 {
                value / power
            } else {
                value * power
            };
            left = left.wrapping_sub(step);
        }
        value
    }
}
