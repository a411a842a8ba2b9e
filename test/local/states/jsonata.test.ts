import { expect } from "chai";
import fc from "fast-check";
import { Expression, EvaluationError, ExpressionSyntaxError, SLOW } from "../../../local/states/jsonata/expression.ts";
import type { Env } from "../../../local/states/jsonata/env.ts";

const env: Env = {
  vars: Object.assign(Object.create({ outer: "o" }) as Record<string, unknown>, {
    x: 5,
    half: 2.5,
    text: "Orders.CSV",
    none: null,
    yes: true,
    empty: [],
    one: [7],
    numbers: [3, 1, 2],
    words: ["a", "b"],
    nested: [[1, 2], [3], []],
    items: [
      { a: 1, b: [1, 2], c: { d: "x" } },
      { a: 2, b: [3], c: { d: "y" } },
      { a: 3, b: [], c: [{ d: "z" }, { d: "w" }] },
    ],
    object: { k: 1, l: { m: [10, 20] } },
    at: "2026-01-01T00:00:00.000Z",
  }),
  states: {
    input: { key: "in/orders.csv", size: 3, list: [], tags: [{ k: "a" }] },
    result: { JobRun: { Id: "jr_1" } },
  },
  now: Date.parse("2026-03-04T05:06:07.089Z"),
  random: () => 0.5,
  locals: undefined,
};

/** The library's answer, or that it failed. */
async function byLibrary(expression: Expression, surroundings = env): Promise<unknown> {
  try {
    return { value: await expression.evaluate(surroundings) };
  } catch (error) {
    if (error instanceof EvaluationError) return "an error";
    throw error;
  }
}

async function expectSame(source: string, surroundings = env): Promise<void> {
  const expression = new Expression(source);
  const fast = expression.tryFast(surroundings);
  if (fast === SLOW) return;
  expect({ value: fast }, source).to.deep.equal(await byLibrary(expression, surroundings));
}

const COMPILED = [
  "$x",
  "$outer & $text",
  "$states.input.key",
  "$states.input.list",
  "$states.input.tags.k",
  "$states.result.JobRun.Id",
  "$items.a",
  "$items.b",
  "$items.b[]",
  "$items.c.d",
  "$items[0]",
  "$items[-1].a",
  "$items[a > 1].a",
  "$items[a = 2].b",
  "$items[[0, 2]].a",
  "$numbers[$ > 1]",
  "$items.(a + 1)",
  '$items.{"k": a}',
  "$items.[a, a]",
  "$nested",
  "$nested[0]",
  "$object.l.m[1]",
  "$states.input.tags[]",
  "$object.k[]",
  "$x + 1 - 2 * 3 / 4 % 5",
  "-$x",
  "-3",
  "$x = 5 and $half < 3 or $none = null",
  "$x != 5",
  "$items[0] = $items[0]",
  '$words = ["a", "b"]',
  "$x in $numbers",
  '"b" in $words',
  "$x >= 5 and $x <= 5",
  '$text > "A"',
  '$x > 3 ? "big" : "small"',
  "{}",
  '{"a": $x, "b": [1..3], "c": {"d": null}, "e": $missing}',
  "[$x, $numbers, [1, 2], $missing]",
  "[]",
  "[1..0]",
  "($y := 2; $z := $y * $x; $z + $y)",
  "(1; 2)",
  "$string($x) & $string($half) & $string($object) & $string(0.1 + 0.2)",
  '$number("12.5") + $number(true) + $number(3)',
  "$boolean($words) and $not($empty)",
  "$exists($missing)",
  "$length($text) + $count($items) + $count($missing) + $count($x)",
  "$lowercase($text) & $uppercase($text)",
  '$trim("  a  b ")',
  "$substring($text, 2) & $substring($text, -3) & $substring($text, 1, 2) & $substring($text, -30, 2)",
  '$substringBefore($text, ".") & $substringAfter($text, ".") & $substringBefore($text, "?")',
  '$contains($text, "CSV")',
  '$split("a,b", ",")',
  '$split("a/b/c.csv", "/")[-1]',
  '$join($words) & $join($words, "-")',
  "$sum($numbers) + $max($numbers) + $min($numbers) + $average($numbers)",
  "$abs(-1.5) + $floor(1.5) + $ceil(1.5) + $round(2.5) + $round(3.5) + $power(2, 10)",
  '$toMillis($at) + $toMillis("2026-01-01T00:00:00Z")',
  "$fromMillis(1000)",
  "$now()",
  "$millis()",
  "$append($numbers, $x)",
  "$merge([$object, $states.result])",
  "$keys($object)",
  '$lookup($object, "k")',
  "$reverse($numbers)",
  "$type($x) & $type($none) & $type($words) & $type($object) & $type($yes)",
  "$map($items, function($v) { $v.a * 2 })",
  "$map($numbers, function($v, $i, $all) { $v + $i + $count($all) })",
  "$filter($items, function($v) { $v.a > 1 })",
  "$reduce($numbers, function($total, $v) { $total + $v })",
  "$reduce($numbers, function($total, $v) { $total & $string($v) }, '')",
  "$map($items, function($v) { $v.a > 1 ? $string($v.a) : $uppercase('n') })",
  "$numbers ~> $sum()",
  '$text ~> $substringBefore(".") ~> $lowercase()',
  "$partition($numbers, 2)",
  "$range(0, 10, 5)",
  '$hash("a", "SHA-256")',
  "$parse('{\"a\": [1]}')",
  "$random()",
  "$random(42)",
  "$uuid()",
  "$shuffle($numbers)",
];

const LIBRARY_ONLY = [
  "$sort($numbers)",
  '$replace("aa", "a", "b")',
  "$items^(>a).a",
  "$items{c.d: a}",
  "$items#$i.{'i': $i}",
  "**.d",
  "$object.*",
  "$match('ab', /a(b)/)",
  "$map($numbers, $string)",
  "($f := function($n) { $n + 1 }; $f(1))",
  "$now('[Y0001]')",
  "$x ~> |$|{}|",
  "$substring(?, 1)('abc')",
];

describe("Expression", () => {
  for (const source of COMPILED) {
    it(`gives in its compiled form what the library gives: ${source}`, async () => {
      const expression = new Expression(source);
      expect(expression.isCompiled, "compiled").to.equal(true);
      const fast = expression.tryFast(env);
      expect(fast).not.to.equal(SLOW);
      expect({ value: fast }).to.deep.equal(await byLibrary(expression));
    });
  }

  for (const source of LIBRARY_ONLY) {
    it(`leaves to the library: ${source}`, async () => {
      const expression = new Expression(source);
      expect(expression.tryFast(env)).to.equal(SLOW);
      await byLibrary(expression);
    });
  }

  const FAILING = {
    $missing: "nothing (undefined)",
    "$x + 'a'": "T2002",
    "-'a'": "D1002",
    "$x < 'a'": "T2009",
    "$object < 1": "T2010",
    "$number('abc')": "D3030",
    "{'a': 1, 'a': 2}": "D1009",
    "{1: 2}": "T1003",
    "$sum(['a'])": "T0412",
    "$lowercase(1)": "T0410",
    "1 / 0": "Infinity",
    "$string(1 / 0)": "D3001",
    "[1..'a']": "T2004",
    "$error('no')": "no",
    $string: "a function",
    "$partition([1], 0)": "at least 1",
    "$partition([1], 'a')": "an integer",
    "$range(0, 5000, 1)": "at most 1000",
    "$range(0, 1, 0)": "must not be 0",
    "$hash('a', 'SHA-3')": "SHA-512",
    "$hash(1, 'MD5')": "must be a string",
    "$parse('{')": "JSON",
    "$parse(1)": "takes a string",
  };
  for (const [source, message] of Object.entries(FAILING)) {
    it(`says what is wrong with ${source}`, async () => {
      const expression = new Expression(source);
      expect(expression.tryFast(env)).to.equal(SLOW);
      const problem = await expression.evaluate(env).then(
        (value: unknown) => `no error but ${JSON.stringify(value)}`,
        (error: unknown) => String(error),
      );
      expect(problem).to.include(message);
    });
  }

  it("refuses what Step Functions does not have, and what does not parse", () => {
    for (const source of ["$eval('1')", "$a ?? 1", "$a ?: 1", "$x +", "'open"]) {
      expect(() => new Expression(source), source).to.throw(ExpressionSyntaxError);
    }
    for (const source of ["'a ?? b'", "$match('a', /(?:a)/)", "/* ?: */ 1"]) new Expression(source);
  });

  it("lets a variable hide a function of its name", async () => {
    const hiding: Env = { ...env, vars: { count: 3, now: 1 } };
    expect(new Expression("$count + $now").tryFast(hiding)).to.equal(4);
    expect(await byLibrary(new Expression("$count([1])"), hiding)).to.equal("an error");
  });

  it("tells the host's time and chance in the library's form too", async () => {
    expect(await new Expression("$sort([$millis()])[0]").evaluate(env)).to.equal(env.now);
    expect(await new Expression("$replace($now(), 'T', ' ')").evaluate(env)).to.equal("2026-03-04 05:06:07.089Z");
    expect(await new Expression("$sort([$random()])[0]").evaluate(env)).to.equal(0.5);
  });

  it("gives plain JSON, without the library's marks", async () => {
    const expression = new Expression("{'a': $items.a, 'b': $items[a = 1].a[]}");
    const value = expression.tryFast(env) as Record<string, unknown>;
    expect(Object.keys(value.a as object)).to.deep.equal(["0", "1", "2"]);
    expect(value).to.deep.equal(await expression.evaluate(env));
  });

  it("keeps a field that is called __proto__", async () => {
    const expression = new Expression("{'__proto__': 1}");
    const value = expression.tryFast(env) as object;
    expect(Object.keys(value)).to.deep.equal(["__proto__"]);
    expect(JSON.stringify(value)).to.equal(JSON.stringify(await expression.evaluate(env)));
  });

  it("agrees with the library on any expression and any input", async function () {
    this.timeout(60_000);
    await fc.assert(
      fc.asyncProperty(
        expressions(),
        fc.jsonValue({ maxDepth: 3 }),
        fc.jsonValue({ maxDepth: 2 }),
        async (source, a, b) => {
          await expectSame(source, { ...env, vars: { a: withFields(a), b: withFields(b) } });
        },
      ),
      { numRuns: 1_500 },
    );
  });
});

/** Values whose fields the generated paths can meet. */
function withFields(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(withFields);
  if (typeof value !== "object" || value === null) return value;
  const names = ["p", "q", "r"];
  return Object.fromEntries(Object.values(value).map((item, index) => [names[index % 3] ?? "p", withFields(item)]));
}

function expressions(): fc.Arbitrary<string> {
  const { tree } = fc.letrec<{ tree: string; leaf: string }>((tie) => ({
    leaf: fc.constantFrom(
      ...["$a", "$b", "$a.p", "$a.q.r", "$b.p", "$a[0]", "$a.p[0]", "$a[-1].q", "$a.p[]", "1", "0", "2.5", "-1"],
      ...[
        "'x'",
        "''",
        "'12'",
        "true",
        "false",
        "null",
        "[]",
        "{}",
        "$missing",
        "[1, 2]",
        "[1..3]",
        "'2026-01-01T00:00:00Z'",
      ],
    ),
    tree: fc.oneof(
      { depthSize: "small", withCrossShrink: true },
      tie("leaf"),
      fc
        .tuple(tie("tree"), fc.constantFrom("+", "-", "*", "=", "!=", "<", ">=", "&", "and", "or", "in"), tie("tree"))
        .map(([left, operator, right]) => `(${left} ${operator} ${right})`),
      fc.tuple(tie("tree"), tie("tree"), tie("tree")).map(([test, then, other]) => `(${test} ? ${then} : ${other})`),
      fc.tuple(tie("tree"), tie("tree")).map(([first, second]) => `[${first}, ${second}]`),
      fc.tuple(tie("tree"), tie("tree")).map(([first, second]) => `{"m": ${first}, "n": ${second}}`),
      fc
        .tuple(tie("tree"), fc.constantFrom(".p", ".q", "[0]", "[p]", "[$ > 1]", ".(p & 'x')", ".[p]", '.{"z": q}'))
        .map(([value, step]) => `(${value})${step}`),
      fc.tuple(tie("tree"), tie("tree")).map(([first, second]) => `($v := ${first}; $w := ${second}; [$w, $v])`),
      fc
        .tuple(
          fc.constantFrom(
            ...["string", "number", "boolean", "not", "exists", "count", "length", "lowercase", "uppercase", "trim"],
            ...[
              "sum",
              "max",
              "min",
              "average",
              "abs",
              "floor",
              "ceil",
              "round",
              "keys",
              "type",
              "merge",
              "reverse",
              "join",
            ],
            ...["toMillis", "fromMillis"],
          ),
          tie("tree"),
        )
        .map(([name, argument]) => `$${name}(${argument})`),
      fc
        .tuple(
          fc.constantFrom(
            "append",
            "contains",
            "split",
            "substring",
            "substringBefore",
            "substringAfter",
            "lookup",
            "join",
          ),
          tie("tree"),
          tie("tree"),
        )
        .map(([name, first, second]) => `$${name}(${first}, ${second})`),
      fc
        .tuple(
          fc.constantFrom("map", "filter"),
          tie("tree"),
          fc.constantFrom("$v.p", "$v", "[$v, $i]", "$string($v)", "$v = 1", "$append($v, $i)"),
        )
        .map(([name, items, body]) => `$${name}(${items}, function($v, $i) { ${body} })`),
      tie("tree").map((items) => `$reduce(${items}, function($t, $v) { [$t, $v] })`),
    ),
  }));
  return tree;
}
