import type { JobRun } from "@aws-sdk/client-glue";
import { mkdtempSync, readdirSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { toolsFor } from "../../../cli/run/script-engine.ts";
import { type Clock, VirtualClock } from "../../../local/clock.ts";
import { createCloud, type Cloud } from "../../../local/cloud.ts";
import { LocalScriptEngine } from "../../../local/engine/local-script-engine.ts";
import { bucket, type Declared, graphOf, type PolicyStatement, role, roleArn, versioned } from "../../support/graph.ts";

export interface ScriptCloudOptions {
  /** @default "pythonshell" */
  readonly command?: "pythonshell" | "glueetl" | "gluestreaming";
  readonly defaultArguments?: Readonly<Record<string, string>>;
  readonly nonOverridableArguments?: Readonly<Record<string, string>>;
  /** What the job's role may do beyond reading its script. @default everything in the bucket data */
  readonly may?: readonly PolicyStatement[];
  readonly clock?: Clock;
}

const JobName = "the-job";
const START = Date.UTC(2026, 0, 1);
/** Seconds before a script begins. */
const START_UP = 1;

/** An embedded cloud with one job, whose script is the text, and the buckets `scripts`, `data` and `secret`. */
export class ScriptCloud {
  readonly cloud: Cloud;
  readonly clock: Clock;
  readonly engine: LocalScriptEngine;
  readonly #folder: string;

  private constructor(cloud: Cloud, clock: Clock, engine: LocalScriptEngine, folder: string) {
    this.cloud = cloud;
    this.clock = clock;
    this.engine = engine;
    this.#folder = folder;
  }

  static async of(script: string, options: ScriptCloudOptions = {}): Promise<ScriptCloud> {
    const folder = mkdtempSync(join(tmpdir(), "glue-pipeline-scripts-"));
    const clock = options.clock ?? new VirtualClock(START);
    const engine = new LocalScriptEngine({
      folder,
      now: () => performance.now(),
      tools: (kind) => toolsFor(kind, () => undefined),
    });
    const may = options.may ?? [{ Action: "s3:*", Resource: ["arn:aws:s3:::data", "arn:aws:s3:::data/*"] }];
    const graph = graphOf([
      ...["scripts", "data", "secret"].map(bucket),
      versioned("data"),
      ...role("job", "glue.amazonaws.com", { Action: "s3:GetObject", Resource: "arn:aws:s3:::scripts/*" }, ...may),
      jobOf(options),
      {
        type: "aws:s3/bucketObjectv2:BucketObjectv2",
        name: "script",
        given: { bucket: "scripts", key: "abc/script.py", content: script },
      },
    ]);
    const simulation = {
      seed: 1,
      startUpSeconds: START_UP,
      durationSeconds: 60,
      secondsPerMiB: 0,
      failureRate: 0,
      scenarios: [],
    };
    return new ScriptCloud(await createCloud(graph, { clock, engine, simulation }), clock, engine, folder);
  }

  /** Runs the job to its end. */
  async run(args: Readonly<Record<string, string>> = {}): Promise<JobRun> {
    const started = await this.cloud.asUser.call("glue", "startJobRun", { JobName, Arguments: args });
    const { JobRunId: RunId } = started as { JobRunId: string };
    for (let looks = 0; looks < 2000; looks++) {
      await this.clock.spawn(() => this.clock.sleep(this.clock instanceof VirtualClock ? 5000 : 100));
      const { JobRun: run } = (await this.cloud.asUser.call("glue", "getJobRun", { JobName, RunId })) as {
        JobRun: JobRun;
      };
      if (["SUCCEEDED", "FAILED", "TIMEOUT", "STOPPED"].includes(run.JobRunState ?? "")) return run;
    }
    throw new Error(`run ${RunId} did not end`);
  }

  /** Gives the object's version, where the bucket keeps versions. */
  async put(key: string, content: string | Uint8Array, name = "data"): Promise<string | undefined> {
    const { VersionId } = await this.cloud.asUser.putObject({ Bucket: name, Key: key, Body: content });
    return VersionId;
  }

  async text(key: string): Promise<string> {
    const { Body } = await this.cloud.asUser.getObject({ Bucket: "data", Key: key });
    const pieces: Uint8Array[] = [];
    for await (const piece of Body) pieces.push(piece);
    return Buffer.concat(pieces).toString();
  }

  async keys(): Promise<readonly string[]> {
    const { Contents = [] } = await this.cloud.asUser.listObjects({ Bucket: "data" });
    return Contents.map(({ Key }) => Key);
  }

  /** What the runs' scripts have printed. */
  get log(): string {
    const job = join(this.#folder, JobName);
    return readdirSync(job, { withFileTypes: true })
      .filter((entry) => entry.isDirectory())
      .map(({ name }) => readFileSync(join(job, name, "log.txt"), "utf8"))
      .join("");
  }

  remove(): void {
    rmSync(this.#folder, { recursive: true });
  }
}

const jobOf = ({
  command = "pythonshell",
  defaultArguments,
  nonOverridableArguments,
}: ScriptCloudOptions): Declared => ({
  type: "aws:glue/job:Job",
  name: JobName,
  given: {
    name: JobName,
    roleArn: roleArn("job"),
    command: { name: command, scriptLocation: "s3://scripts/abc/script.py" },
    glueVersion: "5.1",
    timeout: 5,
    ...(command === "pythonshell" && { maxCapacity: 0.0625 }),
    ...(defaultArguments && { defaultArguments }),
    ...(nonOverridableArguments && { nonOverridableArguments }),
  },
  outputs: { arn: `arn:aws:glue:eu-central-1:123456789012:job/${JobName}` },
});
