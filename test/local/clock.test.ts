import { expect } from "chai";
import fc from "fast-check";
import { RealClock, VirtualClock } from "../../local/clock.ts";

describe("VirtualClock", () => {
  it("steps deadline by deadline, first come first served on ties", async () => {
    const clock = new VirtualClock(1000);
    const seen: string[] = [];
    for (const [name, ms] of [
      ["late", 50],
      ["early", 10],
      ["tie-a", 20],
      ["tie-b", 20],
    ] as const) {
      void clock.spawn(async () => {
        await clock.sleep(ms);
        seen.push(`${name}@${clock.now()}`);
      });
    }
    await clock.idle();
    expect(seen).to.deep.equal(["early@1010", "tie-a@1020", "tie-b@1020", "late@1050"]);
  });

  it("does not move while a thread waits for real I/O", async () => {
    const clock = new VirtualClock(0);
    const seen: number[] = [];
    void clock.spawn(async () => {
      await new Promise((resolve) => setTimeout(resolve, 20));
      seen.push(clock.now());
    });
    void clock.spawn(() => clock.sleep(5));
    await clock.idle();
    expect(seen).to.deep.equal([0]);
    expect(clock.now()).to.equal(5);
  });

  it("lets a thread wait for another that sleeps", async () => {
    const clock = new VirtualClock(0);
    const result = await clock.spawn(async () => {
      const child = clock.spawn(async () => {
        await clock.sleep(100);
        return "done";
      });
      return [await clock.wait(child), clock.now()];
    });
    expect(result).to.deep.equal(["done", 100]);
  });

  it("passes on what a thread throws", async () => {
    const clock = new VirtualClock(0);
    const failing = clock.spawn(async () => {
      await clock.sleep(1);
      throw new Error("broken");
    });
    expect(await failing.catch((error: unknown) => (error as Error).message)).to.equal("broken");
    await clock.idle();
  });

  it("forgets cancelled work without moving to its deadline", async () => {
    const clock = new VirtualClock(0);
    const cancel = clock.schedule(1_000_000, () => Promise.reject(new Error("never")));
    void clock.spawn(async () => {
      await clock.sleep(3);
      cancel();
    });
    await clock.idle();
    expect(clock.now()).to.equal(3);
  });

  it("runs scheduled work at its time", async () => {
    const clock = new VirtualClock(0);
    let at = -1;
    clock.schedule(7, () => {
      at = clock.now();
      return Promise.resolve();
    });
    await clock.idle();
    expect(at).to.equal(7);
  });

  it("wakes any set of sleepers in the order of their deadlines", async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(fc.nat(50), { maxLength: 60 }), async (delays) => {
        const clock = new VirtualClock(0);
        const woken: number[] = [];
        delays.forEach((ms, index) => {
          void clock.spawn(async () => {
            await clock.sleep(ms);
            woken.push(index);
            expect(clock.now()).to.equal(ms);
          });
        });
        await clock.idle();
        const expected = delays.map((ms, index) => ({ ms, index })).sort((a, b) => a.ms - b.ms || a.index - b.index);
        expect(woken).to.deep.equal(expected.map(({ index }) => index));
      }),
    );
  });
});

describe("RealClock", () => {
  it("sleeps for real, runs scheduled work and knows when it is idle", async () => {
    const clock = new RealClock(Date.now);
    const started = clock.now();
    const seen: string[] = [];
    void clock.spawn(async () => {
      await clock.sleep(20);
      seen.push("slept");
      await clock.wait(clock.spawn(() => Promise.resolve(seen.push("child"))));
    });
    clock.schedule(5, () => Promise.resolve(void seen.push("scheduled")));
    clock.schedule(60_000, () => Promise.resolve(void seen.push("never")))();
    await clock.idle();
    expect(seen).to.deep.equal(["scheduled", "slept", "child"]);
    expect(clock.now() - started).to.be.within(15, 5000);
  });

  it("waits for what is further away than a timer of Node's reaches", async () => {
    const clock = new RealClock(Date.now);
    let fired = false;
    const cancel = clock.schedule(2 ** 31, () => Promise.resolve(void (fired = true)));
    await clock.sleep(20);
    cancel();
    await clock.idle();
    expect(fired).to.equal(false);
  });
});
