//! How is text put into markup?
//!
//! Every value is escaped where it is written, and each piece of markup that
//! stands in several places has one form.

use std::fmt;

use crate::policy::{Policy, Said, Texts};

/// Text that is safe between tags and in a quoted attribute.
pub(super) struct Esc<'a>(pub(super) &'a str);

impl fmt::Display for Esc<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut rest = self.0;
        while let Some((plain, found, after)) = next_special(rest) {
            f.write_str(plain)?;
            f.write_str(found)?;
            rest = after;
        }
        f.write_str(rest)
    }
}

/// The text before the next special character, what stands for it, and the text after it.
fn next_special(text: &str) -> Option<(&str, &'static str, &str)> {
    let at = text.find(['&', '<', '>', '"', '\''])?;
    let (plain, rest) = text.split_at_checked(at)?;
    let mut rest = rest.chars();
    let reference = match rest.next()? {
        '&' => "&amp;",
        '<' => "&lt;",
        '>' => "&gt;",
        '"' => "&quot;",
        _ => "&#39;",
    };
    Some((plain, reference, rest.as_str()))
}

/// What is said about a service, marked where it is English among texts in another language.
pub(super) struct Told<'a>(pub(super) Said<'a>);

impl fmt::Display for Told<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let text = Esc(self.0.text);
        if self.0.foreign {
            write!(f, "<span lang=\"en\" dir=\"ltr\">{text}</span>")
        } else {
            write!(f, "{text}")
        }
    }
}

pub(super) struct Nonce<'a>(pub(super) &'a str);

impl fmt::Display for Nonce<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.0 {
            "" => Ok(()),
            nonce => write!(f, " nonce=\"{}\"", Esc(nonce)),
        }
    }
}

/// `lang` and `dir`.
pub(super) struct Language<'a>(pub(super) &'a Texts);

impl fmt::Display for Language<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (tag, direction) = (&self.0.language, direction(self.0));
        write!(f, "lang=\"{}\" dir=\"{direction}\"", Esc(tag))
    }
}

/// Where lines of these texts begin, for `dir`.
pub(super) fn direction(texts: &Texts) -> &'static str {
    let primary = texts.language.split('-').next().unwrap_or_default();
    let right_to_left = ["ar", "ckb", "dv", "fa", "he", "ps", "sd", "ug", "ur", "yi"];
    match right_to_left.contains(&&*primary.to_ascii_lowercase()) {
        true => "rtl",
        false => "ltr",
    }
}

/// The start of a form's tag; whoever writes it closes it.
pub(super) struct Form<'a>(pub(super) &'a Policy);

impl fmt::Display for Form<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(
            f,
            "<form method=\"post\" action=\"{}/choice\"",
            Esc(self.0.prefix())
        )
    }
}

/// The path to come back to, where the choice is made, and in which language it was put.
pub(super) struct Hidden<'a>(
    pub(super) &'a str,
    pub(super) &'static str,
    pub(super) &'a str,
);

impl fmt::Display for Hidden<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(
            f,
            "<input type=\"hidden\" name=\"next\" value=\"{}\"><input type=\"hidden\" name=\"source\" value=\"{}\"><input type=\"hidden\" name=\"lang\" value=\"{}\">",
            Esc(self.0),
            self.1,
            Esc(self.2)
        )
    }
}

/// A button that makes a choice. All are drawn alike.
pub(super) struct Button<'a>(
    pub(super) &'static str,
    pub(super) &'a str,
    pub(super) &'static str,
);

impl fmt::Display for Button<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self(choice, label, attributes) = self;
        write!(
            f,
            "<button name=\"choice\" value=\"{choice}\" data-tc-{choice}{attributes}>{}</button>",
            Esc(label)
        )
    }
}

/// Marks controls whose words are too long for three in a row on a phone.
pub(super) struct Long<'a>(pub(super) &'a Texts);

impl fmt::Display for Long<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Texts {
            reject,
            accept,
            choose,
            save,
            ..
        } = self.0;
        let long = [reject, accept, choose, save]
            .iter()
            .flat_map(|label| label.split_whitespace())
            // Chinese, Japanese and Korean letters are twice as wide.
            .any(|word| {
                word.chars()
                    .map(|letter| if letter < '\u{2e80}' { 1 } else { 2 })
                    .sum::<usize>()
                    > 8
            });
        f.write_str(if long { " tc-long" } else { "" })
    }
}

pub(super) struct Checked(pub(super) bool);

impl fmt::Display for Checked {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(if self.0 { " checked" } else { "" })
    }
}
