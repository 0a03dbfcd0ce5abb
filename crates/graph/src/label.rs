//! How wide a text is, and how it is cut. Estimates: no font is at hand, and the picture must be the same everywhere.

/// Width of an ordinary character at 13 px, in pixels. A little generous: a box too wide is better than a text cut by its edge.
const NARROW: f64 = 7.4;
/// Width of a character of the East Asian scripts and of pictures, in pixels.
const WIDE: f64 = 13.6;

/// The estimated width of `text` at `size` pixels.
pub fn width(text: &str, size: f64) -> f64 {
    text.chars().map(advance).sum::<f64>() * size / 13.0
}

/// `text` in one line, cut at `max` pixels with an ellipsis.
pub fn shortened(text: &str, size: f64, max: f64) -> String {
    let line: String = text.chars().map(|c| if c.is_control() { ' ' } else { c }).collect();
    if width(&line, size) <= max {
        return line;
    }
    let mut room = max * 13.0 / size - advance('…');
    let mut out = String::new();
    for character in line.chars() {
        room -= advance(character);
        if room < 0.0 {
            break;
        }
        out.push(character);
    }
    out.truncate(out.trim_end().len());
    out.push('…');
    out
}

fn advance(character: char) -> f64 {
    match character as u32 {
        0x0300..=0x036F | 0x200B..=0x200F => 0.0,
        0x1100..=0x115F | 0x2E80..=0xD7A3 | 0xF900..=0xFAFF | 0xFE30..=0xFE6F | 0xFF00..=0xFF60 => WIDE,
        0x1F300.. => WIDE,
        _ => NARROW,
    }
}

#[cfg(test)]
mod tests {
    use super::{shortened, width};

    #[test]
    fn a_long_text_is_cut_within_its_room() {
        let text = "a very long name of a state that nobody can read";
        let cut = shortened(text, 13.0, 100.0);
        assert!(cut.ends_with('…') && width(&cut, 13.0) <= 100.0, "{cut}");
        assert_eq!(shortened("short", 13.0, 100.0), "short");
        assert_eq!(shortened("two\nlines", 13.0, 100.0), "two lines");
    }

    #[test]
    fn wide_characters_take_more_room() {
        assert!(width("注文処理", 13.0) > width("abcd", 13.0));
    }
}
