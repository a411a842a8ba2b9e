import type { Bucket, ObjectVersion } from "./bucket.ts";
import type { Deliver } from "./delivery.ts";
import { Properties } from "./properties.ts";
import {
  createSequencer,
  type ObjectEvent,
  type ObjectEventName,
  s3EventRecord,
  type S3EventRecord,
} from "./s3-event.ts";
import { type NotificationRule, readNotification, route } from "./s3-notifications.ts";
import type { World } from "./world.ts";

/** The delays, in milliseconds, after which an event is delivered: twice, late or never, as S3 may. */
export type Deliveries = (record: S3EventRecord) => readonly number[];

/** Tells functions, queues and topics what happens in the buckets. */
export class BucketNotifications {
  readonly #world: World;
  readonly #deliver: Deliver;
  readonly #deliveries: Deliveries;
  readonly #sequencer = createSequencer();
  readonly #rules: ReadonlyMap<string, readonly NotificationRule[]>;

  constructor(world: World, deliver: Deliver, deliveries: Deliveries = () => [0]) {
    this.#world = world;
    this.#deliver = deliver;
    this.#deliveries = deliveries;
    this.#rules = readNotifications(world);
  }

  send(name: ObjectEventName, bucket: Bucket, key: string, version: ObjectVersion): void {
    const rules = this.#rules.get(bucket.name);
    if (rules === undefined) return;
    const routing = route(rules, name, key);
    if ("reason" in routing) {
      // A bucket without a rule for removals says nothing of them.
      if (!name.startsWith("ObjectCreated:")) return;
      this.#world.observe({ kind: "object-ignored", bucket: bucket.name, key, reason: routing.reason });
      return;
    }
    const event: ObjectEvent = {
      name,
      bucket: bucket.name,
      versioned: bucket.versioned,
      key,
      version,
      sequencer: this.#sequencer(this.#world.clock.now()),
      requestId: this.#world.ids.hex(16).toUpperCase(),
    };
    for (const rule of routing.rules) this.#sendTo(rule, event);
  }

  #sendTo({ id, target }: NotificationRule, event: ObjectEvent): void {
    const record = s3EventRecord(event, id, this.#world.graph.region);
    const body = JSON.stringify({ Records: [record] });
    const from = { service: "s3.amazonaws.com", source: record.s3.bucket.arn };
    for (const delay of this.#deliveries(record)) {
      this.#world.later(delay, () => {
        this.#deliver(target, from, body);
        return Promise.resolve();
      });
    }
  }
}

const readNotifications = (world: World): ReadonlyMap<string, readonly NotificationRule[]> => {
  const rules = new Map<string, readonly NotificationRule[]>();
  for (const resource of world.graph.resources) {
    if (resource.type !== "aws:s3/bucketNotification:BucketNotification") continue;
    const bucket = Properties.of(resource).string("bucket");
    if (rules.has(bucket)) {
      throw new Error(
        `${resource.type} ${resource.name}: bucket "${bucket}" has a notification already, and the last one written ` +
          "would replace the others; declare one for all its rules",
      );
    }
    rules.set(bucket, readNotification(resource, world));
  }
  return rules;
};
