import type { ListObjectsOutput } from "../services/list-objects.ts";

/** S3's answers as XML. */

export const errorXml = (code: string, message: string): string =>
  document("Error", element("Code", code) + element("Message", message));

/** An error as most other services have it. */
export const otherErrorXml = (code: string, message: string): string =>
  document("ErrorResponse", `<Error>${element("Code", code)}${element("Message", message)}</Error>`);

export const listXml = (page: ListObjectsOutput, urlEncoded: boolean): string => {
  const shown = urlEncoded ? encoded : (text: string): string => text;
  const contents = (page.Contents ?? []).map(
    ({ Key, Size, ETag, LastModified, StorageClass }) =>
      `<Contents>${element("Key", shown(Key))}${element("LastModified", LastModified.toISOString())}` +
      `${element("ETag", ETag)}${element("Size", Size)}${element("StorageClass", StorageClass)}</Contents>`,
  );
  const prefixes = (page.CommonPrefixes ?? []).map(
    ({ Prefix }) => `<CommonPrefixes>${element("Prefix", shown(Prefix))}</CommonPrefixes>`,
  );
  return document(
    "ListBucketResult",
    element("Name", page.Name) +
      element("Prefix", shown(page.Prefix)) +
      element("MaxKeys", page.MaxKeys) +
      element("KeyCount", page.KeyCount) +
      element("IsTruncated", page.IsTruncated) +
      (page.NextContinuationToken === undefined ? "" : element("NextContinuationToken", page.NextContinuationToken)) +
      (urlEncoded ? element("EncodingType", "url") : "") +
      contents.join("") +
      prefixes.join(""),
  );
};

export const uploadXml = (bucket: string, key: string, uploadId: string): string =>
  document(
    "InitiateMultipartUploadResult",
    element("Bucket", bucket) + element("Key", key) + element("UploadId", uploadId),
  );

export const completedXml = (bucket: string, key: string, eTag: string): string =>
  document("CompleteMultipartUploadResult", element("Bucket", bucket) + element("Key", key) + element("ETag", eTag));

export const copiedXml = (name: "CopyObjectResult" | "CopyPartResult", eTag: string, lastModified: Date): string =>
  document(name, element("ETag", eTag) + element("LastModified", lastModified.toISOString()));

/** The parts' numbers, in the order in which a request lists them. */
export const partNumbers = (xml: string): readonly number[] =>
  [...xml.matchAll(/<PartNumber>(\d+)<\/PartNumber>/g)].map(([, number]) => Number(number));

/** The keys that a DeleteObjects request names. */
export const keysToDelete = (xml: string): readonly string[] =>
  [...xml.matchAll(/<Key>([^<]*)<\/Key>/g)].map(([, key = ""]) => unescaped(key));

export const deletedXml = (
  results: readonly { readonly key: string; readonly error?: { readonly name: string; readonly message: string } }[],
): string =>
  document(
    "DeleteResult",
    results
      .map(({ key, error }) =>
        error === undefined
          ? `<Deleted>${element("Key", key)}</Deleted>`
          : `<Error>${element("Key", key)}${element("Code", error.name)}${element("Message", error.message)}</Error>`,
      )
      .join(""),
  );

const document = (name: string, content: string): string =>
  `<?xml version="1.0" encoding="UTF-8"?>\n<${name}>${content}</${name}>`;

const element = (name: string, value: string | number | boolean): string =>
  `<${name}>${escaped(String(value))}</${name}>`;

const escapes: Readonly<Record<string, string>> = { "&": "&amp;", "<": "&lt;", ">": "&gt;", '"': "&quot;" };

const escaped = (text: string): string =>
  text
    .replace(/[&<>"]/g, (character) => escapes[character] ?? character)
    // XML has no way to write the other control characters; clients ask for URL-encoding where keys may have them.
    .replace(/[\r\n\t]/g, (character) => `&#${character.charCodeAt(0)};`);

/** In one go: what an entity stands for may look like another one. */
const unescaped = (text: string): string =>
  text.replace(/&(?:#(x?)([0-9a-fA-F]+)|(lt|gt|quot|apos|amp));/g, (_, hex: string, digits?: string, name = "") =>
    digits === undefined
      ? (named[String(name)] ?? "")
      : String.fromCodePoint(Number.parseInt(digits, hex === "" ? 10 : 16)),
  );

const named: Readonly<Record<string, string>> = { lt: "<", gt: ">", quot: '"', apos: "'", amp: "&" };

const encoded = (text: string): string => encodeURIComponent(text).replaceAll("%2F", "/");
