import { expect } from "chai";
import { readFileSync, writeFileSync } from "node:fs";
import { definitionOf, graphOf } from "../support/stacks.ts";

/** `UPDATE_GOLDEN=1 npm test` writes the files anew; what changed shows in the diff. */
const golden = (stack: string, definition: unknown): unknown => {
  const file = new URL(`../golden/definition.${stack}.json`, import.meta.url);
  if (process.env.UPDATE_GOLDEN === "1") writeFileSync(file, `${JSON.stringify(definition, null, 2)}\n`);
  return JSON.parse(readFileSync(file, "utf8"));
};

const maskResources = (definition: unknown): unknown =>
  JSON.parse(JSON.stringify(definition, (key, value: unknown) => (key === "Resource" ? "masked" : value)));

/** A function that is called with a token has its ARN among the arguments. */
const maskFunctions = (definition: unknown): unknown =>
  JSON.parse(
    JSON.stringify(definition, (key, value: unknown) => (key === "FunctionName" ? withoutId(String(value)) : value)),
  );

const withoutId = (arn: string | undefined): string => String(arn).replace(/-[0-9a-f]{7}$/, "-…");

const resourcesIn = (definition: unknown): string[] => {
  const found: string[] = [];
  JSON.stringify(definition, (key, value: unknown) => {
    if (key === "Resource") found.push(String(value));
    return value;
  });
  return found;
};

describe("The pipeline's definition", () => {
  for (const stack of ["local", "prod"]) {
    it(`of the ${stack} stack is the committed one`, async () => {
      const definition = definitionOf(await graphOf(stack));
      expect(definition).to.deep.equal(golden(stack, definition));
      // Its text, too: an update of a deployed pipeline touches its state machine only where there is a reason.
      expect(JSON.stringify(definition)).to.equal(JSON.stringify(golden(stack, definition)));
    });
  }

  it("is the same on both stacks but for its Resources", async () => {
    const [local, prod] = [definitionOf(await graphOf("local")), definitionOf(await graphOf("prod"))];
    expect(maskResources(local)).to.deep.equal(maskResources(prod));
    expect(local).not.to.deep.equal(prod);
  });

  it("differs only in who answers StartJobRun, GetJobRun and BatchStopJobRun", async () => {
    const local = resourcesIn(definitionOf(await graphOf("local")));
    const prod = resourcesIn(definitionOf(await graphOf("prod")));
    const differing = prod.flatMap((resource, index) => (resource === local[index] ? [] : [[local[index], resource]]));
    expect(differing).to.deep.equal([
      [
        "arn:aws:lambda:us-east-1:000000000000:function:csv-job-start-502d66e",
        "arn:aws:states:::aws-sdk:glue:startJobRun",
      ],
      ["arn:aws:lambda:us-east-1:000000000000:function:csv-job-get-fae2440", "arn:aws:states:::aws-sdk:glue:getJobRun"],
      [
        "arn:aws:lambda:us-east-1:000000000000:function:csv-job-stop-af001ad",
        "arn:aws:states:::aws-sdk:glue:batchStopJobRun",
      ],
    ]);
  });

  it("whose tasks wait for their runs is the committed one", async () => {
    const definition = definitionOf(await graphOf("prod", { completion: "sync" }));
    expect(definition).to.deep.equal(golden("prod.sync", definition));
  });

  it("differs only in who answers StartJobRun where that waits for the run", async () => {
    const config = { completion: "sync" };
    const [local, prod] = [definitionOf(await graphOf("local", config)), definitionOf(await graphOf("prod", config))];
    expect(maskResources(local)).to.deep.equal(maskResources(prod));
    const [ofLocal, ofProd] = [resourcesIn(local), resourcesIn(prod)];
    const differing = ofProd.flatMap((resource, index) =>
      resource === ofLocal[index] ? [] : [[ofLocal[index], resource]],
    );
    expect(differing).to.deep.equal([
      ["arn:aws:lambda:us-east-1:000000000000:function:csv-job-run-4094aaa", "arn:aws:states:::glue:startJobRun.sync"],
    ]);
  });

  for (const stack of ["local", "prod"]) {
    it(`whose runs tell of their ends by events is the committed one on the ${stack} stack`, async () => {
      const definition = definitionOf(await graphOf(stack, { completion: "event" }));
      expect(definition).to.deep.equal(golden(`${stack}.event`, definition));
    });
  }

  it("differs only in functions and in who is looked at where runs tell of their ends by events", async () => {
    const config = { completion: "event" };
    const [local, prod] = [definitionOf(await graphOf("local", config)), definitionOf(await graphOf("prod", config))];
    expect(maskFunctions(maskResources(local))).to.deep.equal(maskFunctions(maskResources(prod)));
    const [ofLocal, ofProd] = [resourcesIn(local), resourcesIn(prod)];
    const differing = ofProd.flatMap((resource, index) =>
      resource === ofLocal[index] ? [] : [[withoutId(ofLocal[index]), withoutId(resource)]],
    );
    const lambda = "arn:aws:lambda:us-east-1:000000000000:function:csv-job-";
    expect(differing).to.deep.equal([
      [`${lambda}get-…`, "arn:aws:states:::aws-sdk:glue:getJobRun"],
      [`${lambda}stop-…`, "arn:aws:states:::aws-sdk:glue:batchStopJobRun"],
    ]);
    expect(ofProd).to.include("arn:aws:states:::lambda:invoke.waitForTaskToken");
  });

  for (const stack of ["local", "prod"]) {
    it(`of batches on the ${stack} stack is the committed one`, async () => {
      const definition = definitionOf(await graphOf(stack, { dispatch: "batch" }));
      expect(definition).to.deep.equal(golden(`${stack}.batch`, definition));
    });
  }

  it("of batches is the same on both stacks but for its Resources, and differs from the other in what runs are told", async () => {
    const config = { dispatch: "batch" };
    const [local, prod] = [definitionOf(await graphOf("local", config)), definitionOf(await graphOf("prod", config))];
    expect(maskResources(local)).to.deep.equal(maskResources(prod));
    interface Batches {
      readonly States: Readonly<Record<string, unknown>> & {
        readonly StartJobRun: { readonly Arguments: { readonly Arguments: Readonly<Record<string, string>> } };
      };
    }
    const [batches, files] = [prod, definitionOf(await graphOf("prod"))] as unknown as [Batches, Batches];
    const { "--manifest": manifest, ...others } = batches.States.StartJobRun.Arguments.Arguments;
    expect(manifest).to.equal('{% "s3://" & $file.bucket & "/" & $file.key %}');
    expect(others).to.deep.equal(files.States.StartJobRun.Arguments.Arguments);
    const names = Object.keys(batches.States);
    expect(Object.keys(files.States).filter((name) => !names.includes(name))).to.have.members([
      "NotifyRejected",
      "Rejected",
    ]);
  });

  it("stays the same where files that have an execution each wait in a queue", async () => {
    const queued = { ledger: "true", maxConcurrentExecutions: "3", fileOrder: "per-key" };
    expect(maskResources(definitionOf(await graphOf("prod", queued)))).to.deep.equal(
      maskResources(definitionOf(await graphOf("prod"))),
    );
  });

  it("stays the same under every setting that is the simulation's own", async () => {
    const changed = await graphOf("local", { simulatedFailureRate: "1", simulatedSeed: "7", standIn: "false" });
    expect(definitionOf(changed)).to.deep.equal(definitionOf(await graphOf("local")));
  });

  it("has a Retry and a Catch on every task", async () => {
    const { States } = definitionOf(await graphOf("prod")) as { States: Record<string, Record<string, unknown>> };
    const tasks = Object.entries(States).filter(([, state]) => state.Type === "Task");
    expect(tasks.map(([name]) => name)).to.include.members(["StartJobRun", "GetJobRun", "KeepFailure"]);
    for (const [name, state] of tasks) {
      expect(state.Retry, `${name}.Retry`).to.be.an("array").that.is.not.empty;
      expect(state.Catch, `${name}.Catch`).to.be.an("array").that.is.not.empty;
      expect(state.TimeoutSeconds, `${name}.TimeoutSeconds`).to.be.a("number");
    }
  });

  it("ends every task that ends an execution with the result, as emulators ignore a Succeed state's Output", async () => {
    const { States } = definitionOf(await graphOf("prod")) as { States: Record<string, Record<string, unknown>> };
    for (const name of ["NotifySucceeded", "NotifyRejected"]) {
      expect(States[name]?.Output).to.equal("{% $result %}");
      const [catcher] = States[name]?.Catch as { Output: unknown; Assign: { result: unknown } }[];
      expect(catcher?.Output).to.equal(catcher?.Assign.result);
    }
    expect(States.Succeeded).to.deep.equal({ Type: "Succeed" });
    expect(States.Rejected).to.deep.equal({ Type: "Succeed" });
  });

  it("tries again under every name that throttling and passing troubles come by", async () => {
    const { States } = definitionOf(await graphOf("prod")) as {
      States: Record<"StartJobRun" | "GetJobRun", { Retry: { ErrorEquals: string[] }[] }>;
    };
    for (const { Retry } of [States.StartJobRun, States.GetJobRun]) {
      expect(Retry.flatMap(({ ErrorEquals }) => ErrorEquals)).to.include.members([
        "Glue.ThrottlingException",
        "Glue.GlueException",
        "Lambda.TooManyRequestsException",
        "Lambda.ClientExecutionTimeoutException",
      ]);
    }
  });

  it("handles every state that Glue's API knows", async () => {
    const { States } = definitionOf(await graphOf("prod")) as {
      States: { CheckJobRun: { Choices: { Condition: string }[] } };
    };
    const { JobRunState } = await import("@aws-sdk/client-glue");
    const conditions = States.CheckJobRun.Choices.map(({ Condition }) => Condition).join("\n");
    // STOPPED and TIMEOUT, like a state that does not exist yet, fall through to the failure path.
    const handled = Object.values(JobRunState).filter((state) => conditions.includes(`"${state}"`));
    expect(Object.values(JobRunState).filter((state) => !handled.includes(state))).to.have.members([
      "STOPPED",
      "TIMEOUT",
    ]);
  });
});
