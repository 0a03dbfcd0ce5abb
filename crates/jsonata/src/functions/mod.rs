//! The built-in functions: names, signatures, implementations. Not for how functions are called.

mod array;
mod encoding;
mod format_number;
mod higher_order;
mod json;
mod matching;
mod math;
mod object;
mod service;
mod string;
mod time;
mod url;

use std::collections::HashMap;
use std::sync::{Arc, OnceLock};

use value::{Array, Value};

use crate::eval::{Evaluated, Evaluator};
use crate::function::FunctionId;
use crate::item::{ArgList, Item};
use crate::signature::Signature;

/// A built-in function.
pub(crate) struct Builtin {
    pub(crate) name: &'static str,
    signature: &'static str,
    /// How many parameters the reference implementation declares: what higher-order functions hand over depends on it.
    pub(crate) arity: usize,
    pub(crate) run: Run,
    parsed: OnceLock<Signature>,
}

/// An implementation. Its arguments fit the signature; missing ones are undefined.
type Run = for<'e> fn(&mut Evaluator<'e>, &mut Args) -> Evaluated;

impl Builtin {
    const fn new(name: &'static str, signature: &'static str, arity: usize, run: Run) -> Builtin {
        Builtin { name, signature, arity, run, parsed: OnceLock::new() }
    }

    pub(crate) fn signature(&self) -> &Signature {
        self.parsed.get_or_init(|| Signature::parse(self.signature).unwrap_or_else(|_| Signature::anything()))
    }
}

/// Arguments of a call.
pub(crate) struct Args {
    items: ArgList,
}

impl Args {
    pub(crate) fn new(items: ArgList) -> Args {
        Args { items }
    }

    /// An argument; undefined if there is none.
    pub(crate) fn get(&self, at: usize) -> &Item {
        self.items.get(at).unwrap_or(&Item::Undefined)
    }

    /// An argument, taken out.
    pub(crate) fn take(&mut self, at: usize) -> Item {
        self.items.get_mut(at).map(std::mem::take).unwrap_or_default()
    }

    pub(crate) fn all(&self) -> &[Item] {
        &self.items
    }

    pub(crate) fn is_missing(&self, at: usize) -> bool {
        self.get(at).is_undefined()
    }

    pub(crate) fn text(&self, at: usize) -> Option<Arc<str>> {
        match self.get(at) {
            Item::Value(Value::Str(text)) => Some(Arc::clone(text)),
            _ => None,
        }
    }

    pub(crate) fn number(&self, at: usize) -> Option<f64> {
        self.get(at).as_number()
    }

    pub(crate) fn array(&self, at: usize) -> Option<Array> {
        self.get(at).as_array().cloned()
    }

    pub(crate) fn function(&self, at: usize) -> Option<FunctionId> {
        self.get(at).function()
    }
}

/// How many built-in functions there are; their ids come first.
pub(crate) fn count() -> FunctionId {
    u32::try_from(BUILTINS.len()).unwrap_or(u32::MAX)
}

/// The built-in function of that id.
pub(crate) fn get(id: FunctionId) -> Option<&'static Builtin> {
    BUILTINS.get(id as usize)
}

/// The id of the built-in function of that name.
pub(crate) fn find(name: &str) -> Option<FunctionId> {
    static BY_NAME: OnceLock<HashMap<&'static str, FunctionId>> = OnceLock::new();
    let by_name = BY_NAME.get_or_init(|| BUILTINS.iter().map(|b| b.name).zip(0..).collect());
    by_name.get(name).copied()
}

/// Whether a function of that name is built in.
pub(crate) fn is_builtin(name: &str) -> bool {
    find(name).is_some()
}

/// Signatures and arities are those of jsonata-js 2.0.6; the last six functions are the service's own.
static BUILTINS: [Builtin; 69] = [
    Builtin::new("sum", "<a<n>:n>", 1, math::sum),
    Builtin::new("count", "<a:n>", 1, array::count),
    Builtin::new("max", "<a<n>:n>", 1, math::max),
    Builtin::new("min", "<a<n>:n>", 1, math::min),
    Builtin::new("average", "<a<n>:n>", 1, math::average),
    Builtin::new("string", "<x-b?:s>", 1, json::string),
    Builtin::new("substring", "<s-nn?:s>", 3, string::substring),
    Builtin::new("substringBefore", "<s-s:s>", 2, string::substring_before),
    Builtin::new("substringAfter", "<s-s:s>", 2, string::substring_after),
    Builtin::new("lowercase", "<s-:s>", 1, string::lowercase),
    Builtin::new("uppercase", "<s-:s>", 1, string::uppercase),
    Builtin::new("length", "<s-:n>", 1, string::length),
    Builtin::new("trim", "<s-:s>", 1, string::trim),
    Builtin::new("pad", "<s-ns?:s>", 3, string::pad),
    Builtin::new("match", "<s-f<s:o>n?:a<o>>", 3, matching::match_all),
    Builtin::new("contains", "<s-(sf):b>", 2, matching::contains),
    Builtin::new("replace", "<s-(sf)(sf)n?:s>", 4, matching::replace),
    Builtin::new("split", "<s-(sf)n?:a<s>>", 3, matching::split),
    Builtin::new("join", "<a<s>s?:s>", 2, string::join),
    Builtin::new("formatNumber", "<n-so?:s>", 3, format_number::format_number),
    Builtin::new("formatBase", "<n-n?:s>", 2, math::format_base),
    Builtin::new("formatInteger", "<n-s:s>", 2, time::format_integer),
    Builtin::new("parseInteger", "<s-s:n>", 2, time::parse_integer),
    Builtin::new("number", "<(nsb)-:n>", 1, math::number),
    Builtin::new("floor", "<n-:n>", 1, math::floor),
    Builtin::new("ceil", "<n-:n>", 1, math::ceil),
    Builtin::new("round", "<n-n?:n>", 2, math::round),
    Builtin::new("abs", "<n-:n>", 1, math::abs),
    Builtin::new("sqrt", "<n-:n>", 1, math::sqrt),
    Builtin::new("power", "<n-n:n>", 2, math::power),
    Builtin::new("boolean", "<x-:b>", 1, object::boolean),
    Builtin::new("not", "<x-:b>", 1, object::not),
    Builtin::new("map", "<af>", 2, higher_order::map),
    Builtin::new("zip", "<a+>", 0, array::zip),
    Builtin::new("filter", "<af>", 2, higher_order::filter),
    Builtin::new("single", "<af?>", 2, higher_order::single),
    Builtin::new("reduce", "<afj?:j>", 3, higher_order::reduce),
    Builtin::new("sift", "<o-f?:o>", 2, higher_order::sift),
    Builtin::new("keys", "<x-:a<s>>", 1, object::keys),
    Builtin::new("lookup", "<x-s:x>", 2, object::lookup),
    Builtin::new("append", "<xx:a>", 2, array::append),
    Builtin::new("exists", "<x:b>", 1, object::exists),
    Builtin::new("spread", "<x-:a<o>>", 1, object::spread),
    Builtin::new("merge", "<a<o>:o>", 1, object::merge),
    Builtin::new("reverse", "<a:a>", 1, array::reverse),
    Builtin::new("each", "<o-f:a>", 2, higher_order::each),
    Builtin::new("error", "<s?:x>", 1, object::error),
    Builtin::new("assert", "<bs?:x>", 2, object::assert),
    Builtin::new("type", "<x:s>", 1, object::type_of),
    Builtin::new("sort", "<af?:a>", 2, higher_order::sort),
    Builtin::new("shuffle", "<a:a>", 1, array::shuffle),
    Builtin::new("distinct", "<x:x>", 1, array::distinct),
    Builtin::new("base64encode", "<s-:s>", 1, encoding::base64_encode),
    Builtin::new("base64decode", "<s-:s>", 1, encoding::base64_decode),
    Builtin::new("encodeUrlComponent", "<s-:s>", 1, url::encode_component),
    Builtin::new("encodeUrl", "<s-:s>", 1, url::encode),
    Builtin::new("decodeUrlComponent", "<s-:s>", 1, url::decode_component),
    Builtin::new("decodeUrl", "<s-:s>", 1, url::decode),
    Builtin::new("toMillis", "<s-s?:n>", 2, time::to_millis),
    Builtin::new("fromMillis", "<n-s?s?:s>", 3, time::from_millis),
    Builtin::new("clone", "<(oa)-:o>", 1, json::clone),
    Builtin::new("now", "<s?s?:s>", 2, time::now),
    Builtin::new("millis", "<:n>", 0, time::millis),
    Builtin::new("random", "<n?:n>", 1, service::random),
    Builtin::new("uuid", "<:s>", 0, service::uuid),
    Builtin::new("partition", "<an:a<a>>", 2, service::partition),
    Builtin::new("range", "<nnn:a<n>>", 3, service::range),
    Builtin::new("hash", "<s-s:s>", 2, service::hash),
    Builtin::new("parse", "<s-:x>", 1, service::parse),
];
