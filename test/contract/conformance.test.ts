import { JobRunState } from "@aws-sdk/client-glue";
import { expect } from "chai";
import fc from "fast-check";
import type { FinalState, Scenario } from "../../functions/lib/job-definition.ts";
import { glueModel, operationNames } from "../support/glue/model.ts";
import { requestsOf } from "../support/glue/requests.ts";
import { problemsOf } from "../support/glue/validator.ts";
import { aJob } from "../support/jobs.ts";
import { behindFront, conformance, converse } from "./conformance.ts";
import { Findings, noDifferences } from "./findings.ts";
import { embeddedGlue, simulatedJob } from "./subjects.ts";
import type { Conversation } from "./conversation.ts";

const model = glueModel();
const JobName = "process-csv";

const ways: Readonly<Record<FinalState, readonly JobRunState[]>> = {
  SUCCEEDED: ["STARTING", "RUNNING", "SUCCEEDED"],
  FAILED: ["STARTING", "RUNNING", "FAILED"],
  TIMEOUT: ["STARTING", "RUNNING", "TIMEOUT"],
  ERROR: ["STARTING", "RUNNING", "ERROR"],
  STOPPED: ["STARTING", "RUNNING", "STOPPING", "STOPPED"],
  EXPIRED: ["WAITING", "EXPIRED"],
};

for (const [name, make] of [
  ["A simulated job", simulatedJob],
  ["The embedded Glue", embeddedGlue],
] as const) {
  describe(`${name} behind HTTP`, () => {
    const talking = async (
      job: Parameters<typeof aJob>[0],
      scenarios: readonly Scenario[],
      play: (talk: Conversation, findings: Findings) => Promise<void>,
    ): Promise<void> => {
      const findings = new Findings();
      const partner = await behindFront(make, { scenarios })(aJob(job));
      await converse(partner, findings, (talk) => play(talk, findings));
      expect(findings.differences).to.deep.equal(noDifferences);
    };

    it("differs from Glue in no answer to the script", async () => {
      expect(await conformance(behindFront(make))).to.deep.equal(noDifferences);
    });

    it("answers as the model has it in each state, on the way to each end", async () => {
      for (const [end, way] of Object.entries(ways)) {
        const scenarios = [{ match: "*", Return: { JobRunState: end as FinalState } }];
        await talking({ Timeout: 1 }, scenarios, async (talk) => {
          await talk.step(end).follow(await talk.start(), way);
        });
      }
      expect([...new Set(Object.values(ways).flat())].sort()).to.deep.equal(Object.values(JobRunState).sort());
    });

    it("fails as the model has it, with each error that a scenario throws", async () => {
      for (const { shape } of model.operations.StartJobRun?.errors ?? []) {
        await talking({}, [{ match: "*", Throw: { Error: shape } }], async (talk) => {
          await talk.step(shape).refused("StartJobRun", { JobName }, [shape]);
        });
      }
    });

    for (const operation of operationNames) {
      it(`answers as the model has it to any ${operation}, and refuses what the model forbids`, async () => {
        await talking({ MaxConcurrentRuns: 1000 }, [], async (talk, findings) => {
          const id = (await talk.start()) ?? "";
          const likely = { JobName: [JobName], RunId: [id], JobRunId: [id], JobRunIds: [[id]] };
          const answersRightly = async (request: Readonly<Record<string, unknown>>): Promise<void> => {
            const accepted = await talk.anything(operation, request);
            expect(findings.differences).to.deep.equal(noDifferences);
            const problems = problemsOf(model, `${operation}Request`, request);
            if (problems.length > 0) expect(accepted, problems.join()).to.equal(false);
          };
          await fc.assert(fc.asyncProperty(requestsOf(model, operation, likely), answersRightly), {
            numRuns: 150,
          });
        });
      });
    }

    it("tells the arguments of a run as they were given, whatever they are", async () => {
      await talking({ MaxConcurrentRuns: 1000 }, [], async (talk) => {
        const anyArguments = fc.dictionary(fc.string({ minLength: 1 }), fc.string({ unit: "grapheme" }), {
          maxKeys: 5,
        });
        const told = async (given: Record<string, string>): Promise<void> => {
          const run = await talk.look(await talk.start({ Arguments: given }));
          expect(run?.Arguments ?? {}).to.deep.equal(given);
        };
        await fc.assert(fc.asyncProperty(anyArguments, told), {
          numRuns: 60,
          examples: [[JSON.parse('{"__proto__":"x"}')]],
        });
      });
    });
  });
}
