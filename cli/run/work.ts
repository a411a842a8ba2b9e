import type { ResourceGraph } from "../../local/resource-graph.ts";
import { UsageError } from "../lib/command.ts";
import type { ExecutionInput } from "./execution-input.ts";
import type { LocalFile } from "./files.ts";
import { isObject, parsed } from "./json.ts";
import { landingsOf, planUploads, type PlannedUpload } from "./landing.ts";
import type { Start } from "./records.ts";

/** What a run begins with: files that are uploaded, or executions that are started without one. */
export interface Work {
  readonly uploads: readonly PlannedUpload[];
  readonly starts: readonly Start[];
}

export interface Wanted {
  readonly files: readonly LocalFile[];
  /** The person has named the files; else they are the program's samples. */
  readonly filesGiven: boolean;
  readonly key: string | undefined;
  readonly input: ExecutionInput | undefined;
}

/**
 * Files go where the program watches for them. A program that watches for none says by its outputs what is started
 * instead: `stateMachineArn`, and `startInput` as the execution's input, an object or its JSON text.
 */
export function planWork(graph: ResourceGraph, { files, filesGiven, key, input }: Wanted): Work {
  if (input !== undefined) return { uploads: [], starts: [startOf(graph, JSON.parse(input.json))] };
  const isWatched = landingsOf(graph).length > 0;
  if (!isWatched && !filesGiven && typeof graph.outputs.stateMachineArn === "string") {
    const startInput = parsed(graph.outputs.startInput ?? {});
    if (!isObject(startInput)) {
      throw new UsageError([`the program's output startInput must be an object, got ${JSON.stringify(startInput)}`]);
    }
    return { uploads: [], starts: [startOf(graph, startInput)] };
  }
  if (isWatched && files.length === 0)
    throw new UsageError(["there is nothing to upload: name a FILE, or put samples into the program's folder samples"]);
  return { uploads: planUploads(graph, files, key), starts: [] };
}

function startOf({ outputs, project, stack }: ResourceGraph, input: unknown): Start {
  const { stateMachineArn } = outputs;
  if (typeof stateMachineArn === "string") return { stateMachineArn, name: `${project}-1`, input };
  throw new UsageError([
    `--input starts an execution of the machine that the program's output stateMachineArn names, and stack ${stack} has no such output`,
  ]);
}
