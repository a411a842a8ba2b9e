import { expect } from "chai";
import { chmodSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { delimiter, join } from "node:path";
import { parsePreview } from "../../cli/preview/digest.ts";
import { summarise } from "../../cli/preview/summarise.ts";
import { TestEmulator } from "../support/deployed/deployed.ts";
import { Project } from "../support/engine.ts";
import { projectDirectory } from "../support/stacks.ts";

const pack = join(projectDirectory, "policies");

/**
 * Where Pulumi's Node.js host is installed, it runs a policy pack; where it is not, the engine looks for a program of
 * this name and gives it the same arguments.
 */
const HOST = `#!/bin/sh
exec node "$(node -p 'require.resolve("@pulumi/pulumi/cmd/run-policy-pack")')" "$@"
`;

describe("The policy pack under Pulumi's engine", function () {
  this.timeout("5 minutes");
  const folder = mkdtempSync(join(tmpdir(), "glue-pipeline-policies-"));
  const path = process.env.PATH ?? "";
  const emulator = new TestEmulator();
  let local: Project;
  let prod: Project;

  before(async () => {
    const host = join(folder, "pulumi-analyzer-policy-nodejs");
    writeFileSync(host, HOST);
    chmodSync(host, 0o755);
    process.env.PATH = `${folder}${delimiter}${path}`;
    await emulator.start();
    local = new Project({ stack: "local", endpoint: emulator.endpoint });
    prod = new Project({ stack: "prod", endpoint: emulator.endpoint });
    prod.borrow("local", "aws:");
  });
  after(async () => {
    process.env.PATH = path;
    await emulator.remove();
    local.remove();
    prod.remove();
    rmSync(folder, { recursive: true });
  });

  const configured = (rules: Readonly<Record<string, unknown>>): string => {
    const file = join(folder, "policies.json");
    writeFileSync(file, JSON.stringify(rules));
    return file;
  };

  it("finds nothing wrong with the prod stack, whatever a preview cannot know", async () => {
    expect(await prod.previewWithPolicies(pack)).to.deep.equal([]);
  });

  it("warns of what an advisory rule finds, by the settings that it is given", async () => {
    const found = await prod.previewWithPolicies(
      pack,
      configured({
        "glue-cost-per-hour": { enforcementLevel: "advisory", maxUsd: 0.5 },
        "bucket-versioned": "disabled",
      }),
    );
    expect(found.map(({ policyName, enforcementLevel, name }) => [policyName, enforcementLevel, name])).to.deep.equal([
      ["glue-cost-per-hour", "advisory", "csv-job"],
    ]);
    expect(found[0]?.message).to.include("costs $0.88 an hour, and $0.50 are allowed (maxUsd)");
  });

  it("stops what breaks a mandatory rule", async () => {
    const failure = await local
      .previewWithPolicies(pack, configured({ "customer-managed-keys": { always: true } }))
      .then(
        () => "",
        (error: unknown) => String(error),
      );
    expect(failure).to.include("[mandatory]  customer-managed-keys  (aws:sqs:Queue: csv-failures)");
  });

  it("leaves previews of a stack to be summarised", async () => {
    const { changes, costs, definitions, errors, losses, warnings } = summarise(
      parsePreview(await prod.previewJson(), "the preview"),
    );
    expect(new Set(changes.map(({ change }) => change))).to.deep.equal(new Set(["create"]));
    expect(changes.map(({ type, name }) => `${type} ${name}`)).to.include("aws:glue/job:Job csv-job");
    expect([errors, warnings, losses]).to.deep.equal([[], [], []]);
    expect(definitions.map(({ name }) => name)).to.deep.equal(["csv"]);
    expect(costs.join()).to.include("\ncsv-job  2 × G.1X ");
  });
});
