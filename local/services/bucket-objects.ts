import type { Resource } from "../resource-graph.ts";
import { assetContent } from "./assets.ts";
import type { ResourceKinds } from "./kinds.ts";
import { Properties } from "./properties.ts";
import type { PutObjectInput } from "./s3-api.ts";
import type { World } from "./world.ts";

const kind = {
  honoured: ["bucket", "key", "source", "content", "contentType", "metadata"],
  ignored: { sourceHash: "a hash only tells Pulumi that the content has changed" },
};

export const bucketObjectKinds: ResourceKinds = {
  "aws:s3/bucketObject:BucketObject": kind,
  "aws:s3/bucketObjectv2:BucketObjectv2": kind,
};

/** Puts the objects that the program declares into their buckets. */
export const putDeclaredObjects = async (
  { graph }: World,
  put: (input: PutObjectInput) => Promise<unknown>,
): Promise<void> => {
  for (const resource of graph.resources) {
    if (bucketObjectKinds[resource.type] === undefined) continue;
    await put(await declaredObject(resource, graph.directory));
  }
};

const declaredObject = async (resource: Resource, directory: string): Promise<PutObjectInput> => {
  const properties = Properties.of(resource);
  const contentType = properties.optionalString("contentType");
  const metadata = properties.optionalAny("metadata") as Readonly<Record<string, string>> | undefined;
  return {
    Bucket: properties.string("bucket"),
    Key: properties.string("key"),
    Body: properties.optionalString("content") ?? (await assetContent(properties.any("source"), directory)),
    ...(contentType !== undefined && { ContentType: contentType }),
    ...(metadata !== undefined && { Metadata: metadata }),
  };
};
