/** What can be stopped before its end. */
export interface Interruption {
  readonly signal: AbortSignal;
  /** Stops it for another reason than Ctrl-C. */
  readonly stop: () => void;
  readonly release: () => void;
}

/** An abort signal for Ctrl-C. Only the first one is taken: the second ends the process as usual. */
export function onInterrupt(): Interruption {
  const controller = new AbortController();
  const stop = (): void => {
    controller.abort();
  };
  process.once("SIGINT", stop);
  return {
    signal: controller.signal,
    stop,
    release: () => {
      process.removeListener("SIGINT", stop);
    },
  };
}
