import type { Deliver } from "./delivery.ts";
import { deliveryAction } from "./delivery.ts";
import { compilePattern, type Pattern } from "./event-patterns.ts";
import type { ResourceKinds } from "./kinds.ts";
import { Properties } from "./properties.ts";
import { ServiceError } from "./service.ts";
import type { World } from "./world.ts";

const ruleType = "aws:cloudwatch/eventRule:EventRule";
const targetType = "aws:cloudwatch/eventTarget:EventTarget";

export const eventKinds: ResourceKinds = {
  [ruleType]: {
    honoured: ["name", "namePrefix", "eventPattern", "state", "eventBusName"],
  },
  [targetType]: {
    honoured: ["rule", "arn", "input", "inputPath", "eventBusName"],
    ignored: {
      targetId: "a target's id is for people",
      retryPolicy: "an event reaches its target at the first try here, or never",
      deadLetterConfig: "an event that its target does not take is told, and kept nowhere",
    },
  },
};

/** What a service says of itself on the default bus. */
export interface ServiceEvent {
  /** For example `aws.states`. */
  readonly source: string;
  readonly "detail-type": string;
  /** ARNs of what the event is about. */
  readonly resources: readonly string[];
  readonly detail: Readonly<Record<string, unknown>>;
  /** @default one of its own */
  readonly id?: string;
}

/** Hands an event of a service to whoever has a rule for it. */
export type PutEvent = (event: ServiceEvent) => void;

interface Rule {
  readonly arn: string;
  readonly matches: Pattern;
  readonly targets: readonly Target[];
}

interface Target {
  readonly arn: string;
  /** What it gets of an event. */
  readonly bodyOf: (event: unknown) => string;
}

/** The default event bus: services' events, the rules of a program and their targets. */
export class EventBridge {
  readonly #world: World;
  readonly #deliver: Deliver;
  readonly #rules: readonly Rule[];

  constructor(world: World, deliver: Deliver) {
    this.#world = world;
    this.#deliver = deliver;
    this.#rules = readRules(world);
  }

  readonly put: PutEvent = (event) => {
    const { clock, ids, graph } = this.#world;
    const rules = this.#rules.filter(({ matches }) => matches(event));
    // An event that nobody waits for takes no id, so that it changes nothing of what comes after it.
    if (rules.length === 0) return;
    const { accountId: account, region } = graph;
    const time = new Date(clock.now()).toISOString().replace(/\.\d+Z$/, "Z");
    const envelope = { version: "0", id: ids.uuid(), ...event, account, time, region };
    for (const rule of rules) this.#send(rule, envelope);
  };

  /** Whether a rule would take an event. */
  readonly isAwaited = (event: ServiceEvent): boolean => this.#rules.some(({ matches }) => matches(event));

  #send({ arn, targets }: Rule, event: object): void {
    for (const target of targets) {
      this.#world.later(0, () => {
        try {
          this.#deliver(target.arn, { service: "events.amazonaws.com", source: arn }, target.bodyOf(event));
        } catch (error) {
          if (!(error instanceof ServiceError)) throw error;
          // EventBridge drops what it cannot deliver; here it is told.
          this.#world.observe({
            kind: "function-failed",
            functionName: target.arn.slice(target.arn.lastIndexOf(":") + 1),
            requestId: "",
            error: error.name,
            message: `an event of ${arn} was dropped: ${error.message}`,
          });
        }
        return Promise.resolve();
      });
    }
  }
}

const readRules = ({ graph }: World): readonly Rule[] => {
  const targets = graph.resources.filter(({ type }) => type === targetType).map((one) => Properties.of(one));
  const rules = graph.resources
    .filter(({ type }) => type === ruleType)
    .map((resource) => {
      const properties = Properties.of(resource);
      requireDefaultBus(properties);
      const name = properties.string("name");
      const own = targets.filter((target) => target.string("rule") === name).map(readTarget);
      return { name, arn: properties.string("arn"), matches: readPattern(properties), targets: own };
    });
  for (const target of targets) {
    if (!rules.some(({ name }) => name === target.string("rule"))) throw target.error("rule", "a rule of this program");
  }
  return rules;
};

const readPattern = (rule: Properties): Pattern => {
  if (rule.has("scheduleExpression")) throw rule.error("scheduleExpression", "left out: schedules are not simulated");
  const text = rule.string("eventPattern");
  try {
    const matches = compilePattern(JSON.parse(text), "eventPattern");
    return rule.optionalString("state") === "DISABLED" ? () => false : matches;
  } catch (error) {
    throw rule.error("eventPattern", `an event pattern (${error instanceof Error ? error.message : String(error)})`);
  }
};

const readTarget = (target: Properties): Target => {
  requireDefaultBus(target);
  const arn = target.string("arn");
  deliveryAction(arn);
  for (const name of ["inputTransformer", "roleArn"]) {
    if (target.has(name)) throw target.error(name, "left out: it is not simulated");
  }
  const input = target.optionalString("input");
  const path = target.optionalString("inputPath");
  if (input !== undefined) return { arn, bodyOf: () => input };
  const steps = path === undefined ? [] : stepsOf(path, target);
  return { arn, bodyOf: (event) => JSON.stringify(steps.reduce(fieldOf, event) ?? null) };
};

/** `$.detail.input` → detail, input. */
const stepsOf = (path: string, target: Properties): readonly string[] => {
  if (!/^\$(\.[\w-]+)*$/.test(path)) throw target.error("inputPath", "a path such as $.detail");
  return path.split(".").slice(1);
};

const fieldOf = (value: unknown, name: string): unknown =>
  typeof value === "object" && value !== null ? (value as Readonly<Record<string, unknown>>)[name] : undefined;

const requireDefaultBus = (properties: Properties): void => {
  const bus = properties.optionalString("eventBusName") ?? "default";
  if (bus !== "default") throw properties.error("eventBusName", "left out: there is the default bus only");
};
