/** A line of JSON in the function's log: the one place where handlers write it. */
export function systemLog(entry: Readonly<Record<string, unknown>>): void {
  console.log(JSON.stringify(entry));
}
