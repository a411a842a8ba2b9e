import { createHash } from "node:crypto";
import type { Effect, FlowNode } from "../flow.ts";
import type { Arrival, Strand } from "./drive.ts";
import type { Given } from "./driven-run.ts";
import { outcomeIn } from "./refusals.ts";

/** A node as it was worked out: where it is in either world. */
export interface Worked {
  readonly strand: Strand;
  readonly ats: Pair<Arrival["at"]>;
}

/** In the one world and in the other. */
export type Pair<T> = readonly [T, T];

export type Fork = Extract<Arrival["at"], { readonly kind: "fork" }>;

/** Outputs of the branches, or the error of the one that failed. */
export function joinOf(ends: readonly Worked[], index: 0 | 1): Given {
  const outputs: unknown[] = [];
  for (const { ats } of ends) {
    const at = ats[index];
    if (at.kind !== "end") continue;
    if (at.status === "FAILED") return { kind: "failed", error: at.error ?? "", cause: at.cause ?? "" };
    outputs.push(at.output);
  }
  return { kind: "joined", outputs };
}

/** The same for the same ends of the same fork. */
export const joinKey = (node: FlowNode, ends: readonly FlowNode[]): string => {
  let key = String(node.id);
  for (const { id } of ends) key += `,${id}`;
  return key;
};

/** Equal for threads that go on alike. */
export function keyOf({ kind, iteration }: Strand, { transitions, events, at }: Arrival): string {
  const where =
    at.kind === "end" ? at : { ...at, branches: undefined, place: { ...at.place, state: at.place.state.name } };
  const text = JSON.stringify([kind, iteration?.index, transitions, events, where]);
  return createHash("sha256").update(text).digest("base64");
}

/** What Step Functions calls it. */
export const UNEVALUATED = "States.QueryEvaluationError";

export function effectOf(at: Exclude<Arrival["at"], Fork>): Effect {
  switch (at.kind) {
    case "call": {
      const { place, ...call } = at;
      return { ...call, state: place.state.name };
    }
    case "pause": {
      const { place, ...pause } = at;
      return { ...pause, state: place.state.name };
    }
    case "end": {
      const outcome = outcomeIn(at.output) ?? (at.status === "FAILED" ? "failed" : undefined);
      return {
        kind: "end",
        status: at.status === "SUCCEEDED" ? "SUCCEEDED" : "FAILED",
        ...(outcome !== undefined && { outcome }),
        ...(at.error !== undefined && { error: at.error }),
        ...(at.error === UNEVALUATED && at.cause !== undefined && { cause: at.cause }),
      };
    }
  }
}
