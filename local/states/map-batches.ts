import { QueryError } from "./errors.ts";
import { isObject } from "./jsonata/values.ts";
import { MAX_PAYLOAD_BYTES } from "./payload.ts";
import type { BatcherPlan } from "./plan.ts";
import { shown } from "./problems.ts";
import type { Visit } from "./visit.ts";

/** The inputs of a distributed Map's executions, each with the number of items that it stands for. */
export interface Batch {
  readonly input: unknown;
  readonly items: number;
}

/** The items themselves, or batches of them where there is an ItemBatcher. */
export async function batches(
  visit: Visit,
  batcher: BatcherPlan | undefined,
  items: readonly unknown[],
): Promise<readonly Batch[]> {
  if (batcher === undefined) return items.map((input) => ({ input, items: 1 }));
  const env = visit.env();
  const most = (await visit.number(batcher.maxItems, env, { min: 1, max: Number.MAX_SAFE_INTEGER })) ?? Infinity;
  const bytes = (await visit.number(batcher.maxBytes, env, { min: 1, max: MAX_PAYLOAD_BYTES })) ?? MAX_PAYLOAD_BYTES;
  const BatchInput = await visit.optional(batcher.batchInput, env, undefined);
  if (BatchInput !== undefined && !isObject(BatchInput)) {
    throw new QueryError("ItemBatcher/BatchInput", `it must be an object, got ${shown(BatchInput)}`);
  }
  const around = BatchInput === undefined ? {} : { BatchInput };
  return cut(items, most, bytes - sizeOf({ Items: [], ...around })).map((Items) => ({
    input: { ...around, Items },
    items: Items.length,
  }));
}

const sizeOf = (value: unknown): number => Buffer.byteLength(JSON.stringify(value));

function cut(items: readonly unknown[], most: number, bytes: number): readonly (readonly unknown[])[] {
  const cuts: unknown[][] = [];
  let current: unknown[] = [];
  let size = 0;
  for (const item of items) {
    const itemSize = sizeOf(item) + 1;
    if (current.length > 0 && (current.length >= most || size + itemSize > bytes)) {
      cuts.push(current);
      current = [];
      size = 0;
    }
    current.push(item);
    size += itemSize;
  }
  if (current.length > 0) cuts.push(current);
  return cuts;
}
