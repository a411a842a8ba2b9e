import { existsSync } from "node:fs";
import { mkdir, readFile, rm, writeFile } from "node:fs/promises";
import { basename, delimiter, join } from "node:path";
import { fileURLToPath, pathToFileURL } from "node:url";
import { ServiceError } from "../services/service.ts";
import { inheritedEnvironment } from "./child-environment.ts";
import { openS3Front } from "./s3-front.ts";
import { notHonouredArguments, scriptArguments, sparkSettings } from "./script-arguments.ts";
import { extraPythonFiles } from "./extra-python-files.ts";
import { runScriptProcess, type ScriptEnd } from "./script-process.ts";
import type { ScriptEngine, ScriptOutcome, ScriptRun } from "./script-run.ts";
import { sparkSettingsText } from "./spark-settings.ts";
import { StagedBuckets } from "./staged-buckets.ts";

/** What a script is run with. */
export interface ScriptTools {
  /** Path of a Python with the packages of the run's version of Glue. */
  readonly python: string;
  /** Java's home, for jobs that need Spark. */
  readonly javaHome?: string;
}

export interface LocalScriptEngineOptions {
  /** Folder of the runs' logs and the jobs' bookmarks. */
  readonly folder: string;
  readonly tools: (run: Pick<ScriptRun, "GlueVersion" | "Command">) => Promise<ScriptTools>;
  /** The wall's clock, in milliseconds. */
  readonly now: () => number;
  /** Takes what scripts print, line by line. */
  readonly onLine?: (line: string, run: ScriptRun) => void;
}

const HERE = fileURLToPath(new URL(".", import.meta.url));
const RUNNER = join(HERE, "runner.py");

/**
 * Runs scripts with Python on this machine: Spark's by PySpark, Python shell's without. S3 is the embedded cloud's, with
 * the permissions of the job's role: over a loopback port for the AWS SDK, as folders for Spark.
 */
export class LocalScriptEngine implements ScriptEngine {
  readonly #options: LocalScriptEngineOptions;
  readonly #runs = new Map<string, { readonly outcome: Promise<ScriptOutcome>; readonly abort: AbortController }>();

  constructor(options: LocalScriptEngineOptions) {
    this.#options = options;
  }

  run(run: ScriptRun): Promise<ScriptOutcome> {
    const known = this.#runs.get(run.JobRunId);
    if (known !== undefined) return known.outcome;
    const abort = new AbortController();
    const outcome = this.#run(run, abort.signal);
    this.#runs.set(run.JobRunId, { outcome, abort });
    return outcome;
  }

  stop(JobRunId: string): void {
    this.#runs.get(JobRunId)?.abort.abort();
  }

  async #run(run: ScriptRun, stop: AbortSignal): Promise<ScriptOutcome> {
    const tools = await this.#options.tools(run);
    const folders = await makeFolders(join(this.#options.folder, safeName(run.JobName)), safeName(run.JobRunId));
    const staged = run.Command === "pythonshell" ? undefined : new StagedBuckets(folders.buckets, run);
    await staged?.fill();
    const front = await openS3Front(run, staged);
    const began = this.#options.now();
    const ended = (outcome: Omit<ScriptOutcome, "runningMs">): ScriptOutcome => ({
      ...outcome,
      runningMs: Math.max(0, this.#options.now() - began),
    });
    try {
      const script = join(folders.run, basename(run.script.name));
      await writeFile(script, run.script.content);
      if (staged !== undefined) await this.#writeSparkSettings(run, staged, folders);
      for (const line of notHonouredArguments(run)) this.#options.onLine?.(line, run);
      const extra = await extraPythonFiles(run, join(folders.run, "extra"));
      const end = await runScriptProcess({
        command: tools.python,
        args: [RUNNER, folders.result, script, ...scriptArguments(run, pathToFileURL(folders.temporary).href)],
        cwd: folders.temporary,
        env: {
          ...inheritedEnvironment(process.env),
          ...runEnvironment(run, folders, tools),
          PYTHONPATH: [...(staged === undefined ? [] : [HERE]), ...extra, ...(run.script.folders ?? [])].join(
            delimiter,
          ),
          AWS_ENDPOINT_URL: front.endpoint,
          AWS_ACCESS_KEY_ID: front.accessKeyId,
          AWS_SECRET_ACCESS_KEY: front.secretAccessKey,
        },
        log: folders.log,
        onLine: (line) => this.#options.onLine?.(line, run),
        timeoutMs: run.Timeout * 60_000,
        stop,
      });
      const outcome = ended(await outcomeOf(end, folders.result));
      // A run that is cut short leaves what it has written so far, as it would in S3.
      await staged?.publish();
      return outcome;
    } catch (error) {
      if (error instanceof ServiceError) return ended(failed(`${error.name}: ${error.message}`));
      throw error;
    } finally {
      await front.close();
      await rm(folders.buckets, { recursive: true, force: true });
      await rm(folders.temporary, { recursive: true, force: true });
    }
  }

  async #writeSparkSettings(run: ScriptRun, staged: StagedBuckets, folders: RunFolders): Promise<void> {
    const text = sparkSettingsText({
      folders: staged.folders,
      scratch: folders.temporary,
      own: sparkSettings(run.Arguments["--conf"]),
    });
    await writeFile(join(folders.run, "spark-defaults.conf"), text);
  }
}

interface RunFolders {
  readonly run: string;
  readonly buckets: string;
  readonly temporary: string;
  readonly result: string;
  readonly log: string;
  readonly bookmarks: string;
}

const makeFolders = async (job: string, runId: string): Promise<RunFolders> => {
  const run = join(job, runId);
  const folders = {
    run,
    buckets: join(run, "buckets"),
    temporary: join(run, "temporary"),
    result: join(run, "result.json"),
    log: join(run, "log.txt"),
    bookmarks: join(job, "bookmarks.json"),
  };
  await rm(run, { recursive: true, force: true });
  await mkdir(folders.buckets, { recursive: true });
  await mkdir(folders.temporary, { recursive: true });
  return folders;
};

const safeName = (name: string): string => name.replace(/[^0-9A-Za-z_.-]/g, "_");

const runEnvironment = (
  run: ScriptRun,
  folders: RunFolders,
  { python, javaHome }: ScriptTools,
): Readonly<Record<string, string>> => ({
  AWS_REGION: run.cloud.region,
  AWS_DEFAULT_REGION: run.cloud.region,
  AWS_CONFIG_FILE: "/dev/null",
  AWS_SHARED_CREDENTIALS_FILE: "/dev/null",
  AWS_EC2_METADATA_DISABLED: "true",
  // Bodies come as they are, without the trailers of newer checksums.
  AWS_REQUEST_CHECKSUM_CALCULATION: "when_required",
  AWS_RESPONSE_CHECKSUM_VALIDATION: "when_required",
  NO_PROXY: "127.0.0.1,localhost",
  no_proxy: "127.0.0.1,localhost",
  PYTHONUNBUFFERED: "1",
  PYTHONDONTWRITEBYTECODE: "1",
  PYTHONUTF8: "1",
  TZ: "UTC",
  ...(run.Command !== "pythonshell" && {
    PYSPARK_PYTHON: python,
    PYSPARK_DRIVER_PYTHON: python,
    SPARK_CONF_DIR: folders.run,
    SPARK_LOCAL_IP: "127.0.0.1",
    GLUE_PIPELINE_BOOKMARKS: folders.bookmarks,
    GLUE_PIPELINE_BOOKMARK_OPTION: run.Arguments["--job-bookmark-option"] ?? "job-bookmark-disable",
  }),
  ...(javaHome !== undefined && { JAVA_HOME: javaHome }),
});

/** What Glue would say of a run that ended so. */
const outcomeOf = async (end: ScriptEnd, result: string): Promise<Omit<ScriptOutcome, "runningMs">> => {
  switch (end.kind) {
    case "timed-out":
      return { JobRunState: "TIMEOUT" };
    case "stopped":
      return { JobRunState: "STOPPED" };
    case "ended": {
      if (!existsSync(result)) return failed(`Command failed with exit code ${exitCode(end)}`);
      const told = JSON.parse(await readFile(result, "utf8")) as { readonly ok: boolean; readonly message?: string };
      return told.ok ? { JobRunState: "SUCCEEDED" } : failed(told.message ?? "the script failed");
    }
  }
};

const failed = (ErrorMessage: string): Omit<ScriptOutcome, "runningMs"> => ({ JobRunState: "FAILED", ErrorMessage });

/** A signal counts as a shell counts it. */
const exitCode = ({ code, signal }: Extract<ScriptEnd, { kind: "ended" }>): number =>
  code ?? (signal === "SIGKILL" ? 137 : signal === "SIGTERM" ? 143 : 1);
