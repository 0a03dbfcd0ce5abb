//! Base64, one byte a character as the reference implementation has it. Not for URLs.

use base64::Engine;
use base64::alphabet::STANDARD;
use base64::engine::{DecodePaddingMode, GeneralPurpose, GeneralPurposeConfig};
use value::Value;

use super::Args;
use crate::eval::{Evaluated, Evaluator};
use crate::item::Item;

/// Takes what other encoders leave out.
const LENIENT: GeneralPurpose = GeneralPurpose::new(
    &STANDARD,
    GeneralPurposeConfig::new()
        .with_decode_padding_mode(DecodePaddingMode::Indifferent)
        .with_decode_allow_trailing_bits(true),
);

/// `$base64encode(str)`: each character is one byte, the higher bits are lost.
pub(super) fn base64_encode(evaluator: &mut Evaluator<'_>, args: &mut Args) -> Evaluated {
    let Some(text) = args.text(0) else { return Ok(Item::Undefined) };
    evaluator.budget.string(text.len().saturating_mul(4) / 3)?;
    #[expect(clippy::cast_possible_truncation, reason = "the higher bits are lost on purpose")]
    let bytes: Vec<u8> = text.encode_utf16().map(|unit| unit as u8).collect();
    Ok(Item::Value(Value::from(LENIENT.encode(bytes))))
}

/// `$base64decode(str)`: each byte becomes one character. What is no Base64 is skipped.
pub(super) fn base64_decode(evaluator: &mut Evaluator<'_>, args: &mut Args) -> Evaluated {
    let Some(text) = args.text(0) else { return Ok(Item::Undefined) };
    evaluator.budget.string(text.len())?;
    let end = text.find('=').unwrap_or(text.len());
    let mut clean: Vec<u8> = text[..end]
        .bytes()
        .map(|byte| match byte {
            b'-' => b'+',
            b'_' => b'/',
            other => other,
        })
        .filter(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'+' | b'/'))
        .collect();
    if clean.len() % 4 == 1 {
        clean.pop();
    }
    let bytes = LENIENT.decode(clean).unwrap_or_default();
    Ok(Item::Value(Value::from(bytes.into_iter().map(char::from).collect::<String>())))
}
