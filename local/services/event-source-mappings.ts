import type { ResourceKinds } from "./kinds.ts";
import type { KinesisService } from "./kinesis.ts";
import { readStreamMapping, startStreamMapping } from "./kinesis-mappings.ts";
import { Properties } from "./properties.ts";
import { type QueueMappingServices, readQueueMapping, startQueueMapping } from "./sqs-mappings.ts";
import type { World } from "./world.ts";

export const mappingKinds: ResourceKinds = {
  "aws:lambda/eventSourceMapping:EventSourceMapping": {
    honoured: [
      "eventSourceArn",
      "functionName",
      "batchSize",
      "enabled",
      "functionResponseTypes",
      "maximumBatchingWindowInSeconds",
      "startingPosition",
      "startingPositionTimestamp",
      "maximumRetryAttempts",
      "maximumRecordAgeInSeconds",
      "bisectBatchOnFunctionError",
      "destinationConfig",
      "scalingConfig",
    ],
    ignored: {
      parallelizationFactor: "a shard's batches are handed over one after the other",
    },
  },
};

export interface MappingServices extends QueueMappingServices {
  readonly kinesis: Pick<KinesisService, "shardsOf" | "onRecords">;
}

/** Has Lambda read the queues and streams that the program maps to functions. What is not handled comes back, as on AWS. */
export const startMappings = (world: World, services: MappingServices): void => {
  for (const resource of world.graph.resources) {
    if (resource.type !== "aws:lambda/eventSourceMapping:EventSourceMapping") continue;
    const properties = Properties.of(resource);
    const isEnabled = properties.optionalAny("enabled") !== false;
    if (serviceOf(properties) === "kinesis") {
      const mapping = readStreamMapping(properties, world, services);
      if (isEnabled) startStreamMapping(world, services, mapping);
      continue;
    }
    const mapping = readQueueMapping(resource, world, services);
    if (isEnabled) startQueueMapping(world, services, mapping);
  }
};

const serviceOf = (properties: Properties): "sqs" | "kinesis" => {
  const [, , service] = properties.string("eventSourceArn").split(":");
  if (service === "sqs" || service === "kinesis") return service;
  throw properties.error("eventSourceArn", "a queue's or a stream's");
};
