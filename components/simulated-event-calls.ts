import type * as aws from "@pulumi/aws";
import * as pulumi from "@pulumi/pulumi";
import type { GlueCalls } from "../functions/lib/aws.ts";
import type { EventCalls } from "./glue-job.ts";
import type { Statement } from "./policy.ts";
import { sendUnderKey } from "./security/messages.ts";
import { createGet, createList, createStart, createStop, type JobFunctionParts } from "./simulated-job-functions.ts";
import { SimulatedRunEnds } from "./simulated-run-ends.ts";
import { invokeForToken, invokeFunction } from "./state-machine/integrations.ts";
import { TokenFunctions } from "./token-functions.ts";

/** The calls of a simulated job that tells of its runs' ends; and the function that stops runs by itself. */
export const eventCalls = (
  name: string,
  parts: JobFunctionParts,
  parent: pulumi.Resource,
): { readonly calls: EventCalls; readonly stop: aws.lambda.Function } => {
  const [start, get] = [createStart(name, parts, parent), createGet(name, parts, parent)];
  const [list, stop] = [createList(name, parts, parent), createStop(name, parts, parent)];
  const { logRetentionDays, encryption } = parts;
  const ends = new SimulatedRunEnds(`${name}-ends`, parts, { parent });
  const environment = {
    JOB_FUNCTIONS: jobFunctions({ startJobRun: start, getJobRun: get, getJobRuns: list, batchStopJobRun: stop }),
  };
  const { starter, finder } = new TokenFunctions(
    name,
    {
      statements: {
        start: [
          invoke("StartSimulatedRun", start, list),
          { sid: "AnnounceEnd", actions: ["sqs:SendMessage"], resources: [ends.queue.arn] },
          ...sendUnderKey(encryption, "EncryptAnnouncement", ends.queue),
        ],
        find: [invoke("ListSimulatedRuns", list)],
      },
      environment: { ...environment, RUN_ENDS_QUEUE_URL: ends.queue.url },
      logRetentionDays,
      encryption,
    },
    { parent },
  );
  const calls: EventCalls = {
    completion: "event",
    startJobRun: invokeForToken("StartJobRun", starter),
    starter: starter.arn,
    findJobRun: invokeFunction("FindJobRun", finder),
    getJobRun: invokeFunction("GetJobRun", get),
    batchStopJobRun: invokeFunction("StopJobRun", stop),
    // A look may have to wait for the stand-in.
    resolver: { statements: [invoke("LookAtSimulatedRun", get)], environment, timeoutSeconds: 900 },
    observed: { ends: { name: ends.function.name, isPolled: true } },
  };
  return { calls, stop };
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
