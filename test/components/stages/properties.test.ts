import { expect } from "chai";
import fc from "fast-check";
import { namedStagesIn } from "../../../components/stages/results.ts";
import { parseMachine } from "../../../local/states/parse.ts";
import { anyInlineStage, anyStage } from "./generated.ts";
import { definitionOf, type Answerer, type Rendered } from "./harness.ts";
import { runStages } from "./running.ts";

interface Placed {
  readonly name: string;
  readonly state: Readonly<Record<string, unknown>>;
}

const scopesIn = ({ States }: Rendered): readonly Rendered[] =>
  Object.values(States).flatMap(({ Branches, ItemProcessor }) =>
    [...((Branches ?? []) as Rendered[]), ...(ItemProcessor === undefined ? [] : [ItemProcessor as Rendered])].flatMap(
      (scope) => [scope, ...scopesIn(scope)],
    ),
  );

const statesIn = (definition: Rendered): readonly Placed[] =>
  [definition, ...scopesIn(definition)].flatMap(({ States }) =>
    Object.entries(States).map(([name, state]) => ({ name, state })),
  );

const masked = (definition: unknown): unknown =>
  JSON.parse(JSON.stringify(definition, (key, value: unknown) => (key === "Resource" ? "masked" : value)));

const pairs: readonly (readonly [Answerer, Answerer])[] = [
  ["simulated", "real"],
  ["simulated sync", "real sync"],
];

describe("Any stages", () => {
  it("are a definition that Step Functions takes", async () => {
    await fc.assert(
      fc.asyncProperty(anyStage, fc.constantFrom<Answerer>("real", "real sync"), async (stage, answerer) => {
        parseMachine(await definitionOf(stage, { answerer }));
      }),
      { numRuns: 40 },
    );
  });

  it("are states with names that are unique and not too long", async () => {
    await fc.assert(
      fc.asyncProperty(anyStage, async (stage) => {
        const names = statesIn(await definitionOf(stage)).map(({ name }) => name);
        expect(new Set(names).size).to.equal(names.length);
        expect(names.filter((name) => name.length > 80)).to.deep.equal([]);
      }),
    );
  });

  it("are tasks that are tried again, whose failures are caught, and which end in time", async () => {
    await fc.assert(
      fc.asyncProperty(anyStage, async (stage) => {
        for (const { name, state } of statesIn(await definitionOf(stage))) {
          if (state.Type !== "Task") continue;
          expect(state.Retry, name).to.be.an("array").that.is.not.empty;
          expect(state.Catch, name).to.be.an("array").that.is.not.empty;
          expect(state.TimeoutSeconds, name).to.be.a("number");
        }
      }),
    );
  });

  it("are the same with simulated jobs as with real ones but for who answers", async () => {
    await fc.assert(
      fc.asyncProperty(anyStage, fc.constantFrom(...pairs), async (stage, [simulated, real]) => {
        const [one, other] = await Promise.all([
          definitionOf(stage, { answerer: simulated }),
          definitionOf(stage, { answerer: real }),
        ]);
        expect(masked(one)).to.deep.equal(masked(other));
      }),
    );
  });

  it("come to their end, with a result of each that was reached", async () => {
    await fc.assert(
      fc.asyncProperty(anyInlineStage, async (stage) => {
        const { result, messages } = await runStages(stage);
        expect(result.status, "error" in result ? result.cause : "").to.equal("SUCCEEDED");
        expect(messages.at(-1)).to.include({ outcome: "succeeded" });
      }),
      { numRuns: 40 },
    );
  });

  it("end as failed wherever they fail, saying which stage it was, and succeed from there", async () => {
    await fc.assert(
      fc.asyncProperty(anyInlineStage, fc.nat(), async (stage, pick) => {
        const calling = namedStagesIn(stage).filter(({ kind }) => kind === "job" || kind === "task");
        fc.pre(calling.length > 0);
        const failing = calling[pick % calling.length]?.name ?? "";
        const { result, kept } = await runStages(stage, { failing: [failing] });
        if (result.status === "SUCCEEDED") return;
        expect(kept[0]).to.include({ outcome: "failed", stage: failing });
        const replay = (kept[0] as { readonly replay: unknown }).replay;
        const again = await runStages(stage, { input: replay });
        expect(again.result.status, "error" in again.result ? again.result.cause : "").to.equal("SUCCEEDED");
      }),
      { numRuns: 60 },
    );
  });
});
