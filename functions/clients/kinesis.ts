import {
  GetRecordsCommand,
  GetShardIteratorCommand,
  KinesisClient,
  ListShardsCommand,
  PutRecordsCommand,
} from "@aws-sdk/client-kinesis";
import { NodeHttpHandler } from "@smithy/node-http-handler";
import type { Kinesis } from "../lib/aws.ts";
import { once } from "../lib/environment.ts";

/** Kinesis by way of the SDK. */
export function createKinesis(makeClient = defaultClient): Kinesis {
  const client = once(makeClient);
  return {
    putRecords: (input) => client().send(new PutRecordsCommand(input)),
    listShards: (input) => client().send(new ListShardsCommand(input)),
    getShardIterator: (input) => client().send(new GetShardIteratorCommand(input)),
    getRecords: (input) => client().send(new GetRecordsCommand(input)),
  };
}

function defaultClient(): KinesisClient {
  // The SDK would speak HTTP/2, which emulators do not.
  return new KinesisClient(process.env.AWS_ENDPOINT_URL === undefined ? {} : { requestHandler: new NodeHttpHandler() });
}
