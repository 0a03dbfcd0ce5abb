//! The functions that the service adds to JSONata: `$partition`, `$range`, `$hash`, `$random`, `$uuid`, `$parse`
//! (developer guide, "Transforming data with JSONata"). Not for their JSONPath counterparts, the intrinsic functions.
//!
//! The service rounds numbers down where it wants integers (developer guide). What it says about arguments that it refuses is not
//! known; these texts are ours.

use md5::Md5;
use sha1::Sha1;
use sha2::{Digest, Sha256, Sha384, Sha512};
use value::Value;

use super::Args;
use crate::error::Fault;
use crate::eval::{Evaluated, Evaluator};
use crate::item::Item;
use crate::number;

/// The longest `$range` that the service gives (measured by third parties).
const RANGE_MAX: i128 = 360_145;

/// A whole number, rounded down.
fn whole(args: &Args, at: usize) -> Option<i64> {
    match args.get(at) {
        Item::Value(Value::Int(i)) => Some(*i),
        item => item.as_number().map(number::floor_to_i64),
    }
}

/// `$partition(array, size)`.
pub(super) fn partition(evaluator: &mut Evaluator<'_>, args: &mut Args) -> Evaluated {
    let (Some(items), Some(size)) = (args.array(0), whole(args, 1)) else { return Ok(Item::Undefined) };
    let size = usize::try_from(size).ok().filter(|size| *size > 0);
    let size = size
        .ok_or_else(|| Fault::uncoded("the second argument of `$partition` must be at least 1".to_owned()))?;
    evaluator.budget.array(items.len())?;
    let mut out = Vec::with_capacity(items.len().div_ceil(size));
    for chunk in items.chunks(size) {
        evaluator.budget.bytes(64)?;
        out.push(Value::from(chunk.to_vec()));
    }
    Ok(Item::array(out))
}

/// `$range(first, last, step)`: both ends belong to it. It is a sequence, so one number comes as itself (recorded); that no
/// number at all gives no value follows from that, as with `..`.
pub(super) fn range(evaluator: &mut Evaluator<'_>, args: &mut Args) -> Evaluated {
    let (Some(first), Some(last), Some(step)) = (whole(args, 0), whole(args, 1), whole(args, 2)) else {
        return Ok(Item::Undefined);
    };
    if step == 0 {
        return Err(Fault::uncoded("the third argument of `$range` must not be 0".to_owned()));
    }
    let steps = (i128::from(last) - i128::from(first)) / i128::from(step);
    if (last < first) != (step < 0) && last != first {
        return Ok(Item::sequence(Vec::new()));
    }
    if steps + 1 > RANGE_MAX {
        return Err(Fault::memory());
    }
    let count = i64::try_from(steps).unwrap_or(0) + 1;
    evaluator.budget.array(usize::try_from(count).unwrap_or(usize::MAX))?;
    Ok(Item::sequence((0..count).map(|at| Value::Int(first + at * step)).collect()))
}

/// `$hash(string, algorithm)`: lower-case hexadecimal digits of the hash of the UTF-8 bytes.
pub(super) fn hash(evaluator: &mut Evaluator<'_>, args: &mut Args) -> Evaluated {
    let Some(text) = args.text(0) else { return Ok(Item::Undefined) };
    let algorithm = args.text(1).unwrap_or_default();
    evaluator.budget.steps(text.len() as u64)?;
    let hash = match &*algorithm {
        "MD5" => hex(&Md5::digest(&*text)),
        "SHA-1" => hex(&Sha1::digest(&*text)),
        "SHA-256" => hex(&Sha256::digest(&*text)),
        "SHA-384" => hex(&Sha384::digest(&*text)),
        "SHA-512" => hex(&Sha512::digest(&*text)),
        other => {
            return Err(Fault::uncoded(format!(
                "`{other}` is not an algorithm of `$hash`: use MD5, SHA-1, SHA-256, SHA-384 or SHA-512"
            )));
        }
    };
    Ok(Item::Value(Value::from(hash)))
}

fn hex(bytes: &[u8]) -> String {
    let digit = |half: u8| char::from_digit(half.into(), 16).unwrap_or('0');
    bytes.iter().flat_map(|byte| [digit(byte >> 4), digit(byte & 15)]).collect()
}

/// `$random(seed)`: the first number of `java.util.Random` with that seed (measured by third parties), or a random one.
pub(super) fn random(evaluator: &mut Evaluator<'_>, args: &mut Args) -> Evaluated {
    /// 2^-53.
    const UNIT: f64 = 1.0 / 9_007_199_254_740_992.0;
    let bits = match whole(args, 0) {
        Some(seed) => java_random_bits(seed),
        None => (evaluator.context.random)() >> 11,
    };
    #[expect(clippy::cast_precision_loss, reason = "53 bits are exact")]
    let random = bits as f64 * UNIT;
    Ok(Item::Value(number::value(random)))
}

/// The 53 bits of `new java.util.Random(seed).nextDouble()`.
fn java_random_bits(seed: i64) -> u64 {
    const MULTIPLIER: u64 = 0x5_DEEC_E66D;
    const MASK: u64 = (1 << 48) - 1;
    let mut state = (seed.cast_unsigned() ^ MULTIPLIER) & MASK;
    let mut next = |bits: u32| {
        state = (state.wrapping_mul(MULTIPLIER).wrapping_add(0xB)) & MASK;
        state >> (48 - bits)
    };
    (next(26) << 27) + next(27)
}

/// `$uuid()`: version 4.
pub(super) fn uuid(evaluator: &mut Evaluator<'_>, _: &mut Args) -> Evaluated {
    let random = evaluator.context.random;
    let high = (random() & !0xF000) | 0x4000;
    let low = (random() & !(0b11 << 62)) | (0b10 << 62);
    let text = format!(
        "{:08x}-{:04x}-{:04x}-{:04x}-{:012x}",
        high >> 32,
        (high >> 16) & 0xFFFF,
        high & 0xFFFF,
        low >> 48,
        low & 0xFFFF_FFFF_FFFF
    );
    Ok(Item::Value(Value::from(text)))
}

/// `$parse(string)`: the value of a JSON text.
pub(super) fn parse(evaluator: &mut Evaluator<'_>, args: &mut Args) -> Evaluated {
    let Some(text) = args.text(0) else { return Ok(Item::Undefined) };
    evaluator.budget.steps(text.len() as u64 / 4)?;
    // A value takes up to some dozens of times its text: `[[],[],…]`.
    evaluator.budget.bytes(text.len().saturating_mul(16))?;
    match Value::parse(&text) {
        Ok(value) => Ok(Item::Value(value)),
        Err(error) => {
            Err(Fault::uncoded(format!("the argument of `$parse` is not JSON: {}", error.message())))
        }
    }
}
