import { spawn } from "node:child_process";
import { once } from "node:events";
import { readFileSync } from "node:fs";
import { createInterface } from "node:readline";
import { setTimeout as pause } from "node:timers/promises";
import { fileURLToPath } from "node:url";
import { gunzipSync } from "node:zlib";
import { Glue } from "@aws-sdk/client-glue";
import { ensurePythonEnvironment } from "../../../cli/python/python-environment.ts";
import { isSettled } from "../../../functions/lib/job-run.ts";
import type { JobDefinition } from "../../../functions/lib/job-definition.ts";
import type { ServiceModel } from "./model.ts";

/** A server of somebody else's that has a Glue API. */
export interface GlueEmulator {
  readonly url: string;
  readonly stop: () => Promise<void>;
}

export const motoRequirements = fileURLToPath(new URL("../../stack/moto-requirements.txt", import.meta.url));

/** The version that a requirements file pins a package to. */
export function pinnedVersion(requirements: string, name: string): string {
  const [, version] = new RegExp(`^${name}==(\\S+)`, "m").exec(readFileSync(requirements, "utf8")) ?? [];
  if (version === undefined) throw new Error(`${requirements} pins no ${name}`);
  return version;
}

/** It ends with its standard input, so that it outlives no test. */
const motoServer = `
import sys
from moto.server import ThreadedMotoServer
server = ThreadedMotoServer("127.0.0.1", 0, verbose=False)
server.start()
print("http://%s:%d" % server.get_host_and_port(), flush=True)
sys.stdin.read()
server.stop()
`;

export async function startMoto(log: (line: string) => void): Promise<GlueEmulator> {
  const python = await motoPython(log);
  const child = spawn(python, ["-I", "-c", motoServer], { stdio: ["pipe", "pipe", "ignore"], env: {} });
  const ended = once(child, "exit");
  for await (const line of createInterface(child.stdout)) {
    const stop = async (): Promise<void> => {
      child.stdin.end();
      const late = new AbortController();
      const killed = pause(5000, undefined, { signal: late.signal }).then(
        () => child.kill("SIGKILL"),
        () => undefined,
      );
      await ended;
      late.abort();
      await killed;
    };
    return { url: line, stop };
  }
  throw new Error(`moto ended with ${child.exitCode ?? "a signal"} before it answered`);
}

/** botocore's whole model of Glue. */
export async function botocoreGlueModel(log: (line: string) => void): Promise<ServiceModel> {
  const python = await motoPython(log);
  const child = spawn(python, ["-I", "-c", "import botocore; print(botocore.__path__[0])"], {
    stdio: ["ignore", "pipe", "inherit"],
    env: {},
  });
  for await (const folder of createInterface(child.stdout)) {
    const file = readFileSync(`${folder}/data/glue/2017-03-31/service-2.json.gz`);
    return JSON.parse(gunzipSync(file).toString("utf8")) as ServiceModel;
  }
  throw new Error("There is no botocore beside moto");
}

function motoPython(log: (line: string) => void): Promise<string> {
  return ensurePythonEnvironment({ name: "moto", requirements: motoRequirements, log });
}

/** Makes a job that has no runs, in the place of an earlier one. */
export async function createJobAnew(sdk: Glue, job: JobDefinition): Promise<void> {
  const size =
    job.MaxCapacity === undefined
      ? { WorkerType: job.WorkerType, NumberOfWorkers: job.NumberOfWorkers }
      : { MaxCapacity: job.MaxCapacity };
  await sdk.deleteJob({ JobName: job.Name }).catch(() => undefined);
  await sdk.createJob({
    Name: job.Name,
    Role: "arn:aws:iam::000000000000:role/job",
    Command: { Name: job.Command ?? "glueetl", ScriptLocation: "s3://scripts/process_csv.py", PythonVersion: "3" },
    GlueVersion: job.GlueVersion,
    Timeout: job.Timeout,
    DefaultArguments: { ...job.DefaultArguments },
    ExecutionProperty: { MaxConcurrentRuns: job.MaxConcurrentRuns },
    JobRunQueuingEnabled: job.JobRunQueuingEnabled,
    ...size,
  });
}

/** Waits for the end of a run that takes a moment of the machine's own time: what is told before it is left to chance. */
export async function untilSettled(sdk: Glue, JobName: string, RunId: string): Promise<void> {
  for (let waited = 0; waited < 10_000; waited += 10) {
    const { JobRun } = await sdk.getJobRun({ JobName, RunId });
    if (JobRun?.JobRunState !== undefined && isSettled(JobRun.JobRunState)) return;
    await pause(10);
  }
}
