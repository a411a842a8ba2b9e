import type { ResourceGraph } from "../resource-graph.ts";
import { Bucket, checkKey, type ObjectVersion } from "./bucket.ts";
import type { Deliver } from "./delivery.ts";
import { BucketNotifications, type Deliveries } from "./bucket-notifications.ts";
import { listObjects, type ListObjectsInput, type ListObjectsOutput } from "./list-objects.ts";
import {
  listObjectVersions,
  type ListObjectVersionsInput,
  type ListObjectVersionsOutput,
} from "./list-object-versions.ts";
import { Properties } from "./properties.ts";
import type {
  CopyObjectInput,
  GetObjectOutput,
  HeadObjectOutput,
  ObjectBody,
  ObjectRef,
  PutObjectInput,
  PutObjectOutput,
} from "./s3-api.ts";
import type { ObjectEventName } from "./s3-event.ts";
import { type Operation, type Permission, type Principal, type Service, ServiceError } from "./service.ts";
import type { Storage } from "./storage.ts";
import type { World } from "./world.ts";

export interface S3Options {
  readonly storage: Storage;
  readonly deliver: Deliver;
  /** When, in milliseconds from now, each event arrives; once, at once unless given. */
  readonly deliveries?: Deliveries;
}

/** Buckets and their objects. */
export class S3Service implements Service {
  readonly operations: Readonly<Record<string, Operation>>;
  readonly #world: World;
  readonly #storage: Storage;
  readonly #buckets: ReadonlyMap<string, Bucket>;
  readonly #notifications: BucketNotifications;

  constructor(world: World, options: S3Options) {
    this.#world = world;
    this.#storage = options.storage;
    this.#buckets = readBuckets(world, options.storage);
    this.#notifications = new BucketNotifications(world, options.deliver, options.deliveries);
    this.operations = {
      putObject: operation(objectPermission("s3:PutObject"), (input: PutObjectInput) => this.putObject(input)),
      getObject: operation(readPermission, (input: ObjectRef, principal) => this.getObject(input, principal)),
      headObject: operation(readPermission, (input: ObjectRef, principal) => this.headObject(input, principal)),
      deleteObject: operation(deletePermission, (input: ObjectRef) => this.deleteObject(input)),
      copyObject: operation(copyPermissions, (input: CopyObjectInput, principal) => this.copyObject(input, principal)),
      listObjectsV2: operation(listPermission, (input: ListObjectsInput) => this.listObjectsV2(input)),
      listObjectVersions: operation(listVersionsPermission, (input: ListObjectVersionsInput) =>
        this.listObjectVersions(input),
      ),
    };
  }

  async putObject(input: PutObjectInput): Promise<PutObjectOutput> {
    return this.#put(input, pieces(input.Body ?? ""), "ObjectCreated:Put");
  }

  headObject(input: ObjectRef, principal: Principal = ""): HeadObjectOutput {
    const bucket = this.#bucket(input.Bucket);
    return head(bucket, this.#find(bucket, input, principal));
  }

  getObject(input: ObjectRef, principal: Principal = ""): GetObjectOutput {
    const bucket = this.#bucket(input.Bucket);
    const version = this.#find(bucket, input, principal);
    return { ...head(bucket, version), Body: bucket.read(input.Key, version) };
  }

  deleteObject({ Bucket: name, Key, VersionId }: ObjectRef): { DeleteMarker?: boolean; VersionId?: string } {
    const bucket = this.#bucket(name);
    checkKey(Key);
    if (VersionId !== undefined) {
      const deleted = bucket.deleteVersion(Key, VersionId);
      if (deleted !== undefined) this.#notifications.send("ObjectRemoved:Delete", bucket, Key, deleted);
      return { VersionId, ...(deleted?.deleteMarker === true && { DeleteMarker: true }) };
    }
    const deleted = bucket.current(Key);
    const mark = bucket.delete(Key, this.#world.clock.now());
    if (mark !== undefined) {
      this.#notifications.send("ObjectRemoved:DeleteMarkerCreated", bucket, Key, mark);
      return { DeleteMarker: true, VersionId: mark.versionId };
    }
    if (deleted !== undefined) this.#notifications.send("ObjectRemoved:Delete", bucket, Key, deleted);
    return {};
  }

  async copyObject(input: CopyObjectInput, principal: Principal = ""): Promise<{ CopyObjectResult: PutObjectOutput }> {
    const source = parseCopySource(input.CopySource);
    const { Body, ContentType, Metadata } = this.getObject(source, principal);
    const { ETag, VersionId } = await this.#put({ ...input, ContentType, Metadata }, Body, "ObjectCreated:Copy");
    return { CopyObjectResult: { ETag }, ...(VersionId !== undefined && { VersionId }) };
  }

  listObjectsV2(input: ListObjectsInput): ListObjectsOutput {
    return listObjects(this.#bucket(input.Bucket), input);
  }

  listObjectVersions(input: ListObjectVersionsInput): ListObjectVersionsOutput {
    return listObjectVersions(this.#bucket(input.Bucket), input);
  }

  /** Where a person finds an object's content. */
  path({ Bucket: name, Key, VersionId }: ObjectRef): string | undefined {
    const bucket = this.#bucket(name);
    const version = VersionId === undefined ? bucket.current(Key) : bucket.version(Key, VersionId);
    return version && bucket.path(Key, version);
  }

  async #put(input: PutObjectInput, body: AsyncIterable<Uint8Array>, event: ObjectEventName): Promise<PutObjectOutput> {
    const bucket = this.#bucket(input.Bucket);
    checkKey(input.Key);
    const staged = await this.#storage.stage(body);
    if (input.IfNoneMatch === "*" && bucket.current(input.Key) !== undefined) {
      throw new ServiceError("PreconditionFailed", `there is an object "${input.Key}" already`);
    }
    const version = bucket.put(input.Key, staged, {
      lastModified: this.#world.clock.now(),
      contentType: input.ContentType ?? "application/octet-stream",
      metadata: input.Metadata ?? {},
    });
    this.#world.observe({
      kind: "object-created",
      bucket: bucket.name,
      key: input.Key,
      versionId: version.versionId,
      size: version.size,
    });
    this.#notifications.send(event, bucket, input.Key, version);
    return entityTag(bucket, version);
  }

  #bucket(name: string): Bucket {
    const bucket = this.#buckets.get(name);
    if (bucket !== undefined) return bucket;
    throw new ServiceError("NoSuchBucket", `The specified bucket does not exist: "${name}"`);
  }

  #find(bucket: Bucket, { Key, VersionId }: ObjectRef, principal: Principal): ObjectVersion {
    checkKey(Key);
    const version = VersionId === undefined ? bucket.current(Key) : bucket.version(Key, VersionId);
    if (version?.deleteMarker === true) {
      throw new ServiceError("MethodNotAllowed", `version "${VersionId ?? ""}" of "${Key}" is a delete marker`);
    }
    if (version !== undefined) return version;
    this.#requireList(bucket, Key, principal);
    if (VersionId === undefined) throw new ServiceError("NoSuchKey", `The specified key does not exist: "${Key}"`);
    throw new ServiceError("NoSuchVersion", `The specified version does not exist: "${VersionId}" of "${Key}"`);
  }

  /** Who may not list a bucket is not told that an object is missing. */
  #requireList(bucket: Bucket, key: string, principal: Principal): void {
    if (principal === "") return;
    const { authoriser } = this.#world;
    const resource = bucketArn(bucket.name);
    if (authoriser.decide(principal, { action: "s3:ListBucket", resource }).allowed) return;
    throw new ServiceError(
      "AccessDenied",
      `User: ${authoriser.userArn(principal)} is not authorized to perform: s3:ListBucket on resource: ${resource}; ` +
        `without it, S3 does not say whether "${key}" exists`,
    );
  }
}

const readBuckets = ({ graph, ids }: World, storage: Storage): ReadonlyMap<string, Bucket> => {
  const versioned = versionedBuckets(graph);
  return new Map(
    graph.resources
      .filter(({ type }) => type === "aws:s3/bucket:Bucket")
      .map((resource) => bucketName(Properties.of(resource)))
      .map((name) => [name, new Bucket(name, versioned.has(name), storage, ids)]),
  );
};

const bucketName = (properties: Properties): string => {
  const name = properties.string("bucket");
  if (/^(?!.*\.\.)[a-z0-9][a-z0-9.-]{1,61}[a-z0-9]$/.test(name)) return name;
  throw properties.error("bucket", '3 to 63 lower-case letters, digits, "." and "-"');
};

const versionedBuckets = (graph: ResourceGraph): ReadonlySet<string> =>
  new Set(
    graph.resources
      .filter(({ type }) => type === "aws:s3/bucketVersioning:BucketVersioning")
      .map((resource) => Properties.of(resource))
      .filter((properties) => properties.child("versioningConfiguration")?.string("status") === "Enabled")
      .map((properties) => properties.string("bucket")),
  );

const operation = <Input>(
  permissions: (input: Input) => readonly Permission[],
  run: (input: Input, principal: Principal) => unknown,
): Operation => ({ permissions, run });

const bucketArn = (bucket: string): string => `arn:aws:s3:::${bucket}`;

const objectPermission =
  (action: string) =>
  ({ Bucket: bucket, Key }: ObjectRef): readonly Permission[] => [{ action, resource: `${bucketArn(bucket)}/${Key}` }];

const readPermission = (input: ObjectRef): readonly Permission[] =>
  objectPermission(input.VersionId === undefined ? "s3:GetObject" : "s3:GetObjectVersion")(input);

const deletePermission = (input: ObjectRef): readonly Permission[] =>
  objectPermission(input.VersionId === undefined ? "s3:DeleteObject" : "s3:DeleteObjectVersion")(input);

const copyPermissions = (input: CopyObjectInput): readonly Permission[] => [
  ...readPermission(parseCopySource(input.CopySource)),
  ...objectPermission("s3:PutObject")(input),
];

const listPermission = ({ Bucket: bucket, Prefix }: ListObjectsInput): readonly Permission[] => [
  { action: "s3:ListBucket", resource: bucketArn(bucket), context: { "s3:prefix": Prefix ?? "" } },
];

const listVersionsPermission = ({ Bucket: bucket, Prefix }: ListObjectVersionsInput): readonly Permission[] => [
  { action: "s3:ListBucketVersions", resource: bucketArn(bucket), context: { "s3:prefix": Prefix ?? "" } },
];

export const parseCopySource = (source: string): ObjectRef => {
  const [path = "", versionId] = source.replace(/^\//, "").split("?versionId=");
  const slash = path.indexOf("/");
  if (slash < 1) throw new ServiceError("InvalidArgument", `CopySource must be bucket/key, got "${source}"`);
  return {
    Bucket: path.slice(0, slash),
    Key: decodeURIComponent(path.slice(slash + 1)),
    ...(versionId !== undefined && { VersionId: versionId }),
  };
};

const entityTag = (bucket: Bucket, { eTag, versionId }: ObjectVersion): PutObjectOutput => ({
  ETag: `"${eTag}"`,
  ...(bucket.versioned && { VersionId: versionId }),
});

const head = (bucket: Bucket, version: ObjectVersion): HeadObjectOutput => ({
  ...entityTag(bucket, version),
  ContentLength: version.size,
  ContentType: version.contentType,
  LastModified: new Date(version.lastModified),
  Metadata: version.metadata,
});

const pieces = async function* (body: ObjectBody): AsyncGenerator<Uint8Array> {
  if (typeof body === "string") yield await Promise.resolve(Buffer.from(body));
  else if (body instanceof Uint8Array) yield body;
  else yield* body;
};
