import { crc32 } from "node:zlib";

/** A file in an archive. */
export interface ZippedFile {
  /** With slashes between folders. */
  readonly name: string;
  readonly content: Buffer;
}

/** 1980-01-01 00:00, the first moment that the format knows. */
const time = 0;
const date = (1 << 5) | 1;
const version = 20;
const utf8Names = 0x0800;
/** A regular file that all may read: Python does not import what it may not read. */
const attributes = (0o100644 << 16) >>> 0;
const unixVersion = (3 << 8) | version;

/**
 * An archive whose bytes follow from its files alone: their order is that of their names, the time is always the same,
 * and nothing is compressed, as compressors differ.
 */
export const zip = (files: readonly ZippedFile[]): Buffer => {
  const sorted = files.toSorted((a, b) => (a.name < b.name ? -1 : 1));
  const parts: Buffer[] = [];
  const directory: Buffer[] = [];
  let offset = 0;
  for (const { name, content } of sorted) {
    const path = Buffer.from(name);
    const common = commonHeader(path, content);
    const local = Buffer.concat([uint32(0x04034b50), common, path, content]);
    directory.push(
      Buffer.concat([
        uint32(0x02014b50),
        uint16(unixVersion),
        common,
        // No comment, first disk, no internal attributes.
        uint16(0, 0, 0),
        uint32(attributes, offset),
        path,
      ]),
    );
    parts.push(local);
    offset += local.length;
  }
  const index = Buffer.concat(directory);
  const end = Buffer.concat([
    uint32(0x06054b50),
    uint16(0, 0, sorted.length, sorted.length),
    uint32(index.length, offset),
    uint16(0),
  ]);
  return Buffer.concat([...parts, index, end]);
};

/** What stands before a file's content and once more in the directory. */
const commonHeader = (path: Buffer, content: Buffer): Buffer =>
  Buffer.concat([
    uint16(version, utf8Names, 0, time, date),
    uint32(crc32(content), content.length, content.length),
    uint16(path.length, 0),
  ]);

const uint16 = (...values: readonly number[]): Buffer => {
  const bytes = Buffer.alloc(2 * values.length);
  values.forEach((value, index) => bytes.writeUInt16LE(value, 2 * index));
  return bytes;
};

const uint32 = (...values: readonly number[]): Buffer => {
  const bytes = Buffer.alloc(4 * values.length);
  values.forEach((value, index) => bytes.writeUInt32LE(value, 4 * index));
  return bytes;
};
