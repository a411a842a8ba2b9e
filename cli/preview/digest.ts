import { isRecord } from "../../functions/lib/json.ts";

/** What `pulumi preview --json` prints, as far as the summary needs it. */
export interface PreviewDigest {
  readonly steps?: readonly PreviewStep[];
  readonly diagnostics?: readonly Diagnostic[];
  /** How many resources by what would be done: `{create: 3, same: 40}`. */
  readonly changeSummary?: Readonly<Record<string, number>>;
}

export interface PreviewStep {
  /** `create`, `update`, `delete`, `replace`, `create-replacement`, … */
  readonly op: string;
  readonly urn: string;
  readonly oldState?: ResourceState;
  readonly newState?: ResourceState;
  /** Properties that make the resource change, and those that make it another one. */
  readonly diffReasons?: readonly string[] | null;
  readonly replaceReasons?: readonly string[] | null;
  readonly detailedDiff?: Readonly<Record<string, unknown>> | null;
}

export interface ResourceState {
  readonly type: string;
  /** False: a component, which only groups others. */
  readonly custom?: boolean;
  readonly protect?: boolean;
  readonly retainOnDelete?: boolean;
  readonly inputs?: Readonly<Record<string, unknown>>;
}

export interface Diagnostic {
  readonly urn?: string;
  readonly message?: string;
  readonly severity?: string;
}

/** What is there instead of a value that a preview cannot know. */
export const UNKNOWN = "04da6b54-80e4-46f7-96ec-b56ff0331ba9";

/** The text is not what `pulumi preview --json` prints. */
export class PreviewError extends Error {
  override readonly name = "PreviewError";
}

export function parsePreview(text: string, source: string): PreviewDigest {
  if (text.trim() === "") throw new PreviewError(`${source} is empty: pulumi preview failed before it began`);
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch (error) {
    throw new PreviewError(`${source} is not JSON: ${error instanceof Error ? error.message : String(error)}`);
  }
  if (!isRecord(value) || !("steps" in value || "diagnostics" in value || "changeSummary" in value)) {
    throw new PreviewError(`${source} is not what "pulumi preview --json" prints: it has no steps and no diagnostics`);
  }
  return value;
}
