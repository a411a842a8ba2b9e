import type { ScopePlan } from "../../states/plan.ts";
import type { Effect, Flow, FlowNode, Outcome, OutcomeId } from "../flow.ts";
import { type Arrival, Driver, type Strand } from "./drive.ts";
import type { Driven, Given } from "./driven-run.ts";
import { compare, FlowError } from "./refusals.ts";
import type { SizeClasses } from "./size-classes.ts";
import { STAND_IN, StandIns } from "./stand-ins.ts";
import { effectOf, type Fork, joinKey, joinOf, keyOf, type Pair, type Worked } from "./worked.ts";

type What = Parameters<Flow["workOut"]>[1];

interface World {
  readonly driver: Driver;
  readonly standIns: StandIns;
}

/** Nodes that are worked out as somebody comes to them. */
export class FlowGraph implements Flow {
  readonly #input: (bytes: number) => unknown;
  readonly #sizes: SizeClasses;
  readonly #worlds: Pair<World>;
  readonly #outcomeIds = new Map<string, OutcomeId>();
  readonly #outcomes: Outcome[] = [];
  /** By node. */
  readonly #worked: Worked[] = [];
  readonly #known = new Map<string, FlowNode>();
  /** By the class of the size. */
  readonly #starts: (FlowNode | undefined)[] = [];
  readonly #exactStarts = new Map<number, FlowNode>();
  /** By node, then by outcome. */
  readonly #after: (FlowNode | undefined)[][] = [];
  /** By node. */
  readonly #afterPause: (FlowNode | undefined)[] = [];
  readonly #joined = new Map<string, FlowNode>();
  readonly #workingOut = new Map<string, Promise<FlowNode>>();

  readonly #scope: ScopePlan;

  constructor(driven: Driven, input: (bytes: number) => unknown, sizes: SizeClasses) {
    this.#scope = driven.plan.scope;
    this.#input = input;
    this.#sizes = sizes;
    const [one, other] = [new StandIns("one"), new StandIns("other")];
    this.#worlds = [
      { driver: new Driver(driven, one), standIns: one },
      { driver: new Driver(driven, other), standIns: other },
    ];
  }

  readonly outcome = (outcome: Outcome): OutcomeId => {
    const text = JSON.stringify(outcome);
    const known = this.#outcomeIds.get(text);
    if (known !== undefined) return known;
    const id = this.#outcomes.push(outcome) - 1;
    this.#outcomeIds.set(text, id);
    return id;
  };

  readonly start = (bytes: number): FlowNode | Promise<FlowNode> => {
    const sizeClass = this.#sizes.of(bytes);
    const known = sizeClass === undefined ? this.#exactStarts.get(bytes) : this.#starts[sizeClass];
    return known ?? this.#once(`start ${sizeClass ?? `of ${bytes}`}`, () => this.#begin(bytes, sizeClass));
  };

  readonly after = (node: FlowNode, outcome: OutcomeId): FlowNode | undefined => this.#after[node.id]?.[outcome];

  readonly afterPause = (node: FlowNode): FlowNode | undefined => this.#afterPause[node.id];

  readonly joined = (node: FlowNode, ends: readonly FlowNode[]): FlowNode | undefined =>
    this.#joined.get(joinKey(node, ends));

  readonly workOut = (node: FlowNode, what: What): Promise<FlowNode> => {
    if ("outcome" in what) {
      const { outcome } = what;
      const known = this.after(node, outcome);
      if (known !== undefined) return Promise.resolve(known);
      return this.#once(`${node.id} outcome ${outcome}`, async () => {
        const next = await this.#follow(node, this.#givenOutcome(outcome));
        (this.#after[node.id] ??= [])[outcome] = next;
        return next;
      });
    }
    if ("passed" in what) {
      const known = this.afterPause(node);
      if (known !== undefined) return Promise.resolve(known);
      const passed: Given = { kind: "passed" };
      return this.#once(`${node.id} passed`, async () => {
        const next = await this.#follow(node, [passed, passed]);
        this.#afterPause[node.id] = next;
        return next;
      });
    }
    const key = joinKey(node, what.ends);
    const known = this.#joined.get(key);
    if (known !== undefined) return Promise.resolve(known);
    return this.#once(`${key} joined`, async () => {
      const next = await this.#join(node, what.ends);
      this.#joined.set(key, next);
      return next;
    });
  };

  /** Many executions may come to the same step before it has been worked out. */
  #once(key: string, workOut: () => Promise<FlowNode>): Promise<FlowNode> {
    const begun = this.#workingOut.get(key);
    if (begun !== undefined) return begun;
    const working = workOut().finally(() => this.#workingOut.delete(key));
    this.#workingOut.set(key, working);
    return working;
  }

  async #begin(bytes: number, sizeClass: number | undefined): Promise<FlowNode> {
    const root: Strand = { kind: "root", iteration: undefined };
    const sizes: Pair<number> = [bytes, this.#sizes.another(bytes)];
    const arrivals = await inBoth(this.#worlds, ({ driver, standIns }, index) => {
      const Input = standIns.put(this.#input(sizes[index]));
      const StartTime = new Date(standIns.now()).toISOString();
      const context = { Execution: { ...standIns.put(EXECUTION), Input, StartTime }, StateMachine: STATE_MACHINE };
      return driver.begin(root, { scope: this.#scope, input: Input, context }, {});
    });
    const node = await this.#arriveAt(root, arrivals);
    if (sizeClass === undefined) this.#exactStarts.set(bytes, node);
    else this.#starts[sizeClass] = node;
    return node;
  }

  #givenOutcome(id: OutcomeId): Pair<Given> {
    const outcome = this.#outcomes[id];
    if (outcome === undefined) throw new FlowError(`There is no outcome ${id}: get its number from outcome()`);
    const [one, other] = this.#worlds;
    return [
      { kind: "outcome", outcome: one.standIns.put(outcome) },
      { kind: "outcome", outcome: other.standIns.put(outcome) },
    ];
  }

  async #follow(node: FlowNode, given: Pair<Given>): Promise<FlowNode> {
    return await this.#arriveAt(this.#workedOf(node).strand, await this.#goOn(node, given));
  }

  #goOn(node: FlowNode, given: Pair<Given>): Promise<Pair<Arrival>> {
    const { strand, ats } = this.#workedOf(node);
    return inBoth(this.#worlds, ({ driver }, index) => {
      const at = ats[index];
      if (at.kind === "end") throw new FlowError(`The node ${node.id} is an end: nothing follows it`);
      return driver.goOn(strand, at.place, given[index]);
    });
  }

  async #join(node: FlowNode, ends: readonly FlowNode[]): Promise<FlowNode> {
    const worked = ends.map((end) => this.#workedOf(end));
    const arrivals = await this.#goOn(node, [joinOf(worked, 0), joinOf(worked, 1)]);
    const events = await this.#interruptedEvents(ends);
    const counted = arrivals.map((arrival) => ({ ...arrival, events: arrival.events + events }));
    return await this.#arriveAt(this.#workedOf(node).strand, counted as unknown as Pair<Arrival>);
  }

  /** What the history tells of branches that had not ended when one failed. */
  async #interruptedEvents(ends: readonly FlowNode[]): Promise<number> {
    let events = 0;
    for (const end of ends) {
      if (end.effect.kind === "end") continue;
      const [interrupted] = await this.#goOn(end, [{ kind: "interrupted" }, { kind: "interrupted" }]);
      events += interrupted.events;
    }
    return events;
  }

  /** The node where both worlds have come to, an old one if it is the same. */
  async #arriveAt(strand: Strand, arrivals: Pair<Arrival>): Promise<FlowNode> {
    const [one, other] = arrivals;
    compare(one, other);
    const key = keyOf(strand, one);
    const known = this.#known.get(key);
    if (known !== undefined) return known;
    const effect = one.at.kind === "fork" ? await this.#fork(one.at, other.at) : effectOf(one.at);
    // Somebody else may have come here meanwhile.
    const meanwhile = this.#known.get(key);
    if (meanwhile !== undefined) return meanwhile;
    const { transitions, events } = one;
    const node: FlowNode = { id: this.#worked.length, effect, transitions, events };
    this.#worked.push({ strand, ats: [one.at, other.at] });
    this.#after.push([]);
    this.#afterPause.push(undefined);
    this.#known.set(key, node);
    return node;
  }

  async #fork(one: Fork, other: Arrival["at"]): Promise<Effect> {
    const starts: FlowNode[] = [];
    for (const [branch, { iteration }] of one.branches.entries()) {
      const strand: Strand = { kind: "branch", iteration };
      const arrivals = await inBoth(this.#worlds, ({ driver }, index) => {
        const at = index === 0 ? one : other;
        const begun = at.kind === "fork" ? at.branches[branch] : undefined;
        if (at.kind !== "fork" || begun === undefined) throw new FlowError("the worlds have come to different forks");
        return driver.begin(strand, begun, at.place.vars);
      });
      starts.push(await this.#arriveAt(strand, arrivals));
    }
    return { kind: "fork", state: one.place.state.name, starts, atOnce: one.atOnce };
  }

  #workedOf(node: FlowNode): Worked {
    const worked = this.#worked[node.id];
    if (worked === undefined) throw new FlowError(`There is no node ${node.id}`);
    return worked;
  }
}

async function inBoth<T>(worlds: Pair<World>, work: (world: World, index: 0 | 1) => Promise<T>): Promise<Pair<T>> {
  return [await work(worlds[0], 0), await work(worlds[1], 1)];
}

const EXECUTION = {
  Id: `arn:aws:states:us-east-1:000000000000:execution:machine:file-${STAND_IN}`,
  Name: `file-${STAND_IN}`,
  RoleArn: "arn:aws:iam::000000000000:role/machine",
  RedriveCount: 0,
};

const STATE_MACHINE = { Id: "arn:aws:states:us-east-1:000000000000:stateMachine:machine", Name: "machine" };
