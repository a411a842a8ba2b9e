import { executionInput } from "../../functions/lib/execution-input.ts";
import { manifestKey } from "../../functions/lib/queued/manifest.ts";
import type { ResourceGraph } from "../resource-graph.ts";
import type { DeclaredDispatch } from "./create-dispatch.ts";
import { STAND_IN } from "./flow/stand-ins.ts";

/** What executions are started with, for a file or a batch of so many bytes. */
export const inputsOf = (
  graph: ResourceGraph,
  dispatch: DeclaredDispatch,
  definition: string,
): ((bytes: number) => unknown) => {
  const { JOB_NAME, OUTPUT_BUCKET } = dispatch.dispatcher.environment;
  if (dispatch.kind === "queued" && dispatch.settings.mode === "batch") {
    const manifest = { bucket: OUTPUT_BUCKET ?? STAND_IN, key: manifestKey(`batch-${STAND_IN}`), versionId: "null" };
    return (size) => executionInput(JOB_NAME, { ...manifest, size, sequencer: "" });
  }
  const key = `${text(graph.outputs.landingPrefix)}${STAND_IN}${extensionIn(definition)}`;
  const bucket = text(graph.outputs.landingBucket);
  return (size) => executionInput(JOB_NAME, { bucket, key, versionId: STAND_IN, size, sequencer: STAND_IN });
};

/** Files are taken to have the extension that the definition asks for, if it does. */
const extensionIn = (definition: string): string =>
  /lowercase\([^)]*key\),\s*-\d+\)\s*=\s*\\?"([^"\\]+)/.exec(definition)?.[1] ?? "";

const text = (value: unknown): string => (typeof value === "string" ? value : "");
