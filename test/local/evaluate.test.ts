import { expect } from "chai";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { setImmediate } from "node:timers/promises";
import { evaluate } from "../../local/evaluate.ts";
import { graphOf, projectDirectory, resourceOf } from "../support/stacks.ts";

/** A program of its own, in a folder of this project so that its imports resolve. */
const withProgram = async (
  files: Readonly<Record<string, string>>,
  run: (directory: string) => Promise<void>,
): Promise<void> => {
  const directory = mkdtempSync(join(projectDirectory, "out-program-"));
  try {
    for (const [name, text] of Object.entries(files)) writeFileSync(join(directory, name), text);
    await run(directory);
  } finally {
    rmSync(directory, { recursive: true });
  }
};

const failureOf = (promise: Promise<unknown>): Promise<Error> =>
  promise.then(
    () => new Error("did not fail"),
    (error: unknown) => error as Error,
  );

describe("evaluate", () => {
  it("gives what the program declares, with what AWS would add", async () => {
    const graph = await graphOf("local");
    expect(graph).to.include({
      project: "glue-pipeline",
      stack: "local",
      region: "us-east-1",
      accountId: "000000000000",
    });
    const queue = resourceOf(graph, "aws:sqs/queue:Queue", "csv-failures");
    expect(queue.properties.arn).to.equal(`arn:aws:sqs:us-east-1:000000000000:${String(queue.properties.name)}`);
    expect(queue.id).to.equal(queue.properties.url);
    expect(queue.given).to.have.members(["messageRetentionSeconds", "sqsManagedSseEnabled"]);
    expect(graph.outputs.failureQueueUrl).to.equal(queue.properties.url);
  });

  it("names resources as Pulumi's engine does: by the types of all that they are part of", async () => {
    const graph = await graphOf("local");
    const project = "urn:pulumi:local::glue-pipeline";
    const bucketUrn = `${project}::glue-pipeline:index:GluePipeline$glue-pipeline:index:SecureBucket$aws:s3/bucket:Bucket::csv-landing`;
    expect(resourceOf(graph, "aws:s3/bucket:Bucket", "csv-landing").urn).to.equal(bucketUrn);
    const versioning = resourceOf(graph, "aws:s3/bucketVersioning:BucketVersioning", "csv-landing");
    expect(versioning.parent).to.equal(
      `${project}::glue-pipeline:index:GluePipeline$glue-pipeline:index:SecureBucket::csv-landing`,
    );
    expect(versioning.dependencies).to.deep.equal([bucketUrn]);
    const inFunction = "glue-pipeline:index:SimulatedGlueJob$glue-pipeline:index:LambdaFunction";
    expect(resourceOf(graph, "aws:iam/role:Role", "csv-job-get").urn).to.equal(
      `${project}::glue-pipeline:index:GluePipeline$${inFunction}$aws:iam/role:Role::csv-job-get`,
    );
  });

  it("leaves the stack out of the names of what is part of nothing else", async () => {
    const program = 'import * as aws from "@pulumi/aws"; new aws.sqs.Queue("queue");';
    await withProgram(
      { "Pulumi.yaml": "name: x\n", "Pulumi.local.yaml": "", "index.ts": program },
      async (directory) => {
        const { resources } = await evaluate({ directory, stack: "local" });
        expect(resources.map(({ urn }) => urn)).to.deep.equal(["urn:pulumi:local::x::aws:sqs/queue:Queue::queue"]);
      },
    );
  });

  it("gives the same names in every stack and at every evaluation", async () => {
    const names = async (stack: string) => {
      const { outputs } = await evaluate({ directory: projectDirectory, stack, config: { mode: "real" } });
      return outputs;
    };
    expect(await names("local")).to.deep.equal(await names("prod"));
  });

  it("lets overrides win over the stack's config, and that over the defaults", async () => {
    const limit = async (stack: string, config: Record<string, string>) =>
      resourceOf(await graphOf(stack, config), "aws:glue/job:Job", "csv-job").properties.executionProperty;
    expect(await limit("local", { mode: "real" })).to.deep.equal({ maxConcurrentRuns: 3 });
    expect(await limit("prod", {})).to.deep.equal({ maxConcurrentRuns: 50 });
    expect(await limit("prod", { "glue-pipeline:maxConcurrentRuns": "7" })).to.deep.equal({ maxConcurrentRuns: 7 });
  });

  it("runs evaluations that are asked for together one after the other, each with its own config", async () => {
    const graphs = await Promise.all(
      ["1", "2", "3"].map((seed) =>
        evaluate({ directory: projectDirectory, stack: "local", config: { simulatedSeed: seed } }),
      ),
    );
    const seeds = graphs.map((graph) => {
      const { environment } = resourceOf(graph, "aws:lambda/function:Function", "csv-job-start").properties;
      const { variables } = environment as { variables: Record<string, string> };
      return (JSON.parse(String(variables.SIMULATION)) as { seed: number }).seed;
    });
    expect(seeds).to.deep.equal([1, 2, 3]);
  });

  it("says which stacks there are when there is no such stack", async () => {
    const error = await failureOf(evaluate({ directory: projectDirectory, stack: "production" }));
    expect(error.message).to.equal('no stack "production": the stacks are local, prod');
  });

  it("says so when a folder holds no program", async () => {
    await withProgram({}, async (directory) => {
      expect((await failureOf(evaluate({ directory, stack: "local" }))).message).to.match(/^no Pulumi\.yaml in /);
    });
    await withProgram({ "Pulumi.yaml": "name: x\n" }, async (directory) => {
      expect((await failureOf(evaluate({ directory, stack: "local" }))).message).to.match(
        /^no stack "local": .* has no Pulumi\.STACK\.yaml$/,
      );
    });
    await withProgram({ "Pulumi.yaml": "name: x\n", "Pulumi.local.yaml": "" }, async (directory) => {
      expect((await failureOf(evaluate({ directory, stack: "local" }))).message).to.match(/^no index\.ts in /);
    });
  });

  it("names the file and the place of what it cannot read", async () => {
    await withProgram({ "Pulumi.yaml": "name: x\n", "Pulumi.local.yaml": "config: [\n" }, async (directory) => {
      expect((await failureOf(evaluate({ directory, stack: "local" }))).message).to.match(
        /^Pulumi\.local\.yaml: .*line/,
      );
    });
    await withProgram({ "Pulumi.yaml": "- name\n" }, async (directory) => {
      expect((await failureOf(evaluate({ directory, stack: "local" }))).message).to.equal(
        'Pulumi.yaml must be a mapping, got ["name"]',
      );
    });
    await withProgram({ "Pulumi.yaml": "runtime: nodejs\n", "Pulumi.local.yaml": "" }, async (directory) => {
      expect((await failureOf(evaluate({ directory, stack: "local" }))).message).to.equal(
        "Pulumi.yaml: name must be text",
      );
    });
    await withProgram(
      { "Pulumi.yaml": "name: x\n", "Pulumi.local.yaml": "config:\n  x:token:\n    secure: abc\n" },
      async (directory) => {
        expect((await failureOf(evaluate({ directory, stack: "local" }))).message).to.equal(
          "Pulumi.local.yaml: x:token is encrypted, and only Pulumi can decrypt it: pass --set x:token=VALUE",
        );
      },
    );
  });

  it("passes on what a program throws, also inside an apply", async () => {
    const settings = { "Pulumi.yaml": "name: x\n", "Pulumi.local.yaml": "" };
    await withProgram({ ...settings, "index.ts": 'throw new Error("at the top");' }, async (directory) => {
      expect((await failureOf(evaluate({ directory, stack: "local" }))).message).to.equal("at the top");
    });
    const inApply = `
      import * as aws from "@pulumi/aws";
      import * as pulumi from "@pulumi/pulumi";
      const name = pulumi.output("x").apply((): string => { throw new Error("inside an apply"); });
      new aws.sqs.Queue("queue", { name });
    `;
    await withProgram({ ...settings, "index.ts": inApply }, async (directory) => {
      expect((await failureOf(evaluate({ directory, stack: "local" }))).message).to.include("inside an apply");
    });
  });

  it("does not wait for resources that need what was never made", async () => {
    await withProgram(
      {
        "Pulumi.yaml": "name: x\nruntime: nodejs\n",
        "Pulumi.local.yaml": "config: {}\n",
        "index.ts": `
          import * as aws from "@pulumi/aws";
          import * as pulumi from "@pulumi/pulumi";
          const name = pulumi.output("x").apply((): string => { throw new Error("too large a name"); });
          const queue = new aws.sqs.Queue("q", { name });
          export const second = new aws.sqs.Queue("second", { name: queue.arn }, { dependsOn: queue });
          export const url = second.url;
        `,
      },
      async (directory) => {
        expect((await failureOf(evaluate({ directory, stack: "local" }))).message).to.include("too large a name");
        expect((await evaluate({ directory: projectDirectory, stack: "local" })).resources).not.to.have.length(0);
      },
    );
  });

  it("leaves no timer behind a program that was refused, for which a command line would wait", async () => {
    const timers = () => process.getActiveResourcesInfo().filter((kind) => kind === "Timeout").length;
    // Mocha's own timer for this test is there by then.
    await setImmediate();
    const before = timers();
    const config = { maxAttempts: "99" };
    const error = await failureOf(evaluate({ directory: projectDirectory, stack: "local", config }));
    expect(error.message).to.include("maxAttempts");
    expect(timers()).to.equal(before);
  });

  it("refuses a lookup that it could only make up", async () => {
    const lookup = `
      import * as aws from "@pulumi/aws";
      export const zones = aws.getAvailabilityZonesOutput({}).names;
    `;
    await withProgram(
      { "Pulumi.yaml": "name: x\n", "Pulumi.local.yaml": "", "index.ts": lookup },
      async (directory) => {
        const error = await failureOf(evaluate({ directory, stack: "local" }));
        expect(error.message).to.include(
          "does not know the lookup aws:index/getAvailabilityZones:getAvailabilityZones",
        );
      },
    );
  });
});
