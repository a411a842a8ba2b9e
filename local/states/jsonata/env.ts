/** What an expression sees: the state's variables, `$states`, and the world's time and chance. */
export interface Env {
  /** Variables by name; those of outer scopes through the prototype chain. */
  readonly vars: Readonly<Record<string, unknown>>;
  readonly states: Readonly<Record<string, unknown>>;
  /** Milliseconds since the epoch, as `$now` and `$millis` tell it. */
  readonly now: number;
  /** Uniform in [0, 1). */
  readonly random: () => number;
  /** Bound by `:=` and by function parameters; inner frames inherit from outer ones. */
  readonly locals: Record<string, unknown> | undefined;
}

/** The same surroundings with a fresh innermost frame. */
export function withFrame(env: Env): Env & { readonly locals: Record<string, unknown> } {
  const locals = Object.create(env.locals ?? null) as Record<string, unknown>;
  return { vars: env.vars, states: env.states, now: env.now, random: env.random, locals };
}

/** A compiled node: evaluated in an environment, on a context value. */
export type Compiled = (env: Env, input: unknown) => unknown;
