/** When and how often a failed call is made again: a state machine's retrier. */
export interface Retrier {
  readonly errors: readonly string[];
  readonly intervalSeconds?: number;
  readonly maxAttempts?: number;
  readonly backoffRate?: number;
  readonly maxDelaySeconds?: number;
  readonly jitter?: "FULL" | "NONE";
}

/** What decides about a file's way through its job, the same as in a state machine. */
export interface DirectSettings {
  readonly outputBucket: string;
  readonly validation: {
    readonly extensions: readonly string[];
    readonly minFileBytes: number;
    readonly maxFileBytes: number;
  };
  readonly retry: { readonly maxAttempts: number; readonly intervalSeconds: number; readonly backoffRate: number };
  readonly polling: { readonly floorSeconds: number; readonly ceilingSeconds: number; readonly share: number };
  readonly giveUpAfterMinutes: number;
  /** Which errors of calls are worth another try: those of the state machine's tasks. */
  readonly retriers: Readonly<Record<"transient" | "busy" | "anyTaskFailure" | "anyError", Retrier>>;
  /** Who has not noted a started run by then is dead: longer than the function lives. */
  readonly leaseSeconds: number;
}
