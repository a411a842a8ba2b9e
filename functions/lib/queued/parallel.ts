/** Works on many things, so many at once. The first failure ends it: nothing new is begun, and it is thrown. */
export async function inParallel<Thing, Result>(
  things: readonly Thing[],
  atOnce: number,
  work: (thing: Thing) => Promise<Result>,
): Promise<readonly Result[]> {
  const results = new Array<Result>(things.length);
  const failures: unknown[] = [];
  let next = 0;
  const worker = async (): Promise<void> => {
    while (next < things.length && failures.length === 0) {
      const index = next;
      next += 1;
      try {
        results[index] = await work(things[index] as Thing);
      } catch (error) {
        failures.push(error);
      }
    }
  };
  await Promise.all(Array.from({ length: Math.min(atOnce, things.length) }, worker));
  if (failures.length > 0) throw failures[0];
  return results;
}

/** The same for things that have nothing to do with each other. Gives what failed with its error. */
export async function failuresOf<Thing>(
  things: readonly Thing[],
  atOnce: number,
  work: (thing: Thing) => Promise<unknown>,
): Promise<ReadonlyMap<Thing, unknown>> {
  const failures = new Map<Thing, unknown>();
  await inParallel(things, atOnce, async (thing) => {
    try {
      await work(thing);
    } catch (error) {
      failures.set(thing, error);
    }
  });
  return failures;
}
