//! Signatures of functions: which arguments they take, and how these are fitted to them. Not for the types of results, which
//! nobody checks.

use value::Value;

use crate::budget::Budget;
use crate::error::Fault;
use crate::function;
use crate::item::{ArgList, Focus, Item};

/// More parameters are refused: matching them is a small backtracking search.
const PARAMETERS_MAX: usize = 64;

/// A parsed signature such as `<s-nn?:s>`.
#[derive(Clone, Debug)]
pub(crate) struct Signature {
    params: Vec<Param>,
    /// No parameter is optional, repeated or taken from the context.
    fixed: bool,
}

#[derive(Clone, Debug, Default)]
struct Param {
    /// Symbols of the types that it takes.
    types: Vec<u8>,
    /// It was declared as `a`: anything else becomes an array.
    array: bool,
    /// What the elements of the array must be, or all arguments that are none.
    subtype: Option<String>,
    /// The context stands in for it.
    context: bool,
    optional: bool,
    repeated: bool,
    /// Whether type parameters may follow.
    parameterised: bool,
}

impl Signature {
    /// Any one argument.
    pub(crate) fn anything() -> Signature {
        Signature { params: vec![Param::new('x', b"asnblfom")], fixed: true }
    }

    /// Reads a signature, from `<` on.
    pub(crate) fn parse(text: &str) -> Result<Signature, Fault> {
        let chars: Vec<char> = text.chars().collect();
        let mut params: Vec<Param> = Vec::new();
        let mut at = 1;
        while let Some(symbol) = chars.get(at).copied() {
            match symbol {
                ':' => break,
                's' | 'n' | 'b' | 'l' | 'o' => params.push(Param::new(symbol, &[symbol as u8, b'm'])),
                'a' => params.push(Param { array: true, ..Param::new(symbol, b"asnblfom") }),
                'f' => params.push(Param::new(symbol, b"f")),
                'j' => params.push(Param::new(symbol, b"asnblom")),
                'x' => params.push(Param::new(symbol, b"asnblfom")),
                '(' => {
                    let end = closing(&chars, at, '(', ')');
                    let choice: String = chars[at + 1..end.min(chars.len())].iter().collect();
                    if choice.contains('<') {
                        return Err(Fault::new("S0402").string("value", &choice));
                    }
                    let mut types = choice.into_bytes();
                    types.push(b'm');
                    params.push(Param::new('(', &types));
                    at = end;
                }
                '<' => {
                    let end = closing(&chars, at, '<', '>');
                    let subtype = chars[at + 1..end.min(chars.len())].iter().collect();
                    match params.last_mut() {
                        Some(param) if param.parameterised => param.subtype = Some(subtype),
                        _ => return Err(Fault::new("S0401")),
                    }
                    at = end;
                }
                _ => Param::modify(params.last_mut(), symbol),
            }
            at += 1;
        }
        if params.len() > PARAMETERS_MAX {
            return Err(Fault::new("S0402"));
        }
        let fixed = params.iter().all(|p| !p.context && !p.optional && !p.repeated);
        Ok(Signature { params, fixed })
    }

    /// Fits arguments to the signature: puts the context in, wraps single values into arrays.
    pub(crate) fn validate(
        &self,
        args: ArgList,
        focus: Focus<'_>,
        budget: &Budget<'_>,
    ) -> Result<ArgList, Fault> {
        let mut args = args;
        let fits = |(param, arg): (&Param, &Item)| !param.repeated && param.types.contains(&symbol(arg));
        if self.params.len() == args.len() && self.params.iter().zip(&args).all(fits) {
            for (at, param) in self.params.iter().enumerate().filter(|(_, param)| param.array) {
                let single = symbol(&args[at]);
                if let Some(array) = param.as_array(&args[at], single, &[single], at, budget)? {
                    args[at] = array;
                }
            }
            return Ok(args);
        }
        let symbols: Vec<u8> = args.iter().map(symbol).collect();
        if self.fixed {
            return Err(self.mismatch(&symbols, budget)?);
        }
        match self.counts(&symbols, true, budget)? {
            Some(counts) => self.fit(args, &symbols, &counts, focus, budget),
            None => Err(self.mismatch(&symbols, budget)?),
        }
    }

    fn fit(
        &self,
        args: ArgList,
        symbols: &[u8],
        counts: &[usize],
        focus: Focus<'_>,
        budget: &Budget<'_>,
    ) -> Result<ArgList, Fault> {
        let mut fitted = ArgList::new();
        let mut at = 0;
        for (param, count) in self.params.iter().zip(counts) {
            if *count == 0 {
                if param.context {
                    let item: Item = focus.value.cloned().into();
                    if !param.types.contains(&symbol(&item)) {
                        return Err(Fault::new("T0411").text("index", (at + 1).to_string()));
                    }
                    fitted.push(item);
                } else {
                    fitted.push(args.get(at).cloned().unwrap_or_default());
                    at += 1;
                }
                continue;
            }
            let first = at;
            for single in &symbols[first..first + count] {
                if param.array {
                    let all = &symbols[first..first + count];
                    let array = param.as_array(&args[at], *single, all, at, budget)?;
                    fitted.push(array.unwrap_or_else(|| args[at].clone()));
                } else {
                    fitted.push(args[first].clone());
                }
                at += 1;
            }
        }
        Ok(fitted)
    }

    /// How many arguments each parameter takes, as a greedy pattern matches; `whole` wants all of them taken.
    fn counts(&self, symbols: &[u8], whole: bool, budget: &Budget<'_>) -> Result<Option<Vec<usize>>, Fault> {
        let mut counts: Vec<usize> = Vec::with_capacity(self.params.len());
        let mut taken = 0;
        loop {
            budget.steps(1)?;
            if counts.len() == self.params.len() {
                if taken == symbols.len() || !whole {
                    return Ok(Some(counts));
                }
            } else {
                let param = &self.params[counts.len()];
                let rest = &symbols[taken..];
                let fits = rest.iter().take_while(|s| param.types.contains(s)).count();
                let most = if param.repeated { fits } else { fits.min(1) };
                if most >= param.least() {
                    counts.push(most);
                    taken += most;
                    continue;
                }
            }
            // Back to the last parameter that can do with less.
            loop {
                let Some(count) = counts.pop() else { return Ok(None) };
                taken -= count;
                if count > self.params[counts.len()].least() {
                    counts.push(count - 1);
                    taken += count - 1;
                    break;
                }
            }
        }
    }

    /// The error for the first argument that does not fit.
    fn mismatch(&self, symbols: &[u8], budget: &Budget<'_>) -> Result<Fault, Fault> {
        let mut good = 0;
        for end in 1..=self.params.len() {
            let prefix = Signature { params: self.params[..end].to_vec(), fixed: false };
            match prefix.counts(symbols, false, budget)? {
                Some(counts) => good = counts.iter().sum(),
                None => break,
            }
        }
        Ok(Fault::new("T0410").text("index", (good + 1).to_string()))
    }
}

impl Param {
    fn new(symbol: char, types: &[u8]) -> Param {
        Param { types: types.to_vec(), parameterised: matches!(symbol, 'a' | 'f'), ..Param::default() }
    }

    fn modify(param: Option<&mut Param>, symbol: char) {
        let Some(param) = param else { return };
        match symbol {
            '-' => {
                param.context = true;
                param.optional = true;
            }
            '?' => param.optional = true,
            '+' => param.repeated = true,
            _ => {}
        }
    }

    /// How many arguments it needs.
    fn least(&self) -> usize {
        usize::from(!self.optional)
    }

    /// The array that the parameter wants instead of an argument, when the argument is none.
    fn as_array(
        &self,
        arg: &Item,
        single: u8,
        all: &[u8],
        at: usize,
        budget: &Budget<'_>,
    ) -> Result<Option<Item>, Fault> {
        if single == b'm' {
            return Ok(Some(Item::Undefined));
        }
        if let Some(subtype) = &self.subtype {
            let fits = match arg.as_array() {
                None => all == subtype.as_bytes(),
                Some(items) => {
                    budget.steps(items.len() as u64 / 8)?;
                    let wanted = subtype.bytes().next();
                    items.iter().all(|item| Some(value_symbol(item)) == wanted)
                }
            };
            if !fits {
                let mut fault = Fault::new("T0412").text("index", (at + 1).to_string());
                if let Some(plural) = plural(subtype) {
                    fault = fault.string("type", plural);
                }
                return Err(fault);
            }
        }
        Ok(arg.to_value().filter(|_| single != b'a').map(|value| Item::array(vec![value])))
    }
}

fn plural(subtype: &str) -> Option<&'static str> {
    Some(match subtype {
        "a" => "arrays",
        "b" => "booleans",
        "f" => "functions",
        "n" => "numbers",
        "o" => "objects",
        "s" => "strings",
        _ => return None,
    })
}

/// The position of the bracket that closes the one at `start`; the end when there is none.
fn closing(chars: &[char], start: usize, open: char, close: char) -> usize {
    let mut depth = 1;
    let mut at = start;
    while at < chars.len() {
        at += 1;
        match chars.get(at) {
            Some(c) if *c == close => {
                depth -= 1;
                if depth == 0 {
                    return at;
                }
            }
            Some(c) if *c == open => depth += 1,
            _ => {}
        }
    }
    at
}

/// The symbol of an argument's type; `m` for a missing one.
fn symbol(item: &Item) -> u8 {
    match item {
        Item::Undefined | Item::TailCall(..) => b'm',
        Item::Flagged(..) | Item::Tuples(_) => b'a',
        Item::Value(value) => value_symbol(value),
    }
}

fn value_symbol(value: &Value) -> u8 {
    match value {
        Value::Null => b'l',
        Value::Bool(_) => b'b',
        Value::Int(_) => b'n',
        Value::Float(_) if function::id(value).is_some() => b'f',
        Value::Float(_) if function::is_hole(value) => b'm',
        Value::Float(_) => b'n',
        Value::Str(_) => b's',
        Value::Arr(_) => b'a',
        Value::Obj(_) => b'o',
    }
}
