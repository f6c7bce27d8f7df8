//! Bytes as printable characters: each is always written in the same way, so what repeats among the bytes repeats
//! in the text. The bytes that come most are one character. Others are two, and the first of the two, which is one
//! of the first two of the alphabet, says by how much the second is lifted.
//!
//! The text begins with 256 characters that say for each byte whether it comes often.

/// The first character of printable ASCII, and so many there are.
const FIRST: u8 = b' ';
const PRINTABLE: u8 = 95;
/// Means something within quotes, in a template or in a page: without it no tool has to escape any of the text.
const SPECIAL: [u8; 6] = *b"\"$'<\\`";
const LIFTS: usize = 2;
/// So many bytes are one character.
const PLAIN: usize = PRINTABLE as usize - SPECIAL.len() - LIFTS;
const BYTES: usize = 256;

/// Of so many bytes is the length of a part, the lowest first.
pub(crate) const LENGTH: usize = 3;

const OFTEN: u8 = b'1';
#[cfg(not(target_arch = "wasm32"))]
const SELDOM: u8 = b'0';

fn alphabet() -> impl Iterator<Item = u8> {
    (FIRST..FIRST + PRINTABLE).filter(|character| !SPECIAL.contains(character))
}

/// The bytes in the order of their characters.
fn order(is_often: impl Fn(u8) -> bool) -> [u8; BYTES] {
    let mut order = [0; BYTES];
    let mut places = order.iter_mut();
    for wanted in [true, false] {
        for byte in 0..=u8::MAX {
            if is_often(byte) == wanted
                && let Some(place) = places.next()
            {
                *place = byte;
            }
        }
    }
    order
}

#[cfg(not(target_arch = "wasm32"))]
pub(crate) fn write(bytes: &[u8]) -> String {
    let alphabet: Vec<u8> = alphabet().collect();
    let mut counts = [0_u32; BYTES];
    for byte in bytes {
        counts[usize::from(*byte)] += 1;
    }
    let mut ranking: Vec<u8> = (0..=u8::MAX).collect();
    ranking.sort_by_key(|byte| std::cmp::Reverse(counts[usize::from(*byte)]));
    let often = &ranking[..PLAIN];
    let order = order(|byte| often.contains(&byte));

    let flags = (0..=u8::MAX).map(|byte| if often.contains(&byte) { OFTEN } else { SELDOM });
    let mut text: Vec<u8> = flags.collect();
    for byte in bytes {
        let place = order
            .iter()
            .position(|known| known == byte)
            .expect("all bytes have a place");
        let lift = place / PLAIN;
        text.extend(lift.checked_sub(1).map(|lift| alphabet[lift]));
        text.push(alphabet[LIFTS + place % PLAIN]);
    }
    text.into_iter().map(char::from).collect()
}

/// Writes the bytes over the text, which is never shorter, and gives them.
pub(crate) fn read(text: &mut [u8]) -> Option<&[u8]> {
    let order = order(|byte| text.get(usize::from(byte)) == Some(&OFTEN));
    let mut values = [0; 128];
    for (character, value) in alphabet().zip(0_u8..) {
        *values.get_mut(usize::from(character))? = value;
    }
    let mut length = 0_usize;
    let mut lift = 0_usize;
    for at in BYTES..text.len() {
        let character = *text.get(at)?;
        let value = usize::from(*values.get(usize::from(character))?);
        if value < LIFTS {
            lift = PLAIN * (value + 1);
        } else {
            let place = lift.wrapping_add(value).wrapping_sub(LIFTS);
            *text.get_mut(length)? = *order.get(place)?;
            length = length.wrapping_add(1);
            lift = 0;
        }
    }
    text.get(..length)
}
