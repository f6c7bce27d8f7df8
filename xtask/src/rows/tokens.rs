//! JavaScript and TypeScript as tokens, with the partner of each bracket.

use anyhow::{Result, bail};

#[derive(Clone, Debug, PartialEq)]
pub(super) enum Token {
    /// A word: a name, a keyword, a number.
    Word(String),
    /// A text, without its quotes. What a template puts in follows, in round brackets.
    Text(String),
    /// An arrow (`=>`) is one, else each character.
    Mark(char),
}

/// `=>` as a mark.
pub(super) const ARROW: char = '⇒';

/// After these a slash begins a regular expression, as after a mark.
const BEFORE_EXPRESSION: [&str; 9] = [
    "return", "typeof", "case", "of", "in", "await", "yield", "else", "void",
];

/// The tokens of a file.
pub(super) struct Tokens {
    pub(super) all: Vec<Token>,
    /// For each bracket the place of its partner.
    partners: Vec<Option<usize>>,
}

impl Tokens {
    pub(super) fn read(text: &str) -> Result<Self> {
        let mut lexer = Lexer {
            rest: text,
            all: Vec::new(),
        };
        lexer.read(false)?;
        let all = lexer.all;
        let mut partners = vec![None; all.len()];
        let mut open = Vec::new();
        for (at, token) in all.iter().enumerate() {
            match token {
                Token::Mark(mark @ ('(' | '[' | '{')) => open.push((at, closing(*mark))),
                Token::Mark(mark @ (')' | ']' | '}')) => match open.pop() {
                    Some((from, wanted)) if wanted == *mark => {
                        partners[from] = Some(at);
                        partners[at] = Some(from);
                    }
                    _ => bail!("a bracket is closed that is not open: token {at}, {mark}"),
                },
                _ => {}
            }
        }
        if let Some((at, wanted)) = open.pop() {
            bail!("no {wanted} for token {at}");
        }
        Ok(Self { all, partners })
    }

    pub(super) fn word(&self, at: usize) -> Option<&str> {
        match self.all.get(at) {
            Some(Token::Word(word)) => Some(word),
            _ => None,
        }
    }

    pub(super) fn text(&self, at: usize) -> Option<&str> {
        match self.all.get(at) {
            Some(Token::Text(text)) => Some(text),
            _ => None,
        }
    }

    pub(super) fn is(&self, at: usize, mark: char) -> bool {
        self.all.get(at) == Some(&Token::Mark(mark))
    }

    /// Whether `mark` stands before the token at `at`.
    pub(super) fn is_after(&self, at: usize, mark: char) -> bool {
        at.checked_sub(1)
            .is_some_and(|before| self.is(before, mark))
    }

    /// Where the bracket is closed, if one is opened at `at`.
    pub(super) fn end(&self, at: usize) -> Option<usize> {
        (*self.partners.get(at)?).filter(|end| *end > at)
    }

    /// Where the bracket is opened, if one is closed at `at`.
    pub(super) fn start(&self, at: usize) -> Option<usize> {
        (*self.partners.get(at)?).filter(|start| *start < at)
    }
}

const fn closing(mark: char) -> char {
    match mark {
        '(' => ')',
        '[' => ']',
        _ => '}',
    }
}

struct Lexer<'a> {
    rest: &'a str,
    all: Vec<Token>,
}

impl Lexer<'_> {
    /// Reads to the end; in a template, to the bracket that ends what is put in.
    fn read(&mut self, in_template: bool) -> Result<()> {
        let mut depth = 0_usize;
        while let Some(first) = self.rest.chars().next() {
            match first {
                '}' if in_template && depth == 0 => return Ok(()),
                _ if first.is_whitespace() => self.skip(first.len_utf8()),
                '/' if self.rest.starts_with("//") => {
                    self.skip(self.rest.find('\n').unwrap_or(self.rest.len()));
                }
                '/' if self.rest.starts_with("/*") => match self.rest.find("*/") {
                    Some(end) => self.skip(end + 2),
                    None => bail!("a comment has no end"),
                },
                '/' => self.slash(),
                '"' | '\'' => self.quoted(first),
                '`' => self.template()?,
                '=' if self.rest.starts_with("=>") => {
                    self.all.push(Token::Mark(ARROW));
                    self.skip(2);
                }
                _ if is_of_word(first) => {
                    let end = self.rest.find(|next| !is_of_word(next));
                    let end = end.unwrap_or(self.rest.len());
                    self.all.push(Token::Word(self.rest[..end].to_owned()));
                    self.skip(end);
                }
                _ => {
                    match first {
                        '{' => depth += 1,
                        '}' => depth = depth.saturating_sub(1),
                        _ => {}
                    }
                    self.all.push(Token::Mark(first));
                    self.skip(first.len_utf8());
                }
            }
        }
        if in_template {
            bail!("a template has no end");
        }
        Ok(())
    }

    /// A regular expression, or a division.
    fn slash(&mut self) {
        let regex = self.expression_begins().then(|| self.regex()).flatten();
        self.all.push(match regex {
            Some(_) => Token::Text(String::new()),
            None => Token::Mark('/'),
        });
        self.skip(regex.unwrap_or(1));
    }

    fn skip(&mut self, bytes: usize) {
        self.rest = &self.rest[bytes..];
    }

    fn expression_begins(&self) -> bool {
        match self.all.last() {
            None => true,
            Some(Token::Text(_)) => false,
            Some(Token::Word(word)) => BEFORE_EXPRESSION.contains(&word.as_str()),
            // `<`: the end of an element.
            Some(Token::Mark(mark)) => !matches!(mark, ')' | ']' | '}' | '<'),
        }
    }

    /// The length of a regular expression, which ends in its line.
    fn regex(&self) -> Option<usize> {
        let mut is_escaped = false;
        let mut in_class = false;
        for (at, next) in self.rest.char_indices().skip(1) {
            match next {
                '\n' => return None,
                _ if is_escaped => is_escaped = false,
                '\\' => is_escaped = true,
                '[' => in_class = true,
                ']' => in_class = false,
                '/' if !in_class => return Some(at + 1),
                _ => {}
            }
        }
        None
    }

    /// A text in its line. An apostrophe between elements is none, and counts for nothing.
    fn quoted(&mut self, quote: char) {
        let mut is_escaped = false;
        for (at, next) in self.rest.char_indices().skip(1) {
            match next {
                _ if is_escaped => is_escaped = false,
                '\\' => is_escaped = true,
                '\n' => break,
                _ if next == quote => {
                    self.all.push(Token::Text(self.rest[1..at].to_owned()));
                    return self.skip(at + 1);
                }
                _ => {}
            }
        }
        self.skip(1);
    }

    fn template(&mut self) -> Result<()> {
        self.skip(1);
        let place = self.all.len();
        self.all.push(Token::Text(String::new()));
        let mut text = String::new();
        loop {
            let mut chars = self.rest.chars();
            match chars.next() {
                None => bail!("a template has no end"),
                Some('`') => break self.skip(1),
                Some('\\') => {
                    let length = 1 + chars.next().map_or(0, char::len_utf8);
                    text.push_str(&self.rest[..length]);
                    self.skip(length);
                }
                Some('$') if self.rest.starts_with("${") => {
                    self.skip(2);
                    self.all.push(Token::Mark('('));
                    self.read(true)?;
                    self.all.push(Token::Mark(')'));
                    self.skip(1);
                    text.push('…');
                }
                Some(next) => {
                    text.push(next);
                    self.skip(next.len_utf8());
                }
            }
        }
        self.all[place] = Token::Text(text);
        Ok(())
    }
}

/// `#`: a private name.
fn is_of_word(letter: char) -> bool {
    letter.is_alphanumeric() || "_$#".contains(letter)
}

#[cfg(test)]
mod tests {
    use super::{ARROW, Token, Tokens};

    /// Words as they are, texts in quotes.
    fn shown(text: &str) -> String {
        let tokens = Tokens::read(text).unwrap().all.into_iter();
        let shown = tokens.map(|token| match token {
            Token::Word(word) => word,
            Token::Text(text) => format!("<{text}>"),
            Token::Mark(ARROW) => "=>".to_owned(),
            Token::Mark(mark) => mark.to_string(),
        });
        shown.collect::<Vec<_>>().join(" ")
    }

    #[test]
    fn texts_comments_and_regular_expressions_hold_no_code() {
        assert_eq!(
            shown(r#"a("b \" (", 'c"') // d( "#),
            r#"a ( <b \" (> , <c"> )"#
        );
        assert_eq!(shown("a /* ( \" */ = x / y / 2"), "a = x / y / 2");
        assert_eq!(
            shown(r"f(/[/(]\/'/u, (x) => /}/.y)"),
            "f ( <> u , ( x ) => <> . y )"
        );
        assert_eq!(shown("return /(/; a[0] / 2"), "return <> ; a [ 0 ] / 2");
    }

    #[test]
    fn what_a_template_puts_in_is_code() {
        assert_eq!(
            shown("a`b ${c({ d: `${e}` })} ( \\` f`;"),
            "a <b … ( \\` f> ( c ( { d : <…> ( e ) } ) ) ;"
        );
    }

    #[test]
    fn an_apostrophe_between_elements_is_no_quote() {
        assert_eq!(shown("<p>don't</p>\n<b/>"), "< p > don t < / p > < b / >");
    }

    #[test]
    fn brackets_know_their_partners_and_none_may_lack_one() {
        let tokens = Tokens::read("f({ a: [1] })").unwrap();
        assert_eq!(
            [1, 2, 5, 7].map(|at| tokens.end(at)),
            [Some(9), Some(8), Some(7), None]
        );
        for text in ["f(", "f)", "f({)}", "`${a", "/* a"] {
            assert!(Tokens::read(text).is_err(), "{text}");
        }
    }
}
