import { outcomesKey, type Manifest, type ManifestFile } from "../../functions/lib/queued/manifest.ts";
import type { ExecutionInput } from "../../functions/lib/execution-input.ts";
import type { CloudEvent } from "../../local/events.ts";
import type { S3Service } from "../../local/services/s3.ts";
import { textOf } from "./world.ts";

/** What an execution tells of its end. */
export interface Told {
  readonly outcome: "succeeded" | "failed";
  readonly executionName: string;
  readonly [field: string]: unknown;
}

/** What an execution has taken. */
export interface Run {
  readonly name: string;
  readonly startedAt: number;
  readonly input: ExecutionInput;
  /** When it told of its end, or ended. */
  endedAt: number | undefined;
  told: Told | undefined;
}

/**
 * A job that is told what becomes of a file by its key: `bad` fails in its first generation, `poison` fails its whole
 * batch there, `mute` is a batch that tells of no file, `untold` is left out.
 */
export class SimulatedBatchJob {
  readonly runs: Run[] = [];
  mostAtOnce = 0;
  readonly #s3: S3Service;
  readonly #tell: (told: Told) => void;
  #now = 0;

  constructor(s3: S3Service, tell: (told: Told) => void) {
    this.#s3 = s3;
    this.#tell = tell;
  }

  observe(event: CloudEvent, now: number): void {
    this.#now = now;
    if (event.kind === "execution-started") {
      const input = event.input as ExecutionInput;
      this.runs.push({ name: event.name, startedAt: now, input, endedAt: undefined, told: undefined });
      const running = this.runs.filter(({ endedAt }) => endedAt === undefined).length;
      this.mostAtOnce = Math.max(this.mostAtOnce, running);
    }
    if (event.kind === "execution-ended") this.#end(event.name);
  }

  async run({ Payload }: { readonly Payload: string }): Promise<object> {
    const { name, input } = JSON.parse(Payload) as { readonly name: string; readonly input: ExecutionInput };
    const told = await this.#result(name, input);
    const run = this.#end(name);
    if (run) run.told = told;
    this.#tell(told);
    return { StatusCode: 200, Payload: JSON.stringify(told) };
  }

  #end(name: string): Run | undefined {
    const run = this.runs.find((one) => one.name === name);
    if (run) run.endedAt ??= this.#now;
    return run;
  }

  async #result(executionName: string, { arguments: file }: ExecutionInput): Promise<Told> {
    const isBatch = executionName.startsWith("batch-");
    const files = await this.filesOf({ name: executionName, input: { jobName: "", arguments: file } });
    const about = { executionName, jobName: "job", attempts: 1, jobRun: { Id: `jr_${executionName}` } };
    const failing = (word: string): readonly ManifestFile[] =>
      files.filter(({ key, generation: number }) => number === 0 && key.includes(word));
    const failed = new Set(failing("bad").map(({ key }) => key));
    const isFailed = failing("poison").length > 0 || (!isBatch && failed.size > 0);
    if (isBatch && failing("mute").length === 0) {
      const told =
        failing("poison").length > 0 ? files.slice(0, 1) : files.filter(({ key }) => !key.includes("untold"));
      const lines = told.map(({ name, key }) =>
        JSON.stringify(
          failed.has(key)
            ? { name, outcome: "failed", error: "Bad", cause: `${key} is bad` }
            : {
                name,
                outcome: "succeeded",
                output: { bucket: "output", prefix: `processed/${name}/` },
                rowsWritten: 1,
              },
        ),
      );
      await this.#s3.putObject({
        Bucket: "output",
        Key: outcomesKey(executionName),
        Body: Buffer.from(lines.join("\n")),
      });
    }
    if (isFailed) return { ...about, outcome: "failed", error: "JobRun.FAILED", cause: "it did" };
    return { ...about, outcome: "succeeded", output: { bucket: "output", prefix: `processed/${executionName}/` } };
  }

  /** The files of an execution. */
  async filesOf({ name, input }: Pick<Run, "name" | "input">): Promise<readonly ManifestFile[]> {
    const { arguments: file } = input;
    if (name.startsWith("batch-")) return this.#manifest(file.key);
    return [{ ...file, name, generation: Number(/^r(\d+)-/.exec(name)?.[1] ?? "0") }];
  }

  async #manifest(Key: string): Promise<readonly ManifestFile[]> {
    const { Body } = this.#s3.getObject({ Bucket: "output", Key });
    return (JSON.parse(await textOf(Body)) as Manifest).files;
  }
}
