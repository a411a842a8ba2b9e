import { expect } from "chai";
import { JobFailure } from "../../../functions/lib/glue-error.ts";
import { lambdaStandIn } from "../../../functions/lib/stand-in.ts";
import type { Lambda } from "../../../functions/lib/aws.ts";
import { failureOf } from "../../support/jobs.ts";

const event = { JobName: "process-csv", JobRunId: "jr_1", Arguments: { "--key": "a.csv" } };

function call(answer: Awaited<ReturnType<Lambda["invoke"]>>): Promise<unknown> {
  return lambdaStandIn({ invoke: () => Promise.resolve(answer) }, "worker")(event);
}

describe("lambdaStandIn", () => {
  it("calls the function with the run and gives its answer", async () => {
    const calls: unknown[] = [];
    const lambda: Lambda = {
      invoke: (input) => {
        calls.push(input);
        return Promise.resolve({ Payload: '{"rowsIn":3}' });
      },
    };
    expect(await lambdaStandIn(lambda, "worker")(event)).to.deep.equal({ rowsIn: 3 });
    expect(calls).to.deep.equal([{ FunctionName: "worker", Payload: JSON.stringify(event) }]);
  });

  for (const [payload, message] of [
    ['{"errorType":"ValueError","errorMessage":"binary","trace":[]}', "ValueError: binary"],
    ['{"errorType":"Error","errorMessage":"binary"}', "binary"],
    [
      '{"errorMessage":"2026-01-05 Task timed out after 60.00 seconds"}',
      "2026-01-05 Task timed out after 60.00 seconds",
    ],
    ["not JSON", "not JSON"],
  ] as const) {
    it(`fails the run with "${message}" when the function answers ${payload}`, async () => {
      const error = await failureOf(() => call({ FunctionError: "Unhandled", Payload: payload }));
      expect(error).to.be.instanceOf(JobFailure);
      expect(error.message).to.equal(message);
    });
  }

  it("passes on that the function could not be called", async () => {
    const denied = Object.assign(new Error("no"), { name: "AccessDeniedException" });
    const error = await failureOf(() => lambdaStandIn({ invoke: () => Promise.reject(denied) }, "worker")(event));
    expect(error).to.equal(denied);
  });
});
