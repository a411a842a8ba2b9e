export interface ObjectRef {
  readonly Bucket: string;
  readonly Key: string;
  readonly VersionId?: string;
}

export type ObjectBody = string | Uint8Array | AsyncIterable<Uint8Array>;

export interface PutObjectInput extends ObjectRef {
  readonly Body?: ObjectBody;
  readonly ContentType?: string;
  readonly Metadata?: Readonly<Record<string, string>>;
  /** `*`: only if there is no such object. */
  readonly IfNoneMatch?: string;
}

export interface CopyObjectInput extends ObjectRef {
  /** `bucket/key`, URL-encoded, with `?versionId=…` where it is not the current version. */
  readonly CopySource: string;
}

export interface PutObjectOutput {
  readonly ETag: string;
  readonly VersionId?: string;
}

export interface HeadObjectOutput extends PutObjectOutput {
  readonly ContentLength: number;
  readonly ContentType: string;
  readonly LastModified: Date;
  readonly Metadata: Readonly<Record<string, string>>;
}

export interface GetObjectOutput extends HeadObjectOutput {
  readonly Body: AsyncIterable<Uint8Array>;
}
