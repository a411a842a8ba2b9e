import { ListObjectVersionsCommand, type ListObjectVersionsOutput, type S3Client } from "@aws-sdk/client-s3";

/** The latest version of an object in the landing bucket. */
export interface LandedVersion {
  readonly bucket: string;
  readonly key: string;
  readonly versionId: string;
  /** Bytes. */
  readonly size: number;
  /** Milliseconds since the epoch. */
  readonly lastModified: number;
}

/** Where a listing goes on. */
export interface ListPosition {
  readonly key: string;
  readonly versionId?: string;
}

/** A page of a listing, which may have nothing to show for itself: older versions fill pages too. */
export interface VersionPage {
  readonly versions: readonly LandedVersion[];
  /** Objects that were there before the bucket kept versions: nothing tells one upload of them from the next. */
  readonly unversioned: number;
  /** Behind this page; undefined: it is the last one. */
  readonly next?: ListPosition;
}

export interface ListingArgs {
  readonly bucket: string;
  readonly prefix: string;
  readonly after?: ListPosition | undefined;
  /** From 1 to 1,000. @default 1000 */
  readonly pageSize?: number | undefined;
}

/** Lists the latest versions in the order of their keys, a page at a time; what was deleted is left out. */
export async function* latestVersions(
  s3: S3Client,
  { bucket, prefix, after, pageSize = 1000 }: ListingArgs,
): AsyncGenerator<VersionPage> {
  let position = after;
  do {
    const answer = await s3.send(
      new ListObjectVersionsCommand({
        Bucket: bucket,
        Prefix: prefix,
        MaxKeys: pageSize,
        // Keys may have characters that XML has no room for.
        EncodingType: "url",
        ...(position !== undefined && { KeyMarker: position.key }),
        ...(position?.versionId !== undefined && { VersionIdMarker: position.versionId }),
      }),
    );
    const page = pageOf(bucket, answer);
    yield page;
    position = page.next;
  } while (position !== undefined);
}

/** The versions of one key, the newest first, up to so many. */
export async function allVersionsOf(
  s3: S3Client,
  bucket: string,
  key: string,
  most: number,
): Promise<readonly LandedVersion[]> {
  const { Versions = [] } = await s3.send(
    new ListObjectVersionsCommand({ Bucket: bucket, Prefix: key, MaxKeys: most }),
  );
  // The key itself comes before all that begins with it.
  return Versions.flatMap(({ Key, VersionId, Size = 0, LastModified }) =>
    Key !== key || VersionId === undefined || VersionId === "null"
      ? []
      : [{ bucket, key, versionId: VersionId, size: Size, lastModified: LastModified?.getTime() ?? 0 }],
  );
}

function pageOf(bucket: string, answer: ListObjectVersionsOutput): VersionPage {
  const decode = answer.EncodingType === "url" ? decoded : (text: string) => text;
  const latest = (answer.Versions ?? []).filter(({ IsLatest }) => IsLatest === true);
  const versions = latest.flatMap(({ Key, VersionId = "null", Size = 0, LastModified }) =>
    Key === undefined || VersionId === "null"
      ? []
      : [{ bucket, key: decode(Key), versionId: VersionId, size: Size, lastModified: LastModified?.getTime() ?? 0 }],
  );
  const { IsTruncated = false, NextKeyMarker, NextVersionIdMarker } = answer;
  const goesOn = IsTruncated && NextKeyMarker !== undefined;
  return {
    versions,
    unversioned: latest.length - versions.length,
    ...(goesOn && {
      next: {
        key: decode(NextKeyMarker),
        ...(NextVersionIdMarker !== undefined && NextVersionIdMarker !== "" && { versionId: NextVersionIdMarker }),
      },
    }),
  };
}

const decoded = (text: string): string => decodeURIComponent(text.replaceAll("+", " "));
