import type * as aws from "@pulumi/aws";
import * as pulumi from "@pulumi/pulumi";
import type { JobCalls } from "../../../components/glue-job.ts";
import { validationDefaults } from "../../../components/file-validation.ts";
import { pipelineDefaults } from "../../../components/pipeline-args.ts";
import { jobRetryDefaults } from "../../../components/pipeline-definition.ts";
import { pollingDefaults } from "../../../components/polling.ts";
import { job, task } from "../../../components/stages/build.ts";
import type { JobStage, JobStageArgs, Stage, TaskStage, TaskStageArgs } from "../../../components/stages/stage.ts";
import { stagesDefinition, type StagesDefinitionArgs } from "../../../components/stages/stages-definition.ts";
import {
  batchStopGlueJobRun,
  getGlueJobRun,
  runGlueJob,
  startGlueJobRun,
} from "../../../components/state-machine/integrations.ts";
import { renderDefinition } from "../../../components/state-machine/render.ts";
import { jsonata, type Integration, type StateGraph } from "../../../components/state-machine/states.ts";

/** A bucket as stages know it, without a program that makes it. */
export const bucketOf = (name: string): aws.s3.Bucket =>
  ({ id: pulumi.output(name), arn: pulumi.output(`arn:aws:s3:::${name}`) }) as unknown as aws.s3.Bucket;

/** A call of anything, told apart by its name. */
export const callOf = (name: string): Integration => ({
  resource: `arn:aws:lambda:us-east-1:000000000000:function:${name}`,
  permissions: [{ sid: name, actions: ["lambda:InvokeFunction"], resources: [name] }],
});

export type Answerer = "simulated" | "real" | "real sync" | "simulated sync";

/** Who answers for a job. */
const callsOf = (jobName: string, answerer: Answerer): JobCalls => {
  const arn = `arn:aws:glue:us-east-1:000000000000:job/${jobName}`;
  switch (answerer) {
    case "simulated":
      return {
        completion: "poll",
        startJobRun: callOf(`${jobName}-start`),
        getJobRun: callOf(`${jobName}-get`),
        batchStopJobRun: callOf(`${jobName}-stop`),
      };
    case "simulated sync":
      return { completion: "sync", startJobRun: callOf(`${jobName}-run`) };
    case "real":
      return {
        completion: "poll",
        startJobRun: startGlueJobRun("StartJobRun", arn),
        getJobRun: getGlueJobRun("GetJobRun", arn),
        batchStopJobRun: batchStopGlueJobRun("StopJobRun", arn),
      };
    case "real sync":
      return { completion: "sync", startJobRun: runGlueJob("StartJobRun", arn) };
  }
};

export interface Choices {
  readonly answerer?: Answerer;
  readonly withoutFile?: boolean;
}

export const argsOf = (
  stage: Stage,
  { answerer = "simulated", withoutFile = false }: Choices = {},
): StagesDefinitionArgs => ({
  stage,
  jobOf: ({ name }) => {
    const jobName = `job-${name.toLowerCase().replaceAll(" ", "-")}`;
    return { jobName: pulumi.output(jobName), calls: callsOf(jobName, answerer), giveUpAfterMinutes: 60 };
  },
  validation: withoutFile ? undefined : validationDefaults,
  retry: jobRetryDefaults,
  polling: pollingDefaults,
  eventHeartbeatSeconds: pipelineDefaults.eventHeartbeatSeconds,
  patienceSeconds: Infinity,
  outputBucket: bucketOf("output-bucket"),
  stopRuns: callOf("stop-runs"),
  notify: { call: callOf("notify"), topicArn: "topic" },
  keepFailure: { call: callOf("keep"), queueUrl: "queue" },
});

export interface Rendered {
  readonly StartAt: string;
  readonly States: Readonly<Record<string, Readonly<Record<string, unknown>>>>;
}

export const render = (graph: StateGraph): Promise<Rendered> =>
  new Promise((resolve) =>
    renderDefinition(graph, { comment: "Stages" }).apply((text) => {
      resolve(JSON.parse(text) as Rendered);
    }),
  );

export const definitionOf = (stage: Stage, choices?: Choices): Promise<Rendered> =>
  render(stagesDefinition(argsOf(stage, choices)));

/** A stage that runs a job. */
export const runs = (name: string, args: Omit<JobStageArgs, "job"> = {}): JobStage =>
  job(name, { job: { script: new URL("file:///job.py") }, ...args });

/** A stage that calls a function of its name, perhaps with a value, and keeps the answer. */
export const asks = (name: string, value?: string, more: Pick<TaskStageArgs, "onFailure"> = {}): TaskStage =>
  task(name, {
    call: callOf(name.toLowerCase()),
    ...(value !== undefined && { arguments: { value: jsonata(value) } }),
    keep: jsonata("$states.result"),
    ...more,
  });
