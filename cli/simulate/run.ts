import { evaluate } from "../../local/evaluate.ts";
import { defaultQuotas } from "../../local/capacity/quotas.ts";
import type { CapacityProgress, simulateCapacity } from "../../local/capacity/simulate.ts";
import { variationsOf } from "./options/compare.ts";
import type { SimulateOptions } from "./options.ts";
import type { Variant } from "./variants.ts";
import { scenarioOf } from "./scenario.ts";
import { workloadOf } from "./workload.ts";

export type Simulate = typeof simulateCapacity;

export interface Progress extends CapacityProgress {
  /** Counts from 0. */
  readonly variant: number;
  readonly variants: number;
}

/** Errors that a person's settings lead to; each has a name of its own. */
const REFUSALS = ["ProgramError", "CapacityError", "SettingsError"];

/**
 * Evaluates the program and simulates it, once for each variant. What the program refuses is told beside the others where
 * variants are compared, and thrown where there is nothing else.
 */
export async function runVariants(
  options: SimulateOptions,
  simulate: Simulate,
  onProgress: (progress: Progress) => void,
): Promise<readonly Variant[]> {
  const variations = variationsOf(options.compared);
  const variants: Variant[] = [];
  for (const [variant, settings] of variations.entries()) {
    const tell = (progress: CapacityProgress): void => {
      onProgress({ ...progress, variant, variants: variations.length });
    };
    const program = { ...options.program, config: { ...options.program.config, ...settings } };
    try {
      const graph = await evaluate(program);
      const workload = workloadOf(options, program);
      const quotas = { ...defaultQuotas(graph), ...options.quotas };
      const result = await simulate(graph, workload, quotas, { progress: tell });
      const asked = { stack: graph.stack, program: graph.project, settings: program.config, quotas: options.quotas };
      const scenario = scenarioOf(workload, { ...asked, traceFile: options.traceFile });
      variants.push({ settings, result: { ...result, scenario } });
    } catch (error) {
      const isRefusal = error instanceof Error && REFUSALS.includes(error.name);
      if (!isRefusal || variations.length === 1) throw error;
      variants.push({ settings, refused: error.message });
    }
  }
  return variants;
}
