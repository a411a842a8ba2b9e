import type { Hash } from "node:crypto";

/** One version of one object. */
export interface Blob {
  readonly bucket: string;
  readonly key: string;
  readonly versionId: string;
}

/** Content that has arrived in full and is not yet any object's. */
export interface Staged {
  readonly size: number;
  /** Lower-case hexadecimal. */
  readonly md5: string;
}

/** Where the contents of objects are kept. Which versions there are, and which one is current, the bucket knows. */
export interface Storage {
  /** Takes content in as it arrives. */
  stage(content: AsyncIterable<Uint8Array>): Promise<Staged>;
  /** Makes staged content the current version of its object. */
  commit(staged: Staged, blob: Blob): void;
  /** Keeps the current version as an older one. */
  archive(blob: Blob): void;
  /** Makes an archived version the current one again. */
  restore(blob: Blob): void;
  remove(blob: Blob): void;
  /** The content, read when it is asked for. */
  read(blob: Blob): AsyncIterable<Uint8Array>;
  /** Where a person finds the content. */
  path(blob: Blob): string | undefined;
}

/** Passes content on, piece by piece, and sums it up. */
export const measure = async (
  content: AsyncIterable<Uint8Array>,
  hash: Hash,
  accept: (piece: Uint8Array) => void,
): Promise<Staged> => {
  let size = 0;
  for await (const piece of content) {
    hash.update(piece);
    size += piece.byteLength;
    accept(piece);
  }
  return { size, md5: hash.digest("hex") };
};

export const blobName = ({ bucket, key, versionId }: Blob): string => `${bucket}\0${versionId}\0${key}`;
