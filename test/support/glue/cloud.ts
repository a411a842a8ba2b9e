import type { Simulation } from "../../../functions/lib/job-definition.ts";
import { VirtualClock } from "../../../local/clock.ts";
import type { CloudEvent } from "../../../local/events.ts";
import type { ServiceApi } from "../../../local/services/api.ts";
import { createGlueService } from "../../../local/services/glue.ts";
import type { GlueServiceOptions } from "../../../local/services/glue.ts";
import { MemoryStorage } from "../../../local/services/memory-storage.ts";
import { S3Service } from "../../../local/services/s3.ts";
import { bucket, graphOf, role, roleArn } from "../graph.ts";
import type { Declared, PolicyStatement } from "../graph.ts";
import { aSimulation, start } from "../jobs.ts";
import { worldOf } from "../world-of.ts";

/** The role that may do everything with jobs. */
export const caller = roleArn("caller");
export const mayReadScript: PolicyStatement = { Action: "s3:GetObject", Resource: "arn:aws:s3:::scripts/*" };

/** A Glue job as a program declares it. */
export function glueJob(given: Readonly<Record<string, unknown>> = {}): Declared {
  return {
    type: "aws:glue/job:Job",
    name: "process-csv",
    given: {
      name: "process-csv",
      roleArn: roleArn("job"),
      command: { name: "glueetl", scriptLocation: "s3://scripts/0a1b/process_csv.py", pythonVersion: "3" },
      glueVersion: "5.1",
      workerType: "G.1X",
      numberOfWorkers: 2,
      timeout: 60,
      executionProperty: { maxConcurrentRuns: 3 },
      defaultArguments: { "--TempDir": "s3://temp/" },
      ...given,
    },
  };
}

export interface GlueCloud {
  readonly api: ServiceApi;
  readonly clock: VirtualClock;
  readonly events: CloudEvent[];
}

/** Glue and S3 of the embedded cloud, with one job whose script has been uploaded. */
export async function glueCloud(
  options: Partial<GlueServiceOptions> = {},
  job: Declared = glueJob(),
  jobMay: readonly PolicyStatement[] = [mayReadScript],
  simulation: Simulation = aSimulation(),
): Promise<GlueCloud> {
  const events: CloudEvent[] = [];
  const clock = new VirtualClock(start);
  const graph = graphOf([
    bucket("scripts"),
    ...role("job", "glue.amazonaws.com", ...jobMay),
    ...role("caller", "lambda.amazonaws.com", { Action: "glue:*", Resource: "*" }),
    ...role("reader", "lambda.amazonaws.com", { Action: "glue:GetJobRun", Resource: "*" }),
    job,
  ]);
  const world = worldOf(graph, clock, (event) => events.push(event));
  const s3 = new S3Service(world, { storage: new MemoryStorage(), deliver: () => undefined });
  world.api.connect({ s3, glue: createGlueService(world, { simulation, ...options }) });
  await s3.putObject({ Bucket: "scripts", Key: "0a1b/process_csv.py", Body: "print('hello')" });
  return { api: world.api, clock, events };
}
