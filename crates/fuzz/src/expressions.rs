//! Random JSONata that mostly means something: names that the documents have, functions with arguments of the right kind.
//! Nothing here depends on the time or on chance (`$now`, `$random`), so that two implementations can be compared.

use crate::rng::Rng;

const FIELDS: &[&str] = &["a", "b", "c", "items", "name", "price", "`x y`"];
const LITERALS: &[&str] = &[
    "0",
    "1",
    "2",
    "3",
    "-1",
    "10",
    "0.5",
    "2.25",
    "'a'",
    "'b'",
    "'Hello World'",
    "\"10\"",
    "''",
    "true",
    "false",
    "null",
];
const PATTERNS: &[&str] = &["/a/", "/[a-z]+/i", "/o/", "/(l+)(o)?/", "/\\\\d+/", "/^H/", "/\\\\s/"];

/// An expression of any kind.
pub fn any(rng: &mut Rng, depth: usize) -> String {
    if depth == 0 {
        return if rng.chance(50) { rng.pick(LITERALS).to_owned() } else { path(rng, 0) };
    }
    let d = depth - 1;
    match rng.below(30) {
        0..=1 => rng.pick(LITERALS).to_owned(),
        2..=6 => path(rng, d),
        7..=8 => number(rng, depth),
        9 => text(rng, depth),
        10 => condition(rng, depth),
        11 => format!("{} ? {} : {}", condition(rng, d), any(rng, d), any(rng, d)),
        12 => format!("[{}]", list(rng, d, 3)),
        13 => {
            format!("{{'k': {}, {}: {}}}", any(rng, d), rng.pick(&["'m'", "name", "$string(a)"]), any(rng, d))
        }
        14 => format!("($x := {}; {})", any(rng, d), with_variable(rng, d)),
        15..=17 => call(rng, d),
        18..=19 => higher(rng, d),
        20 => {
            format!("{}{{{}: {}}}", path(rng, d), rng.pick(&["name", "$string(price)", "'k'"]), any(rng, d))
        }
        21 => format!(
            "{}^({}{})",
            path(rng, d),
            rng.pick(&["", ">", "<"]),
            rng.pick(&["price", "name", "a", "$"])
        ),
        22 => format!("[{}..{}]", rng.below(4), rng.below(7)),
        23 => format!(
            "{} ~> {}",
            any(rng, d),
            rng.pick(&[
                "$count",
                "$string",
                "$sum",
                "$keys",
                "$type",
                "$boolean",
                "$uppercase",
                "$append([1])"
            ])
        ),
        24 => format!(
            "{} ~> |{}|{{'n': {}}}{}|",
            path(rng, d),
            path(rng, 0),
            any(rng, d),
            rng.pick(&["", ", 'a'", ", ['b','c']"])
        ),
        25 => format!("{}@$p.{}", field(rng), rng.pick(&["{'p': $p, 'q': price}", "$p", "a[$ = $p.a]"])),
        26 => format!("{}#$i.{}", field(rng), rng.pick(&["{'i': $i, 'v': name}", "$i", "$[$i]"])),
        27 => format!("{}.{}.{{'up': %.{}}}", field(rng), field(rng), field(rng)),
        28 => format!("({})[{}]", any(rng, d), rng.pick(&["0", "-1", "1", "$ > 1", "a", "[0,1]"])),
        _ => format!("-{}", number(rng, d)),
    }
}

fn list(rng: &mut Rng, depth: usize, most: usize) -> String {
    (0..rng.below(most + 1)).map(|_| any(rng, depth)).collect::<Vec<_>>().join(", ")
}

fn field(rng: &mut Rng) -> &'static str {
    rng.pick(FIELDS)
}

fn path(rng: &mut Rng, depth: usize) -> String {
    let mut text = match rng.below(8) {
        0 => "$".to_owned(),
        1 => "$$".to_owned(),
        2 => rng.pick(&["*", "**"]).to_owned(),
        _ => field(rng).to_owned(),
    };
    for _ in 0..rng.below(4) {
        match rng.below(14) {
            0..=6 => text = format!("{text}.{}", field(rng)),
            7 => text = format!("{text}.*"),
            8 => text.push_str(rng.pick(&["[0]", "[-1]", "[1]", "[[0..1]]", "[5]"])),
            9 if depth > 0 => text = format!("{text}[{}]", condition(rng, depth - 1)),
            10 if depth > 0 => text = format!("{text}.({})", any(rng, depth - 1)),
            11 => text.push_str("[]"),
            12 if depth > 0 => text = format!("{text}.{{'v': {}}}", any(rng, depth - 1)),
            13 if depth > 0 => text = format!("{text}.[{}]", any(rng, depth - 1)),
            _ => {}
        }
    }
    text
}

fn number(rng: &mut Rng, depth: usize) -> String {
    if depth == 0 {
        return rng.pick(&["1", "2", "0.5", "3", "10", "price", "a", "-1"]).to_owned();
    }
    let d = depth - 1;
    match rng.below(10) {
        0..=4 => format!("{} {} {}", number(rng, d), rng.pick(&["+", "-", "*", "/", "%"]), number(rng, d)),
        5 => format!("({} + {}) * {}", number(rng, d), number(rng, d), number(rng, d)),
        6 => format!("{}({})", rng.pick(&["$sum", "$max", "$min", "$average", "$count"]), path(rng, d)),
        7 => format!("{}({})", rng.pick(&["$floor", "$ceil", "$abs", "$round", "$sqrt"]), number(rng, d)),
        8 => format!("$length({})", text(rng, d)),
        _ => format!("$number({})", rng.pick(&["'10'", "'2.5'", "true", "price", "'0x1F'"])),
    }
}

fn text(rng: &mut Rng, depth: usize) -> String {
    if depth == 0 {
        return rng.pick(&["'a'", "'Hello World'", "name", "'x,y'", "''"]).to_owned();
    }
    let d = depth - 1;
    match rng.below(12) {
        0..=2 => format!("{} & {}", text(rng, d), any(rng, d)),
        3 => format!("$string({}{})", any(rng, d), rng.pick(&["", "", ", true"])),
        4 => format!("{}({})", rng.pick(&["$uppercase", "$lowercase", "$trim"]), text(rng, d)),
        5 => format!(
            "$substring({}, {}{})",
            text(rng, d),
            rng.below(6) as i64 - 2,
            rng.pick(&["", ", 2", ", 0"])
        ),
        6 => format!(
            "$substring{}({}, {})",
            rng.pick(&["Before", "After"]),
            text(rng, d),
            rng.pick(&["'l'", "' '", "'zz'"])
        ),
        7 => format!("$pad({}, {}{})", text(rng, d), rng.below(20) as i64 - 8, rng.pick(&["", ", '-='"])),
        8 => {
            // A function only for a pattern: with a text to look for, jsonata-js takes the function's source.
            let by = ["'#'", "'[$0]'", "'$1'", "function($m){$m.match & '!'}"];
            let pattern = matcher(rng);
            let by = rng.pick(if pattern.starts_with('/') { &by[..] } else { &by[..3] });
            format!("$replace({}, {pattern}, {by}{})", text(rng, d), rng.pick(&["", ", 1"]))
        }
        9 => format!(
            "$join({}{})",
            rng.pick(&["['a','b']", "$split('x y z', ' ')", "items.name"]),
            rng.pick(&["", ", '-'"])
        ),
        10 => format!(
            "$formatNumber({}, {})",
            rng.pick(&["1234.5", "0.125", "-7", "price"]),
            rng.pick(&["'#,##0.00'", "'0.0'", "'00'", "'#0%'"])
        ),
        _ => format!("$formatBase({}{})", rng.below(300), rng.pick(&["", ", 2", ", 16"])),
    }
}

fn matcher(rng: &mut Rng) -> &'static str {
    if rng.chance(60) { rng.pick(PATTERNS) } else { rng.pick(&["'l'", "'a'", "' '"]) }
}

fn condition(rng: &mut Rng, depth: usize) -> String {
    if depth == 0 {
        return rng.pick(&["true", "a = 1", "price > 2", "name = 'a'", "b", "$exists(c)"]).to_owned();
    }
    let d = depth - 1;
    match rng.below(9) {
        0..=1 => format!("{} {} {}", number(rng, d), rng.pick(&["<", "<=", ">", ">="]), number(rng, d)),
        2..=3 => format!("{} {} {}", any(rng, d), rng.pick(&["=", "!="]), any(rng, d)),
        4 => format!("{} and {}", condition(rng, d), condition(rng, d)),
        5 => format!("{} or {}", condition(rng, d), condition(rng, d)),
        6 => format!("{} in {}", any(rng, 0), any(rng, d)),
        7 => format!("$not({})", any(rng, d)),
        _ => format!("$contains({}, {})", text(rng, d), matcher(rng)),
    }
}

fn with_variable(rng: &mut Rng, depth: usize) -> String {
    match rng.below(5) {
        0 => "$x".to_owned(),
        1 => format!("$x.{}", field(rng)),
        2 => format!("[$x, {}]", any(rng, depth)),
        3 => format!("{}[$ = $x]", path(rng, depth)),
        _ => format!("($f := function($y){{ $y & $x }}; $f({}))", any(rng, depth)),
    }
}

fn call(rng: &mut Rng, depth: usize) -> String {
    let one = any(rng, depth);
    match rng.below(20) {
        0..=4 => {
            let names = [
                "$keys",
                "$spread",
                "$merge",
                "$distinct",
                "$reverse",
                "$type",
                "$exists",
                "$boolean",
                "$count",
                "$string",
            ];
            format!("{}({one})", rng.pick(&names))
        }
        5 => format!("$append({one}, {})", any(rng, depth)),
        6 => format!("$lookup({one}, {})", rng.pick(&["'a'", "'name'", "'zz'"])),
        7 => format!("$zip({one}, {})", any(rng, depth)),
        8 => format!("$sort({one})"),
        9 => format!("$split({}, {}{})", text(rng, depth), matcher(rng), rng.pick(&["", ", 2"])),
        10 => format!("$match({}, {})", text(rng, depth), rng.pick(PATTERNS)),
        11 => number(rng, depth),
        12 => text(rng, depth),
        13 => format!("$power({}, {})", number(rng, depth), rng.pick(&["2", "0.5", "-1", "3"])),
        14 => format!("$round({}, {})", number(rng, depth), rng.below(5) as i64 - 2),
        15 => format!("$base64encode({})", text(rng, depth)),
        16 => format!("$encodeUrlComponent({})", text(rng, depth)),
        17 => format!(
            "$fromMillis({}{})",
            rng.pick(&["0", "1700000000000", "86400000"]),
            rng.pick(&["", ", '[Y]-[M01]-[D01]'", ", '[h]:[m01] [P]'", ", '[FNn], [D1o] [MNn]'"])
        ),
        18 => {
            format!("$toMillis({})", rng.pick(&["'2024-02-29T12:00:00Z'", "'2020-01-01'", "'1999'", "name"]))
        }
        _ => format!(
            "$formatInteger({}, {})",
            rng.below(4000),
            rng.pick(&["'w'", "'I'", "'a'", "'#,##0'", "'1;o'"])
        ),
    }
}

fn higher(rng: &mut Rng, depth: usize) -> String {
    let over = if rng.chance(50) { path(rng, depth) } else { any(rng, depth) };
    match rng.below(9) {
        0..=1 => format!(
            "$map({over}, function($v, $i){{ {} }})",
            rng.pick(&["$v", "$i", "[$v, $i]", "$v.a", "$string($v)", "{'v': $v}"])
        ),
        2 => format!(
            "$filter({over}, function($v){{ {} }})",
            rng.pick(&["$v.a", "$v > 1", "$v", "$v.price > 2", "$type($v) = 'string'"])
        ),
        3 => format!(
            "$reduce({over}, function($p, $v){{ {} }}{})",
            rng.pick(&["$p & $v", "[$p, $v]", "$append($p, $v)"]),
            rng.pick(&["", ", ''", ", 0"])
        ),
        4 => format!("$sift({over}, function($v, $k){{ {} }})", rng.pick(&["$k = 'a'", "$v", "$k > 'b'"])),
        5 => format!("$each({over}, function($v, $k){{ {} }})", rng.pick(&["$k", "$k & $string($v)", "$v"])),
        6 => format!("$single({over}, function($v){{ {} }})", rng.pick(&["$v = 1", "true", "$v.a = 1"])),
        7 => format!(
            "$sort({over}, function($l, $r){{ {} }})",
            rng.pick(&["$l.price > $r.price", "$l > $r", "$string($l) < $string($r)"])
        ),
        _ => format!(
            "$map({over}, {})",
            rng.pick(&["$string", "$uppercase", "$count", "$exists", "$type(?)", "$append(?, 1)"])
        ),
    }
}
