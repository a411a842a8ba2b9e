import { Properties } from "./properties.ts";
import { Queue } from "./queue.ts";
import type { World } from "./world.ts";

/** A queue's name, from its URL, its ARN or itself. */
export const nameOf = (reference: string): string =>
  reference.slice(Math.max(reference.lastIndexOf("/"), reference.lastIndexOf(":")) + 1);

/** The queues of a program by name, each with its dead-letter queue. */
export const readQueues = ({ graph }: World): ReadonlyMap<string, Queue> => {
  const queues = new Map<string, Queue>();
  const redrives = new Map<string, unknown>();
  for (const resource of graph.resources) {
    const properties = Properties.of(resource);
    if (resource.type === "aws:sqs/queue:Queue") {
      queues.set(properties.string("name"), Queue.read(properties));
      redrives.set(properties.string("name"), properties.optionalAny("redrivePolicy"));
    } else if (resource.type === "aws:sqs/redrivePolicy:RedrivePolicy") {
      redrives.set(nameOf(properties.string("queueUrl")), properties.any("redrivePolicy"));
    }
  }
  for (const [name, policy] of redrives) {
    if (policy === undefined) continue;
    const { deadLetterTargetArn, maxReceiveCount } = parseRedrive(policy, name);
    const target = queues.get(nameOf(deadLetterTargetArn));
    if (target === undefined)
      throw new Error(`queue ${name}: its dead-letter queue ${deadLetterTargetArn} does not exist`);
    if (target.isFifo !== queues.get(name)?.isFifo) {
      throw new Error(`queue ${name}: its dead-letter queue ${target.name} must be of the same type, FIFO or standard`);
    }
    queues.get(name)?.redriveTo(target, maxReceiveCount);
  }
  return queues;
};

const parseRedrive = (policy: unknown, name: string): { deadLetterTargetArn: string; maxReceiveCount: number } => {
  const values = (typeof policy === "string" ? JSON.parse(policy) : policy) as Readonly<Record<string, unknown>>;
  const properties = new Properties(values, `queue ${name}.redrivePolicy`);
  return {
    deadLetterTargetArn: properties.string("deadLetterTargetArn"),
    maxReceiveCount: Number(properties.any("maxReceiveCount")),
  };
};
