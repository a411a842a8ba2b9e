import { expect } from "chai";
import fc from "fast-check";
import { createFlow } from "../../../../local/capacity/flow/create-flow.ts";
import { machineOf } from "../../states/harness.ts";
import { compiled } from "./compiled.ts";
import { inputOf } from "./inputs.ts";
import { interpreted } from "./interpreted.ts";
import { scriptOf } from "./scripts.ts";

const script = scriptOf({ seed: 1, failing: 0, running: 0 });

/** Of expressions that know the size by many names, one after the other is asked. */
const choosing = (conditions: readonly string[]): unknown =>
  machineOf({
    First: {
      Type: "Pass",
      Assign: {
        file: "{% $states.input.arguments %}",
        mib: "{% $states.input.arguments.size / 1024 %}",
        text: "{% 'of ' & $states.input.arguments.size & ' bytes' %}",
        kept: { of: { bytes: "{% $states.input.arguments.size %}" } },
      },
      Next: "Choose",
    },
    Choose: {
      Type: "Choice",
      Choices: conditions.map((condition, index) => ({ Condition: `{% ${condition} %}`, Next: `Wait ${index}` })),
      Default: "Last",
    },
    ...Object.fromEntries(
      conditions.map((_, index) => [`Wait ${index}`, { Type: "Wait", Seconds: index + 1, Next: "Last" }]),
    ),
    Last: { Type: "Wait", Seconds: "{% $file.size >= 700 ? 50 : 20 %}", End: true },
  });

const flowOf = (conditions: readonly string[]) =>
  createFlow(choosing(conditions) as object as never, { input: inputOf });

const anyNumber = fc.integer({ min: 0, max: 1200 });

const anyCondition = fc.oneof(
  fc.tuple(fc.constantFrom("<", "<=", ">", ">=", "=", "!="), anyNumber).map(([sign, n]) => `$file.size ${sign} ${n}`),
  anyNumber.map((n) => `${n} < $kept.of.bytes`),
  anyNumber.map((n) => `$merge([$file, {"a": 1}]).size > ${n} and $exists($file.size)`),
  anyNumber.map((n) => `($bytes := $states.input.arguments.size; $bytes < ${n})`),
  anyNumber.map((n) => `$filter([$file], function($one) { $one.size > ${n} }).size > 3`),
  anyNumber.map((n) => `$states.context.Execution.Input.arguments.size > ${n} * 2`),
  // What only the very size can answer:
  anyNumber.map((n) => `$mib > ${n / 1024}`),
  anyNumber.map((n) => `$length($text) > ${10 + (n % 5)}`),
  anyNumber.map((n) => `$file.size % 2 = ${n % 2}`),
  anyNumber.map((n) => `$sum([$file.size, 3]) > ${n}`),
  anyNumber.map((n) => `$contains($string($file.size), '${n % 10}')`),
  anyNumber.map((n) => `$file.size in [${n}, ${n + 1}]`),
  anyNumber.map((n) => `$count($distinct([$file.size, ${n}])) = 1`),
  anyNumber.map((n) => `$file.* > ${n}`),
);

describe("Sizes of files", () => {
  it("begin alike where the definition cannot tell them apart, and otherwise not", async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.array(anyCondition, { minLength: 1, maxLength: 3 }),
        fc.array(anyNumber, { minLength: 8, maxLength: 8 }),
        async (conditions, sizes) => {
          const flow = flowOf(conditions);
          for (const size of sizes) {
            expect(await compiled(flow, size, script), `of ${size} bytes`).to.deep.equal(
              await interpreted(choosing(conditions), inputOf(size), script),
            );
          }
        },
      ),
      { numRuns: 60 },
    );
  });

  it("share a start between the numbers that they are compared with", async () => {
    const flow = flowOf(["$file.size < 10", "$kept.of.bytes > 2 * 500"]);
    const ids = await Promise.all(
      [0, 3, 9, 10, 11, 699, 700, 701, 999, 1000, 1001, 5e12].map((size) => idOf(flow, size)),
    );
    const [first] = ids;
    expect(ids.map((id) => ids.indexOf(id))).to.deep.equal([0, 0, 0, 3, 4, 4, 6, 7, 7, 9, 10, 10]);
    expect(await idOf(flow, 5)).to.equal(first);
  });

  it("each have a start of their own where the definition reckons with them", async () => {
    const flow = flowOf(["$mib > 5"]);
    expect(await idOf(flow, 100)).to.not.equal(await idOf(flow, 101));
    expect(await idOf(flow, 100)).to.equal(await idOf(flow, 100));
  });
});

const idOf = async (flow: ReturnType<typeof flowOf>, size: number): Promise<number> => (await flow.start(size)).id;
