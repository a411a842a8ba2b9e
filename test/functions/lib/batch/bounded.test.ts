import { expect } from "chai";
import fc from "fast-check";
import { mapBounded } from "../../../../functions/lib/batch/bounded.ts";

describe("mapBounded", () => {
  it("answers for all in their order, never doing more at once than is allowed", async () => {
    const item = fc.record({ weight: fc.nat(12), turns: fc.nat(5) });
    const bounds = fc.record({ count: fc.integer({ min: 1, max: 4 }), weight: fc.integer({ min: 1, max: 10 }) });
    await fc.assert(
      fc.asyncProperty(fc.array(item, { maxLength: 20 }), bounds, async (items, most) => {
        const inHand = new Set<(typeof items)[number]>();
        const began: typeof items = [];
        const answers = await mapBounded(
          items,
          ({ weight }) => weight,
          most,
          async (each) => {
            inHand.add(each);
            began.push(each);
            const weight = [...inHand].reduce((sum, one) => sum + one.weight, 0);
            expect(inHand.size).to.be.at.most(most.count);
            if (inHand.size > 1) expect(weight).to.be.at.most(most.weight);
            for (let turn = 0; turn < each.turns; turn++) await Promise.resolve();
            inHand.delete(each);
            return each;
          },
        );
        expect(answers).to.deep.equal(items);
        expect(began).to.deep.equal(items);
      }),
    );
  });

  it("does at once what may be done at once", async () => {
    let inHand = 0;
    let most = 0;
    await mapBounded(
      Array.from({ length: 9 }, (_, index) => index),
      () => 1,
      { count: 3, weight: 100 },
      async () => {
        most = Math.max(most, ++inHand);
        await Promise.resolve();
        inHand--;
      },
    );
    expect(most).to.equal(3);
  });
});
