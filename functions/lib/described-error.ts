/** An error for the log. */
export function describedError(error: unknown): { readonly error: string; readonly cause: string } {
  const { name, message } = error instanceof Error ? error : new Error(String(error));
  return { error: name, cause: message };
}
