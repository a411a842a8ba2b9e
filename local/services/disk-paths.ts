import { createHash } from "node:crypto";

/**
 * Object keys as paths. An ordinary key is its own path. Any other key (`..`, an empty part, a part too long for a file
 * system, characters that some file systems refuse, …) becomes a path under a folder of its own in which nothing is
 * special. Both ways are reversible, and their folders never meet.
 */

/** Folder of the keys that are no paths. Ordinary keys do not begin with it. */
export const awkwardKeys = ".keys";
/** Folder of the versions that are no longer current. */
export const olderVersions = ".versions";

const partBytes = 200;
/** Leaves room for the folder in front: some systems end a whole path at 1,024 bytes. */
const pathBytes = 600;
const refused = /[\p{Cc}<>:"|?*\\]/u;

/** The path of a key that can be its own path. */
export const readablePath = (key: string): string | undefined => {
  const parts = key.split("/");
  const own = parts[0]?.toLowerCase();
  if (own === awkwardKeys || own === olderVersions || Buffer.byteLength(key) > pathBytes) return undefined;
  return parts.every(isOrdinary) ? key : undefined;
};

const isOrdinary = (part: string): boolean =>
  part !== "" && !/[. ]$/.test(part) && Buffer.byteLength(part) <= partBytes && !refused.test(part);

/**
 * A path for any key: lower-case letters, digits, `-` and `_` stand for themselves, other bytes are written `%xx`. Where
 * that would be too long, it is the key's digest, and the file beside it (`keyFile`) holds the key.
 */
export const encodedPath = (key: string): string => {
  const text = [...Buffer.from(key)].map(encodedByte).join("");
  if (text.length > 400) return digestMark + createHash("sha256").update(key).digest("hex");
  // The mark at the end tells files from folders, so that no key's file is another key's folder.
  return (text.match(/.{1,200}/g) ?? []).join("/") + lastMark;
};

/** Where the key of an encoded path is written down, if the path does not tell it. */
export const keyFile = (path: string): string | undefined => (path.startsWith(digestMark) ? `${path}.key` : undefined);

/** The key that an encoded path tells. */
export const decodedKey = (path: string): string => {
  const bytes =
    path
      .replaceAll("/", "")
      .slice(0, -lastMark.length)
      .match(/%[0-9a-f]{2}|[\s\S]/g) ?? [];
  return Buffer.from(
    bytes.map((byte) => (byte.length === 3 ? Number.parseInt(byte.slice(1), 16) : byte.charCodeAt(0))),
  ).toString();
};

const digestMark = "=";
const lastMark = "=";

const encodedByte = (byte: number): string => {
  const character = String.fromCharCode(byte);
  return /[a-z0-9_-]/.test(character) ? character : `%${byte.toString(16).padStart(2, "0")}`;
};

/** Equal for paths that a file system may take for the same: letter case and ways of writing accents differ. */
export const foldedPath = (path: string): string => path.normalize("NFD").toUpperCase().toLowerCase();
