import type * as aws from "@pulumi/aws";
import * as pulumi from "@pulumi/pulumi";
import type { GlueCalls } from "../functions/lib/aws.ts";
import type { EventJob } from "./glue-job.ts";
import type { Statement } from "./policy.ts";
import { createGet, createList, createStart, createStop, type JobFunctionParts } from "./simulated-job-functions.ts";
import { SimulatedRunEnds } from "./simulated-run-ends.ts";
import { invokeFunction } from "./state-machine/integrations.ts";

/** A simulated job that tells of its runs' ends; and the functions that list and stop runs by themselves. */
export const eventJob = (
  name: string,
  parts: JobFunctionParts,
  parent: pulumi.Resource,
): { readonly calls: EventJob } & Readonly<Record<"list" | "stop", aws.lambda.Function>> => {
  const [start, get] = [createStart(name, parts, parent), createGet(name, parts, parent)];
  const [list, stop] = [createList(name, parts, parent), createStop(name, parts, parent)];
  const ends = new SimulatedRunEnds(`${name}-ends`, parts, { parent });
  const calls: EventJob = {
    completion: "event",
    getJobRun: invokeFunction("GetJobRun", get),
    batchStopJobRun: invokeFunction("StopJobRun", stop),
    access: {
      statements: {
        start: [
          invoke("StartSimulatedRun", start, list),
          { sid: "AnnounceEnd", actions: ["sqs:SendMessage"], resources: [ends.queue.arn] },
        ],
        find: [invoke("ListSimulatedRuns", list)],
        resolve: [invoke("LookAtSimulatedRun", get)],
      },
      simulated: { start, get, list, ends: ends.queue },
    },
    observed: { ends: { name: ends.function.name, isPolled: true } },
  };
  return { calls, list, stop };
};

/** Calls functions of a simulated job. */
export const invoke = (sid: string, ...lambdas: readonly aws.lambda.Function[]): Statement => ({
  sid,
  actions: ["lambda:InvokeFunction"],
  resources: lambdas.map(({ arn }) => arn),
});

/** For functions that call the job where no state machine does. */
export const jobFunctions = ({
  startJobRun,
  getJobRun,
  getJobRuns,
  batchStopJobRun,
}: Readonly<Record<keyof GlueCalls, aws.lambda.Function>>): pulumi.Output<string> =>
  pulumi.jsonStringify({
    startJobRun: startJobRun.name,
    getJobRun: getJobRun.name,
    getJobRuns: getJobRuns.name,
    batchStopJobRun: batchStopJobRun.name,
  });
