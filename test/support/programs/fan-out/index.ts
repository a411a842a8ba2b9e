import * as aws from "@pulumi/aws";
import { loadPipelineConfig } from "../../../../components/config.ts";
import { GluePipeline } from "../../../../components/glue-pipeline.ts";
import { job, map, sequence } from "../../../../components/stages/build.ts";
import { jsonata } from "../../../../components/state-machine/states.ts";

const script = new URL("./scripts/do_part.py", import.meta.url);
const maxConcurrentRuns = 20;

const days = new aws.s3.Bucket("days", { forceDestroy: true });
for (const day of ["mon", "tue", "wed"]) {
  new aws.s3.BucketObjectv2(day, { bucket: days.id, key: `days/${day}`, content: day });
}

const parts = map("Parts", {
  over: { items: ["a", "b"] },
  each: (part) =>
    sequence(
      job("Part", { job: { script, maxConcurrentRuns }, arguments: { "--part": jsonata(part) } }),
      map("Halves", {
        over: { items: [1, 2] },
        // Nothing but their place tells these runs apart.
        each: () => job("Half", { job: { kind: "pythonshell", script, maxConcurrentRuns }, retry: { maxAttempts: 2 } }),
        results: "array",
      }),
    ),
  results: "array",
});

const perDay = map("Days", {
  over: { objects: { bucket: days, prefix: "days/" } },
  each: (day) => job("Day", { job: { script, maxConcurrentRuns }, arguments: { "--day": jsonata(`${day}.Key`) } }),
});

const pipeline = new GluePipeline("fan", { ...loadPipelineConfig(), stages: sequence(parts, perDay) });

export const landingBucket = pipeline.landingBucket;
export const outputBucket = pipeline.outputBucket;
export const stateMachineArn = pipeline.stateMachineArn;
export const jobNames = pipeline.jobNames;
