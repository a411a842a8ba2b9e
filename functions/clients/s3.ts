import {
  CopyObjectCommand,
  DeleteObjectCommand,
  GetObjectCommand,
  ListObjectsV2Command,
  PutObjectCommand,
  S3Client,
} from "@aws-sdk/client-s3";
import { Readable } from "node:stream";
import type { S3 } from "../lib/aws.ts";
import { once } from "../lib/environment.ts";

/** S3 by way of the SDK. The client is made at the first call: to import a handler is to do nothing yet. */
export function createS3(makeClient = defaultClient): S3 {
  const client = once(makeClient);
  return {
    getObject: async (input) => {
      const { Body, ContentLength } = await client().send(new GetObjectCommand(input));
      if (!(Body instanceof Readable) || ContentLength === undefined) {
        throw new Error(`GetObject answered without a content: s3://${input.Bucket}/${input.Key}`);
      }
      return { Body: bytesOf(Body), ContentLength };
    },
    putObject: (input) => client().send(new PutObjectCommand(input)),
    deleteObject: (input) => client().send(new DeleteObjectCommand(input)),
    copyObject: (input) => client().send(new CopyObjectCommand(input)),
    listObjectsV2: (input) => client().send(new ListObjectsV2Command(input)),
  };
}

function defaultClient(): S3Client {
  // An emulator's host name need not resolve with a bucket in front of it.
  return new S3Client({ forcePathStyle: process.env.AWS_ENDPOINT_URL !== undefined });
}

async function* bytesOf(stream: Readable): AsyncGenerator<Uint8Array> {
  for await (const chunk of stream as AsyncIterable<Uint8Array>) yield chunk;
}
