/** How much is worked on at once. */
interface Bounds {
  readonly count: number;
  readonly weight: number;
}

/**
 * Works on all items, in their order, as many at once as the bounds allow; one that is heavier than the bound is worked on
 * alone. The answers come in the items' order.
 *
 * @param work never rejects
 */
export async function mapBounded<Item, Answer>(
  items: readonly Item[],
  weigh: (item: Item) => number,
  bounds: Bounds,
  work: (item: Item) => Promise<Answer>,
): Promise<readonly Answer[]> {
  const answers: Promise<Answer>[] = [];
  const inHand = new Map<number, Promise<unknown>>();
  let weight = 0;
  for (const [index, item] of items.entries()) {
    const own = weigh(item);
    while (inHand.size >= bounds.count || (inHand.size > 0 && weight + own > bounds.weight)) {
      await Promise.race(inHand.values());
    }
    weight += own;
    const answer = work(item).finally(() => {
      weight -= own;
      inHand.delete(index);
    });
    inHand.set(index, answer);
    answers.push(answer);
  }
  return Promise.all(answers);
}
