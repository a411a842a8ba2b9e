import type { JobDefinition, Simulation } from "./job-definition.ts";

type Environment = Readonly<Record<string, string | undefined>>;

/** A variable that the function cannot do without. */
export function required(env: Environment, name: string): string {
  const value = env[name];
  if (value === undefined || value === "") throw new Error(`The environment variable ${name} must be set, got nothing`);
  return value;
}

/** The job that the function stands for, from JOB. */
export function jobFrom(env: Environment): JobDefinition {
  return jsonFrom(env, "JOB") as JobDefinition;
}

/** How runs are simulated, from SIMULATION. */
export function simulationFrom(env: Environment): Simulation {
  return jsonFrom(env, "SIMULATION") as Simulation;
}

/** What a variable holds as JSON: an object. */
export function jsonFrom(env: Environment, name: string): unknown {
  const text = required(env, name);
  try {
    const value: unknown = JSON.parse(text);
    if (typeof value === "object" && value !== null) return value;
  } catch {
    // Told below, with what is not an object.
  }
  throw new Error(`The environment variable ${name} must be a JSON object, got ${text}`);
}

/** Makes a value at its first use and keeps it. A failure is not kept. */
export function once<T>(make: () => T): () => T {
  let made: { readonly value: T } | undefined;
  return () => (made ??= { value: make() }).value;
}
