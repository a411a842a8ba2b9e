import { asset } from "@pulumi/pulumi";
import { createReadStream } from "node:fs";
import { readFile } from "node:fs/promises";
import { resolve } from "node:path";
import { pathToFileURL } from "node:url";
import { bytesOf } from "./bytes.ts";

/** An asset's content as it is read. Relative paths start at `directory`. */
export const assetContent = async (source: unknown, directory: string): Promise<AsyncIterable<Uint8Array>> => {
  if (source instanceof asset.FileAsset) return createReadStream(resolve(directory, await source.path));
  if (source instanceof asset.StringAsset) return single(Buffer.from(await source.text));
  throw new Error(`an asset must be a FileAsset or a StringAsset, got ${kindOf(source)}`);
};

const single = async function* (piece: Uint8Array): AsyncGenerator<Uint8Array> {
  yield await Promise.resolve(piece);
};

/** The text of a file in an archive. */
export const archivedText = async (archive: unknown, name: string, directory: string): Promise<string> => {
  if (archive instanceof asset.FileArchive) {
    return readFile(resolve(directory, await archive.path, name), "utf8");
  }
  if (!(archive instanceof asset.AssetArchive)) {
    throw new Error(`a function's code must be an AssetArchive or a FileArchive, got ${kindOf(archive)}`);
  }
  const files = await archive.assets;
  const file: unknown = files[name];
  if (file === undefined)
    throw new Error(`there is no "${name}" in the archive; there are ${Object.keys(files).join(", ")}`);
  return (await bytesOf(await assetContent(file, directory))).toString();
};

/** What a module exports. Imported once, however often it is asked for. */
export const importModule = async (path: string): Promise<Readonly<Record<string, unknown>>> =>
  (await import(pathToFileURL(path).href)) as Readonly<Record<string, unknown>>;

const kindOf = (value: unknown): string =>
  typeof value === "object" && value !== null ? value.constructor.name : JSON.stringify(value);
