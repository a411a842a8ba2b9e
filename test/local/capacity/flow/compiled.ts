import { VirtualClock } from "../../../../local/clock.ts";
import type { Flow, FlowNode } from "../../../../local/capacity/flow.ts";
import { START } from "../../states/harness.ts";
import { type Call, type Course, type Script, shownOf, within } from "./scripts.ts";

/** A thread on its way; what is told to stop goes no further. */
interface Strand {
  node: FlowNode;
  stopped: boolean;
  readonly inner: Set<Strand>;
}

/** Runs a whole execution along a flow. */
export const compiled = async (flow: Flow, bytes: number, script: Script): Promise<Course> => {
  const run = new CompiledRun(flow, script);
  return await run.toEnd(bytes);
};

class CompiledRun {
  readonly #flow: Flow;
  readonly #script: Script;
  readonly #clock = new VirtualClock(START);
  readonly #calls: Call[] = [];
  #transitions = 0;
  #events = 0;

  constructor(flow: Flow, script: Script) {
    this.#flow = flow;
    this.#script = script;
  }

  toEnd(bytes: number): Promise<Course> {
    return this.#clock.spawn(async () => {
      const strand: Strand = { node: await this.#flow.start(bytes), stopped: false, inner: new Set() };
      await this.#follow(strand);
      const { effect } = strand.node;
      if (effect.kind !== "end") throw new Error("it did not come to its end");
      return {
        calls: this.#calls,
        transitions: this.#transitions,
        events: this.#events,
        status: effect.status,
        error: effect.error,
        ms: this.#clock.now() - START,
      };
    });
  }

  async #follow(strand: Strand): Promise<void> {
    for (;;) {
      this.#transitions += strand.node.transitions;
      this.#events += strand.node.events;
      if (strand.node.effect.kind === "end") return;
      const next = await this.#next(strand, strand.node);
      if (next === undefined || strand.stopped) return;
      strand.node = next;
    }
  }

  async #next(strand: Strand, node: FlowNode): Promise<FlowNode | undefined> {
    const { effect } = node;
    switch (effect.kind) {
      case "call": {
        const { state, resource } = effect;
        const at = this.#clock.now() - START;
        const call = { state, at, resource, arguments: shownOf(effect.arguments) };
        this.#calls.push(call);
        const { ms, outcome } = within(this.#script(call), state, effect);
        await this.#clock.sleep(ms);
        if (strand.stopped) return undefined;
        const id = this.#flow.outcome(outcome);
        return this.#flow.after(node, id) ?? (await this.#flow.workOut(node, { outcome: id }));
      }
      case "pause":
        await this.#clock.sleep(effect.seconds * 1000);
        if (strand.stopped) return undefined;
        return this.#flow.afterPause(node) ?? (await this.#flow.workOut(node, { passed: true }));
      case "fork":
        return await this.#fork(strand, node, effect.starts, effect.atOnce);
      case "end":
        return undefined;
    }
  }

  async #fork(
    parent: Strand,
    node: FlowNode,
    starts: readonly FlowNode[],
    atOnce: number,
  ): Promise<FlowNode | undefined> {
    const strands = starts.map((start): Strand => ({ node: start, stopped: false, inner: new Set() }));
    const waiting = strands.values();
    let at: readonly FlowNode[] | undefined;
    // Who is stopped in the middle of a call or a pause is not waited for.
    const done = new Promise<void>((resolve) => {
      const fail = (failed: Strand): void => {
        const others = [...parent.inner].filter((other) => other !== failed);
        at = [failed.node, ...others.flatMap(standing)];
        for (const other of others) stop(other);
        resolve();
      };
      const work = async (): Promise<void> => {
        for (const strand of waiting) {
          if (at !== undefined || parent.stopped) return;
          parent.inner.add(strand);
          await this.#follow(strand);
          if (strand.stopped) return;
          const { effect } = strand.node;
          if (effect.kind === "end" && effect.status === "FAILED") fail(strand);
        }
      };
      const workers = Array.from({ length: Math.min(atOnce, starts.length) }, () => this.#clock.spawn(work));
      void Promise.all(workers).then(() => {
        resolve();
      });
    });
    await this.#clock.wait(done);
    if (parent.stopped) return undefined;
    parent.inner.clear();
    const ends = at ?? strands.map((strand) => strand.node);
    return this.#flow.joined(node, ends) ?? (await this.#flow.workOut(node, { ends }));
  }
}

/** Where a thread and its branches are. */
const standing = ({ node, inner }: Strand): readonly FlowNode[] => [node, ...[...inner].flatMap(standing)];

function stop(strand: Strand): void {
  strand.stopped = true;
  for (const inner of strand.inner) stop(inner);
}
