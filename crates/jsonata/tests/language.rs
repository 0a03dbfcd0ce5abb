//! What expressions give: the language by example, messages to the letter, and what the service adds. The language's own suite
//! covers more; this is what must hold where that suite is not at hand.

#![expect(clippy::unwrap_used, reason = "a test that cannot read its data has failed")]

use jsonata::{Context, Error, Expression, Limits};
use value::{Numbers, Value};

const DATA: &str = r#"{
    "name": "Ada", "n": 5, "x": 1.5, "none": null, "yes": true, "tags": ["b", "a", "c"], "empty": [], "nothing": {},
    "orders": [
        {"id": "o1", "total": 10.5, "lines": [{"sku": "A", "qty": 2}, {"sku": "B", "qty": 1}]},
        {"id": "o2", "total": 3, "lines": [{"sku": "A", "qty": 4}]},
        {"id": "o3", "total": 7}
    ],
    "nested": [[1, 2], [3, [4]]], "odd key": 1, "big": 9007199254740993
}"#;

fn evaluate(text: &str, input: Option<&Value>) -> Result<Option<Value>, Error> {
    Expression::compile(text)?.evaluate(&Context {
        input,
        variables: &|name| match name {
            "states" => Some(Value::Obj([("input", Value::parse(DATA).unwrap())].into_iter().collect())),
            "five" => Some(Value::Int(5)),
            _ => None,
        },
        now_ms: 1_700_000_000_123,
        random: &|| 0x0123_4567_89AB_CDEF,
        limits: Limits::default(),
        cancelled: &|| false,
    })
}

/// The result as JSON, `undefined`, or the error.
fn shown(text: &str) -> String {
    let data = Value::parse(DATA).unwrap();
    match evaluate(text, Some(&data)) {
        Ok(Some(value)) => {
            let mut out = String::new();
            value.write_json_with(&mut out, Numbers::JsonData);
            out
        }
        Ok(None) => "undefined".to_owned(),
        Err(error) => error.to_string(),
    }
}

#[track_caller]
fn check(rows: &[(&str, &str)]) {
    for (text, wanted) in rows {
        assert_eq!(shown(text), *wanted, "{text}");
    }
}

#[test]
fn paths() {
    check(&[
        ("name", r#""Ada""#),
        ("orders.id", r#"["o1","o2","o3"]"#),
        ("orders.lines.sku", r#"["A","B","A"]"#),
        ("orders.lines[0].sku", r#"["A","A"]"#),
        ("(orders.lines)[0].sku", r#""A""#),
        ("orders[total > 5].id", r#"["o1","o3"]"#),
        ("orders[-1].id", r#""o3""#),
        ("orders[[0, 2]].id", r#"["o1","o3"]"#),
        ("orders[id = 'o2'].total", "3"),
        ("orders[id = 'o2'].total[]", "[3]"),
        ("orders[id = 'none'].total", "undefined"),
        // What a predicate has left nothing of is empty for the next one, not an element without a value.
        ("missing[false][true][]", "undefined"),
        ("orders[9][][true]", "undefined"),
        ("orders.missing[total > 5][[0..1]] ~> $append([1])", "[1]"),
        ("orders.{'i': id}", r#"[{"i":"o1"},{"i":"o2"},{"i":"o3"}]"#),
        ("orders.[id, total]", r#"[["o1",10.5],["o2",3],["o3",7]]"#),
        ("nested", "[[1,2],[3,[4]]]"),
        ("nested.$", "[1,2,3,[4]]"),
        ("`odd key`", "1"),
        (r#"$."odd key""#, "1"),
        ("orders.lines.*", r#"["A",2,"B",1,"A",4]"#),
        ("$count(**.sku)", "3"),
        ("orders.lines.(sku & %.id)", r#"["Ao1","Bo1","Ao2"]"#),
        (
            "orders@$o.$o.lines.{'o': $o.id, 's': sku}",
            r#"[{"o":"o1","s":"A"},{"o":"o1","s":"B"},{"o":"o2","s":"A"}]"#,
        ),
        ("orders#$i.{'i': $i, 'id': id}", r#"[{"i":0,"id":"o1"},{"i":1,"id":"o2"},{"i":2,"id":"o3"}]"#),
        ("orders^(total).id", r#"["o2","o3","o1"]"#),
        ("orders^(>total).id", r#"["o1","o3","o2"]"#),
        ("orders.lines{sku: $sum(qty)}", r#"{"A":6,"B":1}"#),
        ("$$.name", r#""Ada""#),
        ("missing.deeper", "undefined"),
    ]);
}

#[test]
fn operators() {
    check(&[
        ("1 + 2 * 3", "7"),
        ("7 % 4 & '!'", r#""3!""#),
        ("-n", "-5"),
        ("6 / 4", "1.5"),
        ("6 / 3", "2"),
        ("0.1 + 0.2", "0.30000000000000004"),
        ("n > 4 and x < 2", "true"),
        ("missing > 1", "undefined"),
        ("missing = missing", "false"),
        ("{'a': [1, {'b': 2}]} = {'a': [1.0, {'b': 2}]}", "true"),
        ("'a' in tags", "true"),
        ("5 in n", "true"),
        ("[1..5]", "[1,2,3,4,5]"),
        ("[5..1]", "[]"),
        ("n > 3 ? 'many' : 'few'", r#""many""#),
        ("n > 9 ? 'many'", "undefined"),
        ("'a' & 1 & true & null & missing & [1, 'x'] & {'k': 1}", r#""a1truenull[1,\"x\"]{\"k\":1}""#),
        ("($a := 1; $b := $a + 1; $a + $b)", "3"),
        ("$five * 2", "10"),
        ("name ~> $uppercase ~> $length", "3"),
        ("($f := $uppercase ~> $length; $f('abc'))", "3"),
        ("($add := function($a, $b){$a + $b}; $inc := $add(1, ?); $inc(5))", "6"),
        ("($first := $substring(?, 0, 2); $first(name))", r#""Ad""#),
        ("{'a': 1, 'b': {'c': 2}} ~> |b|{'d': c + 1}, 'c'|", r#"{"a":1,"b":{"d":3}}"#),
        ("{'a': [{'k': 1}, {'k': 2}]} ~> |a[k = 2]|{'k': 9}|", r#"{"a":[{"k":1},{"k":9}]}"#),
        ("($ ~> |orders|{}, ['lines', 'total']|).orders", r#"[{"id":"o1"},{"id":"o2"},{"id":"o3"}]"#),
    ]);
}

#[test]
fn functions() {
    check(&[
        ("$sum(orders.total)", "20.5"),
        ("$average([1, 2])", "1.5"),
        ("$map(tags, function($v, $i){$v & $i})", r#"["b0","a1","c2"]"#),
        ("$filter([1..6], function($v){$v % 2 = 0})", "[2,4,6]"),
        ("$reduce([1..5], function($a, $b){$a * $b})", "120"),
        ("$sort(tags)", r#"["a","b","c"]"#),
        ("$sort(orders, function($a, $b){$a.total > $b.total}).id", r#"["o2","o3","o1"]"#),
        ("$single(orders, function($o){$o.total = 7}).id", r#""o3""#),
        ("$distinct([1, 1.0, '1', [1], [1]])", r#"[1,"1",[1]]"#),
        ("$zip([1, 2], ['a', 'b'])", r#"[[1,"a"],[2,"b"]]"#),
        ("$merge([{'a': 1}, {'b': 2, 'a': 3}])", r#"{"a":3,"b":2}"#),
        ("$spread({'a': 1, 'b': 2})", r#"[{"a":1},{"b":2}]"#),
        ("$sift({'a': 1, 'b': 2}, function($v){$v > 1})", r#"{"b":2}"#),
        ("$each({'a': 1}, function($v, $k){$k & $v})", r#""a1""#),
        (
            "$match('a1b22', /[a-z](\\d+)/)",
            r#"[{"match":"a1","index":0,"groups":["1"]},{"match":"b22","index":2,"groups":["22"]}]"#,
        ),
        ("$replace('John Smith', /(\\w+)\\s(\\w+)/, '$2, $1')", r#""Smith, John""#),
        ("$replace('abc', /b/, function($m){$uppercase($m.match)})", r#""aBc""#),
        ("$split('a, b;c', /[,;] ?/)", r#"["a","b","c"]"#),
        ("$contains('abc', /^A/i)", "true"),
        ("$contains('foobar', /foo(?=bar)/)", "true"),
        ("$contains('abab', /(ab)\\1/)", "true"),
        ("$pad('x', -3, '#')", r###""##x""###),
        ("$formatNumber(12345.678, '#,##0.00')", r#""12,345.68""#),
        ("$formatNumber(0.14, '01%')", r#""14%""#),
        ("$formatInteger(2789, 'w')", r#""two thousand, seven hundred and eighty-nine""#),
        ("$formatInteger(1999, 'I')", r#""MCMXCIX""#),
        ("$parseInteger('twelve thousand, four hundred and seventy-six', 'w')", "12476"),
        ("$fromMillis(1510067557121)", r#""2017-11-07T15:12:37.121Z""#),
        ("$fromMillis(1510067557121, '[M01]/[D01]/[Y0001] [h#1]:[m01][P]')", r#""11/07/2017 3:12pm""#),
        (
            "$fromMillis(1510067557121, '[FNn], [D1o] [MNn] [YI], week [W]')",
            r#""Tuesday, 7th November MMXVII, week 45""#,
        ),
        ("$toMillis('2017-11-07T15:12:37.121Z')", "1510067557121"),
        ("$toMillis('7th November 2017', '[D1o] [MNn] [Y]')", "1510012800000"),
        ("$now()", r#""2023-11-14T22:13:20.123Z""#),
        ("$millis()", "1700000000123"),
        ("$string({'a': 1.0, 'b': 0.1 + 0.2, 'f': $sum})", r#""{\"a\":1,\"b\":0.3,\"f\":\"\"}""#),
        ("$number('0x1F') + $number('-12.5')", "18.5"),
        ("$round(2.5) & $round(3.5) & $round(-0.05, 1)", r#""240""#),
        ("$base64decode($base64encode('héllo'))", r#""héllo""#),
        ("$encodeUrlComponent('a b/ü')", r#""a%20b%2F%C3%BC""#),
        ("$type(null) & $type($sum) & $type([])", r#""nullfunctionarray""#),
        ("$lookup(orders, 'id')", r#"["o1","o2","o3"]"#),
        ("$keys(orders)", r#"["id","total","lines"]"#),
        ("$length('😀é')", "2"),
        ("$substring('😀ab', 1, 1)", r#""a""#),
    ]);
}

/// The texts reach users through the service.
#[test]
fn messages() {
    check(&[
        ("1 + 'a'", r#"T2002: The right side of the "+" operator must evaluate to a number"#),
        ("name - 1", r#"T2001: The left side of the "-" operator must evaluate to a number"#),
        (
            "'a' < 1",
            r#"T2009: The values "a" and 1 either side of operator "<" must be of the same data type"#,
        ),
        (
            "true > 1",
            r#"T2010: The expressions either side of operator ">" must evaluate to numeric or string values"#,
        ),
        ("$sum('a')", r#"T0412: Argument 1 of function "sum" must be an array of "numbers""#),
        ("$uppercase(1)", r#"T0410: Argument 1 of function "uppercase" does not match function signature"#),
        ("$eval('1')", "T1006: Attempted to invoke a non-function"),
        ("uppercase('a')", "T1005: Attempted to invoke a non-function. Did you mean $uppercase?"),
        ("{1: 2}", "T1003: Key in object structure must evaluate to a string; got: 1"),
        ("orders{'a': 1, 'a': 2}", r#"D1009: Multiple key definitions evaluate to same key: "a""#),
        (
            "$formatNumber(1, 'x')",
            "D3086: The sub-picture must not contain a passive character that is preceded by an active character and that is followed by another active character",
        ),
        ("$number('x')", r#"D3030: Unable to cast value to a number: "x""#),
        ("-name", r#"D1002: Cannot negate a non-numeric value: "Ada""#),
        ("$error('own text')", "D3137: own text"),
        ("$assert(false, 'it is')", "D3141: it is"),
        (
            "[1..1e8]",
            "D2014: The size of the sequence allocated by the range operator (..) must not exceed 1e6.  Attempted to allocate 100000000.",
        ),
        ("n ~> name", "T2006: The right side of the function application operator ~> must be a function"),
        ("1 +", "S0207: Unexpected end of expression"),
        ("(1", r#"S0203: Expected ")" before end of expression"#),
        ("[1)", r#"S0202: Expected "]", got ")""#),
        ("a ?? b", r#"S0211: The symbol "?" cannot be used as a unary operator"#),
        ("a ?: b", r#"S0211: The symbol ":" cannot be used as a unary operator"#),
        ("'a", "S0101: String literal must be terminated by a matching quote"),
        ("1 := 2", "S0212: The left side of := must be a variable name (start with $)"),
        ("n.1", "S0213: The literal value 1 cannot be used as a step within a path expression"),
        ("$sum", "the result of the expression is a function"),
        ("{'f': function(){1}}", "the result of the expression is a function"),
        ("$f(1)", "T1006: Attempted to invoke a non-function"),
    ]);
}

/// What the service does and the reference implementation does not (measured by third parties, or from its documentation).
#[test]
fn the_service() {
    check(&[
        ("9223372036854775807", "9223372036854775807"),
        ("big", "9007199254740993"),
        ("big + 1", "9007199254740994"),
        ("$string(big)", r#""9007199254740993""#),
        ("9223372036854775807 + 1", "9.223372036854776E18"),
        ("1.0", "1"),
        ("1/0", r#""Infinity""#),
        ("[-1/0, 0/0]", r#"["-Infinity","NaN"]"#),
        ("$partition([1..5], 2)", "[[1,2],[3,4],[5]]"),
        ("$partition([1, 2, 3], 2.9)", "[[1,2],[3]]"),
        ("$range(0, 6, 2)", "[0,2,4,6]"),
        ("$range(5, 1, -2)", "[5,3,1]"),
        ("$range(0.9, 3.9, 1)", "[0,1,2,3]"),
        ("$range(1, 0, 1)", "undefined"),
        ("$range(1, 9, 9)", "1"),
        ("$partition([0], 3)", "[[0]]"),
        ("$hash('input', 'SHA-1')", r#""140f86aae51ab9e1cda9b4254fe98a74eb54c1a1""#),
        ("$hash('', 'MD5')", r#""d41d8cd98f00b204e9800998ecf8427e""#),
        ("$random(42)", "0.7275636800328681"),
        ("$random() < 1", "true"),
        ("$uuid()", r#""01234567-89ab-4def-8123-456789abcdef""#),
        (r#"$parse('{"a": [1, 2.50]}').a"#, "[1,2.5]"),
        ("$states.input.name", r#""Ada""#),
        ("$states.input.orders[0].(total * 2)", "21"),
    ]);
}

/// The service takes the one and refuses the other (measured by third parties).
#[test]
fn limits() {
    let chain = |terms: usize| vec!["1"; terms].join("+");
    let nested =
        |open: &str, close: &str, times: usize| format!("{}1{}", open.repeat(times), close.repeat(times));
    let recursion = |n: usize| format!("($f := function($n){{$n = 0 ? 0 : 1 + $f($n - 1)}}; $f({n}))");
    let depth = "Stack overflow error: Check for non-terminating recursive function. Consider rewriting as tail-recursive";
    let memory = "Expression evaluation memory limit exceeded: Check for excessive memory usage";
    for (text, fine) in [
        (chain(100), true),
        (chain(101), false),
        (nested("(", ")", 99), true),
        (nested("(", ")", 100), false),
        (nested("[", "]", 99), true),
        (nested("[", "]", 100), false),
        (recursion(31), true),
        (recursion(32), false),
        (format!("1{}", " ~> $string".repeat(99)), true),
        (format!("1{}", " ~> $string".repeat(100)), false),
    ] {
        assert_eq!(shown(&text) != depth, fine, "{}", &text[..40]);
    }
    let doubled = |n: usize| {
        format!("($p := function($s, $n){{$n = 0 ? $s : $p($s & $s, $n - 1)}}; $length($p('x', {n})))")
    };
    for (text, fine) in [
        ("[1..873782] ~> $count()".to_owned(), true),
        ("[1..873783] ~> $count()".to_owned(), false),
        ("$count($range(1, 360145, 1))".to_owned(), true),
        ("$count($range(1, 360146, 1))".to_owned(), false),
        (doubled(22), true),
        (doubled(23), false),
    ] {
        assert_eq!(shown(&text) != memory, fine, "{text}");
    }
}

/// Variables that must come from outside.
#[test]
fn free_variables() {
    for (text, wanted) in [
        ("$states.input.a + $count($b)", "states b"),
        ("($a := 1; $a + $c)", "c"),
        ("$x + ($x := 1; $x)", "x"),
        ("function($p){$p + $q}", "q"),
        ("($f := function($n){$n = 0 ? 0 : $f($n - 1)}; $f($m))", "m"),
        ("orders@$o#$i.{'o': $o, 'i': $i, 'z': $z}", "z"),
        ("$ & $$ & $sum($$.a)", ""),
        ("$a & $a", "a"),
        ("($map(a, function($v){$v * $rate}); $v)", "rate v"),
        ("$x := $x + 1", "x"),
    ] {
        let expression = Expression::compile(text).unwrap();
        assert_eq!(expression.variables().collect::<Vec<_>>().join(" "), wanted, "{text}");
    }
}

/// One expression, many threads.
#[test]
fn expressions_are_shared() {
    let expression = Expression::compile("$sum([1..100]) & $uppercase('x') & $contains('ab', /b/)").unwrap();
    let run = || {
        let context = Context {
            input: None,
            variables: &|_| None,
            now_ms: 0,
            random: &|| 0,
            limits: Limits::default(),
            cancelled: &|| false,
        };
        assert_eq!(expression.evaluate(&context), Ok(Some(Value::from("5050Xtrue"))));
    };
    std::thread::scope(|scope| {
        for _ in 0..4 {
            scope.spawn(run);
        }
    });
}

/// Results share what they took from their input.
#[test]
fn results_alias_inputs() {
    let data = Value::parse(DATA).unwrap();
    let result = evaluate("orders", Some(&data)).unwrap().unwrap();
    let (Value::Arr(found), Some(Value::Arr(original))) = (&result, data.get("orders")) else {
        unreachable!("both are arrays")
    };
    assert!(found.ptr_eq(original));
}

/// The caller's flag ends an evaluation.
#[test]
fn cancellation() {
    let expression = Expression::compile("($f := function($n){$f($n + 1)}; $f(0))").unwrap();
    let error = expression
        .evaluate(&Context {
            input: None,
            variables: &|_| None,
            now_ms: 0,
            random: &|| 0,
            limits: Limits { steps: u64::MAX, ..Limits::default() },
            cancelled: &|| true,
        })
        .unwrap_err();
    assert_eq!(error.to_string(), "Expression evaluation timeout: Check for infinite loop");
    assert_eq!(error.kind(), jsonata::ErrorKind::Timeout);
}

#[test]
fn what_is_read_of_a_variable_is_known() {
    let check = |text: &str, member: &str, wanted: bool| {
        assert_eq!(Expression::compile(text).unwrap().reads("states", member), wanted, "{text} {member}");
    };
    check("$states.input.x", "input", true);
    check("$states.input.x", "context", false);
    check("$states.input.x & $states.context.State.Name", "context", true);
    check("items[price > $states.input.min]", "context", false);
    check("$map($states.input.l, function($v) { $v + $states.result.n })", "result", true);
    for whole in [
        "$states",
        "$states.*",
        "$states.**",
        "$keys($states)",
        "$states[0].input",
        "($s := $states; $s.context)",
    ] {
        check(whole, "context", true);
    }
    check("$states{'a': input}", "context", true);
    check("$states.(input)", "context", true);
    check("$states@$s.input", "context", true);
    check("$states.input.x.%.%", "context", true);
    check("$other.context", "context", false);
}
