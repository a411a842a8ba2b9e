import type { Scenario, Simulation } from "../../functions/lib/job-definition.ts";
import { simulationDefaults } from "../../components/simulated-glue-job.ts";
import { readStackSettings, sharedNamespace } from "../../local/stack-config.ts";
import type { Program } from "../lib/program.ts";
import { isObject, parsed } from "./json.ts";

/** Config keys of the stack that say how simulated runs behave. */
const KEYS = {
  seed: "simulatedSeed",
  startUpSeconds: "simulatedStartUpSeconds",
  durationSeconds: "simulatedDurationSeconds",
  secondsPerMiB: "simulatedSecondsPerMiB",
  failureRate: "simulatedFailureRate",
} as const;

const SCENARIOS_KEY = "simulatedScenarios";

export interface Wishes {
  readonly engine?: "stand-in" | "spark";
  readonly seed: number | undefined;
  readonly scenarios: readonly Scenario[];
}

/**
 * The program's config with the person's wishes in it. Scenarios of the command line go before the stack's: the first
 * that fits decides.
 */
export function withWishes(program: Program, { engine, seed, scenarios }: Wishes): Program {
  const declared = valuesOf(program)(SCENARIOS_KEY);
  const all = [...scenarios, ...(Array.isArray(declared) ? (declared as unknown[]) : [])];
  return {
    ...program,
    config: {
      // A script that runs fails by itself, unless someone wishes for more.
      ...(engine === "spark" && { [KEYS.failureRate]: "0" }),
      ...program.config,
      ...(seed === undefined ? {} : { [KEYS.seed]: String(seed) }),
      ...(scenarios.length === 0 ? {} : { [SCENARIOS_KEY]: JSON.stringify(all) }),
    },
  };
}

/**
 * How the embedded Glue's runs behave, where a real job is declared: by the same config that the simulated job reads. The
 * program itself has checked the values.
 */
export function simulationFor(program: Program): Simulation {
  const value = valuesOf(program);
  const number = (name: keyof typeof KEYS): number => {
    const given = value(KEYS[name]);
    return given === undefined ? simulationDefaults[name] : Number(given);
  };
  const scenarios = value(SCENARIOS_KEY);
  return {
    seed: number("seed"),
    startUpSeconds: number("startUpSeconds"),
    durationSeconds: number("durationSeconds"),
    secondsPerMiB: number("secondsPerMiB"),
    failureRate: number("failureRate"),
    scenarios: Array.isArray(scenarios) ? (scenarios.filter(isObject) as unknown as Scenario[]) : [],
  };
}

/** The program's config values by their keys without the project's name, or without the one that programs share. */
function valuesOf(program: Program): (key: string) => unknown {
  const { project, config } = readStackSettings(program.directory, program.stack, program.config);
  return (key) => parsed(config[`${project}:${key}`] ?? config[`${sharedNamespace}:${key}`]);
}
