import { expect } from "chai";
import fc from "fast-check";
import { rejectionRules } from "../../../../components/file-validation.ts";
import { rejectionReason } from "../../../../functions/lib/direct/validation.ts";
import { execute, machineOf } from "../../../local/states/harness.ts";

interface Rules {
  readonly extensions: readonly string[];
  readonly minFileBytes: number;
  readonly maxFileBytes: number;
}

interface File {
  readonly key: string;
  readonly size: number;
}

/** What the rules of the state machine's Validate say of a file. */
const reasonOfMachine = async (rules: Rules, file: File): Promise<unknown> => {
  const definition = machineOf({
    Validate: {
      Type: "Choice",
      Choices: rejectionRules(rules, "Tell").map(({ condition, assign }) => ({
        Condition: condition,
        Assign: { reason: (assign?.result as { readonly reason: string }).reason },
        Next: "Tell",
      })),
      Assign: { reason: "" },
      Default: "Tell",
    },
    Tell: { Type: "Pass", Output: "{% $reason %}", End: true },
  });
  const { result } = await execute(definition, { input: { jobName: "job", arguments: file } });
  expect(result).to.include({ status: "SUCCEEDED" });
  return result.status === "SUCCEEDED" ? result.output : undefined;
};

const extension = fc.oneof(
  fc.constantFrom("csv", "CSV", "csv.gz", "gz", "ß", "é", "İ", "𝒳"),
  fc.string({ unit: "grapheme", minLength: 1, maxLength: 4 }).filter((text) => /^[^.\s/]+$/.test(text)),
);
const size = fc.oneof(fc.constantFrom(0, 1, 2, 1023, 1024, 5 * 1024 ** 4), fc.nat(4096), fc.maxSafeNat());
const rules = fc.record({ extensions: fc.array(extension, { maxLength: 3 }), minFileBytes: size, maxFileBytes: size });

describe("The validation of a file without a state machine", () => {
  it("gives the reason that the state machine gives, for any rules and any file", async () => {
    const cases = rules.chain((given) =>
      fc.record({
        given: fc.constant(given),
        file: fc.record({
          key: fc
            .tuple(fc.string({ unit: "grapheme", maxLength: 12 }), fc.constantFrom("", ".", ...given.extensions))
            .map(([name, ending]) => `incoming/${name}${ending === "" ? "" : `.${ending}`}`),
          size: fc.oneof(size, fc.constantFrom(given.minFileBytes, given.maxFileBytes)),
        }),
      }),
    );
    await fc.assert(
      fc.asyncProperty(cases, async ({ given, file }) => {
        expect(rejectionReason(file, given) ?? "").to.equal(await reasonOfMachine(given, file));
      }),
      { numRuns: 500 },
    );
  });

  it("takes all extensions where none is named", () => {
    const open = { extensions: [], minFileBytes: 1, maxFileBytes: 10 };
    expect(rejectionReason({ key: "incoming/a.pdf", size: 10 }, open)).to.equal(undefined);
    expect(rejectionReason({ key: "incoming/a.pdf", size: 0 }, open)).to.equal("it is empty");
  });
});
