/** An abort signal for Ctrl-C. Only the first one is taken: the second ends the process as usual. */
export function onInterrupt(): { readonly signal: AbortSignal; readonly release: () => void } {
  const controller = new AbortController();
  const interrupt = (): void => {
    controller.abort();
  };
  process.once("SIGINT", interrupt);
  return {
    signal: controller.signal,
    release: () => {
      process.removeListener("SIGINT", interrupt);
    },
  };
}
