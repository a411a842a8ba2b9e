import { readFileSync } from "node:fs";
import { loadPipelineConfig } from "../../components/config.ts";
import { GluePipeline } from "../../components/glue-pipeline.ts";
import { securityOf } from "../../components/security.ts";
import { choice, invoke, job, sequence } from "../../components/stages/build.ts";
import { jsonata } from "../../components/state-machine/states.ts";
import { anyError } from "../../components/task-retries.ts";
import { governanceOf, parseContract, profilingContractOf } from "./lib/contract.ts";
import { QualityStore } from "./quality-store.ts";

const read = (path: string): string => readFileSync(new URL(path, import.meta.url), "utf8");
const contract = parseContract(read("./contract/orders.json"), read("./contract/orders.dqdl"));

const settings = loadPipelineConfig();
const store = new QualityStore("quality", { settings, dataset: contract.dataset });
const { recordStart, checkSchema, publish, quarantine } = store.functions;

const about = {
  executionName: jsonata("$executionName"),
  origin: jsonata("$origin"),
  file: jsonata("$file"),
  contract: governanceOf(contract),
};
const judged = { ...about, profile: jsonata("$profile.output"), verdict: jsonata("$checkSchema") };
/** What the functions do can be done again; what another file has overtaken stays so. */
const retry = [{ errors: ["SchemaOvertakenError"], maxAttempts: 0 }, anyError];
const answer = { keep: jsonata("$states.result"), timeoutSeconds: 600, retry };

const profile = job("Profile", {
  job: {
    kind: "pythonshell",
    script: new URL("./scripts/profile_quality.py", import.meta.url),
    standIn: new URL("./stand-ins/profile-quality.ts", import.meta.url),
    // How CSV is read is the same wherever it is.
    extraPythonFiles: [new URL("../../scripts/process_csv.py", import.meta.url)],
    maxCapacity: 0.0625,
    timeoutMinutes: 15,
    defaultArguments: { "--contract": JSON.stringify(profilingContractOf(contract)) },
  },
  // The same time for each try of an execution.
  arguments: { "--as_of": jsonata("$states.context.Execution.StartTime") },
  writes: { prefix: "profile/" },
});

const pipeline = new GluePipeline("quality", {
  ...settings,
  // What the store keeps is encrypted with the key of what lands.
  ...(store.encryption && { security: { ...securityOf(settings), kmsKeyArn: store.encryption.keyArn } }),
  stages: sequence(
    invoke("Record start", { function: recordStart, payload: about, retry }),
    profile,
    invoke("Check schema", {
      function: checkSchema,
      payload: { ...about, profile: jsonata("$profile.output") },
      ...answer,
    }),
    // Data that is not as promised is no failure of the pipeline: its execution succeeds, and says what it has found.
    choice("Decide", {
      when: [
        {
          condition: jsonata("$checkSchema.passed"),
          then: invoke("Publish", { function: publish, payload: judged, ...answer }),
        },
      ],
      otherwise: invoke("Quarantine", { function: quarantine, payload: judged, ...answer }),
    }),
  ),
});
store.connect("quality", pipeline);

export const landingBucket = pipeline.landingBucket;
export const landingPrefix = pipeline.landingPrefix;
export const outputBucket = pipeline.outputBucket;
export const stateMachineArn = pipeline.stateMachineArn ?? null;
export const failureQueueUrl = pipeline.failureQueueUrl;
export const resultsTopicArn = pipeline.resultsTopicArn;
/** Where accepted and quarantined files, reports and the lineage are. */
export const dataBucket = store.bucket.id;
export const schemasTable = store.schemas.name;
/** Tells the data's owner of each file that was quarantined. */
export const findingsTopicArn = store.findings.arn;
