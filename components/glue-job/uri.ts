/** Where something lies in S3. */
export interface S3Place {
  readonly bucket: string;
  /** Without a slash at its start; may be empty. */
  readonly key: string;
}

/** Reads `s3://bucket/key`. */
export const s3Place = (uri: string): S3Place | undefined => {
  const [, bucket, key = ""] = /^s3:\/\/([a-z0-9][a-z0-9.-]{1,61}[a-z0-9])(?:\/(.*))?$/.exec(uri) ?? [];
  return bucket === undefined ? undefined : { bucket, key };
};
