import { VirtualClock } from "../../local/clock.ts";
import { createDeliver, type Receivers } from "../../local/cloud-deliveries.ts";
import { createWorld, type OpenWorld } from "../../local/cloud-world.ts";
import type { CloudEvent } from "../../local/events.ts";
import { DynamoDbService } from "../../local/services/dynamodb.ts";
import { projectRoot } from "../../local/services/function-host.ts";
import { KinesisService } from "../../local/services/kinesis.ts";
import { LambdaService } from "../../local/services/lambda.ts";
import { MemoryStorage } from "../../local/services/memory-storage.ts";
import { S3Service, type S3Options } from "../../local/services/s3.ts";
import { SnsService } from "../../local/services/sns.ts";
import { SqsService } from "../../local/services/sqs.ts";
import type { Clock } from "../../local/clock.ts";
import { type Declared, graphOf } from "./graph.ts";

/** 2026-01-01T00:00:00Z */
export const start = Date.UTC(2026, 0, 1);

/** A cloud of the basic services, without state machines and Glue. */
export interface TestWorld extends OpenWorld {
  readonly s3: S3Service;
  readonly lambda: LambdaService;
  readonly sqs: SqsService;
  readonly sns: SnsService;
  readonly dynamoDb: DynamoDbService;
  readonly kinesis: KinesisService;
  readonly events: CloudEvent[];
}

export interface TestWorldOptions extends Partial<Pick<S3Options, "storage" | "deliveries">> {
  readonly clock?: Clock;
  readonly root?: string;
}

export const testWorld = async (declared: readonly Declared[], options: TestWorldOptions = {}): Promise<TestWorld> => {
  const events: CloudEvent[] = [];
  const clock = options.clock ?? new VirtualClock(start);
  const world = createWorld(graphOf(declared), { clock, observer: (event) => events.push(event) });
  const receivers: Partial<Receivers> = {};
  const deliver = createDeliver(world, () => receivers as Receivers);
  const lambda = await LambdaService.create(world, { root: options.root ?? projectRoot });
  const sqs = new SqsService(world);
  const sns = new SnsService(world, deliver);
  Object.assign(receivers, { lambda, sqs, sns });
  const s3 = new S3Service(world, {
    storage: options.storage ?? new MemoryStorage(),
    deliver,
    ...(options.deliveries !== undefined && { deliveries: options.deliveries }),
  });
  const dynamoDb = new DynamoDbService(world);
  const kinesis = new KinesisService(world);
  world.api.connect({ s3, lambda, sqs, sns, kinesis, dynamodb: dynamoDb });
  return Object.assign(world, { s3, lambda, sqs, sns, dynamoDb, kinesis, events });
};

/** The error that some work throws. */
export const errorOf = async (work: () => unknown): Promise<Error> => {
  try {
    await work();
  } catch (error) {
    if (error instanceof Error) return error;
    throw new Error(`something that is no error was thrown: ${String(error)}`, { cause: error });
  }
  throw new Error("nothing was thrown");
};

export const textOf = async (body: AsyncIterable<Uint8Array>): Promise<string> => {
  const pieces: Uint8Array[] = [];
  for await (const piece of body) pieces.push(piece);
  return Buffer.concat(pieces).toString();
};
