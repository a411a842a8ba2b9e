import type { ResourceKinds } from "./kinds.ts";

export const kinesisKinds: ResourceKinds = {
  "aws:kinesis/stream:Stream": {
    honoured: [
      "name",
      "shardCount",
      "streamModeDetails",
      "retentionPeriod",
      "maxRecordSizeInKib",
      "encryptionType",
      "kmsKeyId",
    ],
    ignored: {
      shardLevelMetrics: "the embedded cloud records no metrics",
      enforceConsumerDeletion: "nothing is destroyed here",
      warmThroughputMibPs: "a stream on demand has four shards here, and keeps them",
    },
  },
};
