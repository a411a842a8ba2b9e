import type { Resource } from "../resource-graph.ts";
import { deliveryAction } from "./delivery.ts";
import { Properties } from "./properties.ts";
import type { ObjectEventName } from "./s3-event.ts";
import type { World } from "./world.ts";

/** Where a bucket's notification sends which events. */
export interface NotificationRule {
  readonly id: string;
  readonly target: string;
  /** For example `s3:ObjectCreated:*`. */
  readonly events: readonly string[];
  readonly prefix: string;
  readonly suffix: string;
}

/** Which rules an event of an object falls under; where there are none, why. */
export type Routing = { readonly rules: readonly NotificationRule[] } | { readonly reason: string };

/** Reads a notification, and refuses what S3 refuses. */
export const readNotification = (resource: Resource, world: World): readonly NotificationRule[] => {
  const properties = Properties.of(resource);
  const rules = [
    ...readRules(properties, "lambdaFunctions", "lambdaFunctionArn"),
    ...readRules(properties, "queues", "queueArn"),
    ...readRules(properties, "topics", "topicArn"),
  ];
  const where = `${resource.type} ${resource.name}`;
  checkOverlaps(rules, where);
  const source = `arn:aws:s3:::${properties.string("bucket")}`;
  for (const { target } of rules) {
    const decision = world.authoriser.decideService(
      { service: "s3.amazonaws.com", source },
      deliveryAction(target),
      target,
    );
    if (decision.allowed) continue;
    throw new Error(`${where}: ${source} may not send events to ${target}, ${decision.reason}`);
  }
  return rules;
};

const readRules = (properties: Properties, list: string, arn: string): NotificationRule[] =>
  properties.children(list).map((rule, index) => {
    const events = rule.strings("events");
    const wrong = events.find((event) => !/^s3:[A-Za-z]+:[A-Za-z*]+$/.test(event));
    if (wrong !== undefined || events.length === 0)
      throw rule.error("events", "event types such as s3:ObjectCreated:*");
    return {
      id: rule.optionalString("id") ?? `${list}-${index}`,
      target: rule.string(arn),
      events,
      prefix: rule.optionalString("filterPrefix") ?? "",
      suffix: rule.optionalString("filterSuffix") ?? "",
    };
  });

/** S3 allows no two rules that one object's event could fall under. */
const checkOverlaps = (rules: readonly NotificationRule[], where: string): void => {
  for (const [index, rule] of rules.entries()) {
    const other = rules.slice(index + 1).find((candidate) => overlap(rule, candidate));
    if (other === undefined) continue;
    throw new Error(
      `${where}: the rules "${rule.id}" and "${other.id}" overlap: they share an event type, and a key can match both ` +
        `filters (prefix "${rule.prefix}" and "${other.prefix}", suffix "${rule.suffix}" and "${other.suffix}")`,
    );
  }
};

const overlap = (a: NotificationRule, b: NotificationRule): boolean =>
  a.events.some((event) => b.events.some((other) => covers(event, other) || covers(other, event))) &&
  (a.prefix.startsWith(b.prefix) || b.prefix.startsWith(a.prefix)) &&
  (a.suffix.endsWith(b.suffix) || b.suffix.endsWith(a.suffix));

const covers = (wide: string, narrow: string): boolean =>
  wide === narrow || (wide.endsWith(":*") && narrow.startsWith(wide.slice(0, -1)));

export const route = (rules: readonly NotificationRule[], event: ObjectEventName, key: string): Routing => {
  const ofType = rules.filter((rule) => rule.events.some((type) => covers(type, `s3:${event}`)));
  const matching = ofType.filter((rule) => key.startsWith(rule.prefix) && key.endsWith(rule.suffix));
  if (matching.length > 0) return { rules: matching };
  if (ofType.length === 0) return { reason: `no notification is configured for ${event}` };
  return { reason: ofType.map((rule) => mismatch(rule, key)).join("; ") };
};

const mismatch = ({ prefix, suffix }: NotificationRule, key: string): string => {
  const reasons = [
    ...(key.startsWith(prefix) ? [] : [`does not begin with "${prefix}"`]),
    ...(key.endsWith(suffix) ? [] : [`does not end with "${suffix}"`]),
  ];
  return `its key ${reasons.join(" and ")}`;
};
