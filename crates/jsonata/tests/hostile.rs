//! Expressions that want to kill or stall whoever evaluates them: each ends, with an error or a small result, on a small stack
//! and within its budget. Nothing here looks at a clock: steps and bytes are counted.

#![expect(clippy::unwrap_used, reason = "a test that cannot start its thread has failed")]

use jsonata::{Context, Error, ErrorKind, Expression, Limits};
use value::Value;

/// The stack that a worker of the service may have.
const STACK_BYTES: usize = 2 << 20;

/// How an expression is to end.
#[derive(Clone, Copy, Debug, PartialEq)]
enum End {
    /// It has a value, or none.
    Fine,
    Depth,
    Memory,
    Timeout,
    /// Any of the three limits: which one comes first is a matter of taste.
    Limit,
    /// A syntax error or a failure with a code.
    Refused,
    /// Anything at all, as long as it ends.
    Any,
}

/// Evaluates until the caller's flag was looked at so many times: a deadline that does not depend on a clock.
fn evaluate(text: &str, input: Option<&Value>) -> Result<Option<Value>, Error> {
    let looks = std::cell::Cell::new(0);
    Expression::compile(text)?.evaluate(&Context {
        input,
        variables: &|_| None,
        now_ms: 0,
        random: &|| 0,
        limits: Limits { steps: 400_000, total_bytes: 48 << 20, ..Limits::default() },
        cancelled: &|| {
            looks.set(looks.get() + 1);
            looks.get() > if text.contains('/') { 100 } else { 10_000 }
        },
    })
}

fn end_of(text: &str) -> End {
    match evaluate(text, None) {
        Ok(_) => End::Fine,
        Err(error) => match error.kind() {
            ErrorKind::Depth => End::Depth,
            ErrorKind::Memory => End::Memory,
            ErrorKind::Timeout => End::Timeout,
            _ => End::Refused,
        },
    }
}

#[track_caller]
fn check(text: &str, wanted: End) {
    let expression = text.to_owned();
    let run = move || {
        // What looks into an expression must survive it as well as what evaluates it.
        if let Ok(compiled) = Expression::compile(&expression) {
            let _ = (compiled.references(), compiled.outline());
        }
        end_of(&expression)
    };
    let end = std::thread::Builder::new().stack_size(STACK_BYTES).spawn(run).unwrap().join().unwrap();
    let shown = &text[..text.len().min(200)];
    match wanted {
        End::Any => {}
        End::Limit => {
            assert!(matches!(end, End::Depth | End::Memory | End::Timeout), "{shown}: {end:?}");
        }
        _ => assert_eq!(end, wanted, "{shown}"),
    }
}

/// `open`, so many times, then `middle`, then `close` as many times.
fn nested(open: &str, middle: &str, close: &str, times: usize) -> String {
    format!("{}{middle}{}", open.repeat(times), close.repeat(times))
}

#[test]
fn endless_recursion() {
    check("($f := function(){$f()}; $f())", End::Timeout);
    check("($f := function($x){$f($x+1)}; $f(1))", End::Timeout);
    check("($f := function($x){1 + $f($x)}; $f(1))", End::Depth);
    check("($f := function($x){[$f($x)]}; $f(1))", End::Depth);
    check("($f := function($x){$g($x)}; $g := function($x){$f($x)}; $f(1))", End::Timeout);
    check("($f := function($x){$map([1], $f)}; $f(1))", End::Limit);
    check("($f := function($x){$x ~> $f}; $f(1))", End::Depth);
    check("($f := function($x){$reduce([1,2], $f)}; $f(1))", End::Any);
    check("($y := function($f){$f($f)}; $y($y))", End::Timeout);
    check("($f := function(){$sort([1,2], $f)}; $f())", End::Limit);
    check("($f := function(){$f() & 'x'}; $f())", End::Depth);
    check("($f := function($x){$x > 0 ? $f($x + 1) : $f($x - 1)}; $f(0))", End::Timeout);
    check("($f := function($x){($x; $f($x))}; $f(0))", End::Timeout);
    check("($f := function($x){$each({'a': 1}, $f)}; $f(0))", End::Limit);
    check("($f := function($x){$replace('a', /a/, $f)}; $f(0))", End::Limit);
    check("($f := function($s){$match($s, $f)}; $f('a'))", End::Limit);
    check("($f := |$|{'a': $f($)}|; $f({}))", End::Depth);
    check("($f := $string ~> $f; $f(1))", End::Refused);
}

#[test]
fn deep_texts() {
    check(&nested("(", "1", ")", 20_000), End::Depth);
    check(&nested("[", "1", "]", 20_000), End::Depth);
    check(&nested("{'a':", "1", "}", 20_000), End::Depth);
    check(&nested("-", "1", "", 20_000), End::Depth);
    check(&nested("1+(", "1", ")", 20_000), End::Depth);
    check(&nested("function(){", "1", "}", 20_000), End::Depth);
    check(&nested("a[", "1", "]", 20_000), End::Depth);
    check(&nested("true ? ", "1", "", 20_000), End::Depth);
    check(&nested("$f(", "1", ")", 20_000), End::Depth);
    check(&nested("|", "a", "", 20_000), End::Depth);
    check(&nested("a^(", "a", ")", 20_000), End::Depth);
    check(&nested("a{'x':", "a", "}", 20_000), End::Depth);
    check(&nested("$x := ", "1", "", 20_000), End::Depth);
    check(&nested("1", "", "+1", 20_000), End::Refused);
    check(&format!("1{}", "+1".repeat(20_000)), End::Depth);
    check(&format!("1{}", "&1".repeat(20_000)), End::Depth);
    check(&format!("true{}", " and true".repeat(20_000)), End::Depth);
    check(&format!("$string{}", " ~> $string".repeat(10_000)), End::Depth);
    check(&format!("a{}", ".a".repeat(20_000)), End::Fine);
    check(&format!("a{}", "[0]".repeat(20_000)), End::Fine);
    check(&format!("a{}", ".%".repeat(20_000)), End::Any);
    check(&format!("a{}", "(1)".repeat(20_000)), End::Any);
    check(&format!("f{}", "()".repeat(20_000)), End::Any);
    check(&format!("a{}", "@$x".repeat(20_000)), End::Any);
    check(&format!("a{}", "#$x".repeat(20_000)), End::Any);
    check(&format!("a{}", "^(a)".repeat(20_000)), End::Any);
    check(&"a.".repeat(20_000), End::Refused);
    check(&format!("({})", "1;".repeat(20_000)), End::Fine);
    check(&format!("[{}1]", "1,".repeat(20_000)), End::Fine);
    check(&format!("function({}$a){{1}}()", "$a,".repeat(20_000)), End::Any);
    check(&format!("function($a)<{}:n>{{1}}(1)", "n".repeat(20_000)), End::Any);
    check(&format!("function($a)<{}:n>{{1}}(1)", "a+".repeat(60)), End::Any);
    check(&format!("function($a)<{}>{{1}}(1)", "a<".repeat(20_000)), End::Refused);
    check(&"\"".repeat(100_001), End::Refused);
    check(&"/*".repeat(20_000), End::Refused);
    check(&"`".repeat(100_001), End::Refused);
    check(&format!("$x{}", "$".repeat(20_000)), End::Any);
}

#[test]
fn large_values() {
    check("$pad('x', 1000000000)", End::Memory);
    check("$pad('x', -1e15)", End::Memory);
    check("$pad('', 1e300, 'abc')", End::Memory);
    check("[1..10000000]", End::Memory);
    check("[1..1e15]", End::Refused);
    check("[-9223372036854775808..9223372036854775807]", End::Refused);
    check("$range(1, 1e18, 1)", End::Memory);
    check("$range(-9223372036854775808, 9223372036854775807, 1)", End::Memory);
    check("$range(1, 10, 0)", End::Refused);
    check("($f := function($s, $n){$n = 0 ? $s : $f($s & $s, $n - 1)}; $length($f('x', 40)))", End::Memory);
    check("($f := function($s){$f($append($s, $s))}; $f([1]))", End::Memory);
    check("($f := function($s){$f([$s, $s])}; $string($f([1])))", End::Limit);
    check("$string($reduce([1..60], function($a, $i){[[$a], [$a]]}, []))", End::Limit);
    check("$reduce([1..100], function($a, $i){{'a': $a, 'b': $a}}, 1) ~> $string()", End::Limit);
    check("$reduce([1..60], function($a, $i){[[$a], [$a]]}, []).**", End::Limit);
    check("$count($reduce([1..40], function($a, $i){[[$a], [$a]]}, [1]).*)", End::Limit);
    check("$clone({'a': $reduce([1..60], function($a, $i){[[$a], [$a]]}, [])})", End::Limit);
    check("$zip([1..800000], [1..800000], [1..800000])", End::Limit);
    check("[1..800000].[1..800000]", End::Limit);
    check("[1..100000].($pad('x', 1000000))", End::Limit);
    check("$map([1..800000], function($x){$pad('x', 1000)})", End::Limit);
    check("$join($map([1..100000], function($x){$pad('x', 1000)}))", End::Limit);
    check("$replace($pad('a', 100000, 'a'), 'a', $pad('b', 100000))", End::Memory);
    check("$replace($pad('a', 100000, 'a'), /a/, $pad('b', 100000))", End::Limit);
    check("$split($pad('a', 5000000, 'a'), '')", End::Limit);
    check("$base64encode($pad('a', 6000000))", End::Memory);
    check("$encodeUrl($pad('é', 3000000, 'é'))", End::Memory);
    check("$formatBase(1e308, 2)", End::Fine);
    check("$formatNumber(1e308, '0')", End::Fine);
    check(&format!("$formatNumber(1, '{}')", "0".repeat(5_000_000)), End::Any);
    check("$formatNumber(1, '0.' & $pad('0', 1000, '0'))", End::Refused);
    check("$formatNumber(0, '0.0e0')", End::Fine);
    check("$formatNumber(-1, '0.0e0')", End::Fine);
    check("$formatNumber(1, '#,' & $pad('#', 100000, '#,') & '0')", End::Any);
    check("$formatInteger(1e300, 'I')", End::Memory);
    check("$formatInteger(1e300, 'w')", End::Fine);
    check("$formatInteger(1/0, 'w')", End::Refused);
    check("$formatInteger(1, $pad('0', 6000000, '0'))", End::Any);
    check("$fromMillis(0, '[D,99999999999-99999999999]')", End::Memory);
    check("$fromMillis(0, '[Y,*-99999999999999999999]')", End::Any);
    check("$fromMillis(1e300)", End::Refused);
    check("$fromMillis(0, $pad('[', 100000, '['))", End::Any);
    check("$toMillis('x', $pad('[Ww]', 100000, '[Yw]'))", End::Any);
    check("$toMillis('2018', '[Y,99999999-99999999]')", End::Any);
    check("$parse($pad('[', 1000000, '['))", End::Refused);
    check("$parse('[' & $pad('[]', 6000000, ',[]') & ']')", End::Any);
    check("$power(10, 400)", End::Refused);
    check("$round(1.5, 1e9)", End::Any);
    check("$random(1e300)", End::Fine);
}

#[test]
fn slow_work() {
    check("$count($keys([1..200000]{$string($): $}))", End::Any);
    check("$merge([1..800000].{$string($): $})", End::Limit);
    check("$distinct([1..800000])", End::Any);
    check("$distinct([1..100000].{'a': 1, 'b': [1, 2, {'c': 1}], 'd': {'e': $ % 2}})", End::Limit);
    check("[1..800000][$ in [1..800000]]", End::Limit);
    check("[1..2000].([1..2000].($ * 2))", End::Limit);
    check("$sort([1..800000], function($a, $b){$a < $b})", End::Limit);
    check("[1..800000]^(-$)", End::Limit);
    check("$sum([1..800000].($sum([1..800000])))", End::Limit);
    check("$reduce([1..100000],function($a,$i){function(){$a}},1)()", End::Any);
    check("$reduce($append([$string], [1..100000]),function($f,$i){$f(?)})(1)", End::Limit);
    check("$reduce($append([$string], [1..100000]),function($f,$i){$f ~> $string})(1)", End::Limit);
    check("$reduce([1..10000],function($a,$i){[[$a]]},[])", End::Fine);
    check("$reduce([1..100000],function($a,$i){[$a]},[]).**", End::Any);
    check("$string($reduce([1..100000],function($a,$i){[[$a]]},[1]))", End::Limit);
    check("$clone([$reduce([1..100000],function($a,$i){[[$a]]},[1])])", End::Limit);
    check("($a := $reduce([1..100000],function($a,$i){[[$a]]},[1]); $a = [$a])", End::Any);
    check("$keys($reduce([1..100000],function($a,$i){[[$a]]},[{'a': 1}]))", End::Any);
    check("$reduce([1..100000],function($a,$i){[[$a]]},[{'a': 1}]).a", End::Any);
    check("$spread($reduce([1..100000],function($a,$i){[[$a]]},[{'a': 1}]))", End::Any);
    check("$boolean($reduce([1..100000],function($a,$i){[[$a]]},[0]))", End::Any);
    check("$reduce([1..100000],function($a,$i){{'a': $a}},1) ~> |**|{'b': 1}|", End::Limit);
    check("[1..3000].{'a': {}} ~> |a|{'b': 1}|", End::Any);
    check("($a := [1..10000].{'a': {}}; $a ~> |$.a|{'b': 1}|)", End::Limit);
    check("($a := [1..3000]; $a@$x.$a@$y.[$x, $y])", End::Limit);
    check("($a := [1..1000]; $a.$a.$a)", End::Limit);
    check("[1..100000].(%.x)", End::Any);
    check("$shuffle([1..800000])", End::Any);
}

#[test]
fn regular_expressions() {
    check("$match($pad('a', 50, 'a') & 'b', /^(a+)+$/)", End::Timeout);
    check("$match($pad('a', 5000, 'a') & 'b', /^(?=(a+)+$)/)", End::Any);
    check("$contains($pad('a', 200, 'a') & '!', /^(a|aa)+(?!b)\\1$/)", End::Any);
    check("$match($pad('a', 100000, 'a'), /(a*)*b|(?=a)a/)", End::Any);
    check("$contains($pad('x', 5000, 'x'), /(x+x+)+(?=y)/)", End::Any);
    check("$match('aaa', /a*?/)", End::Refused);
    check(&format!("/{}/", nested("(", "a", ")", 10_000)), End::Refused);
    check(&format!("/{}/", "(a{1000}){1000}"), End::Any);
    check(&format!("/{}/", nested("(", "a", "){100}", 10)), End::Refused);
    check(&format!("/{}/", "[a-z]{0,1000}".repeat(1000)), End::Any);
    check(&format!("/{}/", "(?=a)".repeat(3000)), End::Any);
    check(&format!("/{}/", "(?:(?:ab){1000}){1000}"), End::Refused);
    check("$match($pad('a', 100000, 'a'), /(?=(a+))\\1b/)", End::Timeout);
    check("$match($pad('a', 6000000, 'a'), /(a|b)*c/)", End::Limit);
    check("/(/", End::Refused);
    check("/[/", End::Refused);
    check("/a**/", End::Refused);
    check("/(?<a/", End::Refused);
    check("/\\/", End::Refused);
    check("$replace($pad('a', 100000, 'a'), /a/, function($m){$m.next().next().match})", End::Any);
    check("$split($pad('a,', 1000000, 'a,'), /,/)", End::Any);
}

/// Numbers at the ends of their ranges do not overflow.
#[test]
fn edges_of_numbers() {
    for text in [
        "9223372036854775807 + 1",
        "-9223372036854775808 - 1",
        "9223372036854775807 * 9223372036854775807",
        "-9223372036854775808 / -1",
        "-9223372036854775808 % -1",
        "$abs(-9223372036854775808)",
        "-(-9223372036854775808)",
        "$sum([9223372036854775807, 9223372036854775807])",
        "[1][9223372036854775807]",
        "[1][-9223372036854775808]",
        "[1][1e300]",
        "$substring('abc', -9223372036854775808, 9223372036854775807)",
        "$substring('abc', 1e300)",
        "$partition([1, 2, 3], 9223372036854775807)",
        "$formatInteger(-9223372036854775808, '#,##0')",
        "$formatInteger(-9223372036854775808, 'w')",
        "$formatNumber(-9223372036854775808, '#,##0.00')",
        "$formatBase(-9223372036854775808, 36)",
        "$power(-9223372036854775808, 2)",
        "$round(9223372036854775807, -18)",
        "$fromMillis(-62135596800000)",
        "$range(9223372036854775806, 9223372036854775807, 1)",
        "$range(9223372036854775807, -9223372036854775808, -9223372036854775808)",
        "$random(-9223372036854775808)",
        "$split('a b', ' ', 1e300)",
    ] {
        check(text, End::Fine);
    }
}

/// Deep data from outside.
#[test]
fn deep_input() {
    let mut data = Value::from(1);
    for _ in 0..50_000 {
        data = Value::from(vec![data]);
    }
    let input = Value::Obj([("a", data)].into_iter().collect());
    for text in [
        "$string(a)",
        "$clone(a)",
        "a.b",
        "**",
        "*",
        "$keys(a)",
        "a = [a]",
        "$boolean(a)",
        "$spread(a)",
        "a",
        "a{'x': $}",
    ] {
        let (text, input) = (text.to_owned(), input.clone());
        let run = move || drop(evaluate(&text, Some(&input)));
        std::thread::Builder::new().stack_size(STACK_BYTES).spawn(run).unwrap().join().unwrap();
    }
}
