import { isUtf8 } from "node:buffer";

import { UnreadableFileError } from "./unreadable-file-error.ts";

const BYTE_ORDER_MARK = Buffer.from([0xef, 0xbb, 0xbf]);

/**
 * Passes the bytes of a text file on, without its byte order mark.
 *
 * Throws at the first byte that no UTF-8 text has. Decoders that put replacement characters there would
 * turn a picture or a file in another encoding into rows that look processed.
 */
export async function* utf8Text(chunks: AsyncIterable<Uint8Array>): AsyncGenerator<Uint8Array> {
  let offset = 0;
  let carried: Uint8Array = new Uint8Array(0);
  for await (const chunk of chunks) {
    const bytes = carried.length === 0 ? chunk : Buffer.concat([carried, chunk]);
    const nul = bytes.indexOf(0);
    const readable = nul === -1 ? bytes : bytes.subarray(0, nul);
    const text = readable.subarray(0, readable.length - cutCharacterLength(readable));
    if (!isUtf8(text)) {
      throw new UnreadableFileError(`the file is not UTF-8 text: bad byte at offset ${offset + firstBadByte(text)}`);
    }
    if (nul !== -1) throw new UnreadableFileError(`the file is not text: NUL byte at offset ${offset + nul}`);
    if (text.length > 0) yield offset === 0 ? withoutByteOrderMark(text) : text;
    offset += text.length;
    carried = bytes.subarray(text.length);
  }
  if (carried.length > 0) throw new UnreadableFileError(`the file is not UTF-8 text: bad byte at offset ${offset}`);
  if (offset === 0) throw new UnreadableFileError("the file is empty");
}

function withoutByteOrderMark(bytes: Uint8Array): Uint8Array {
  return BYTE_ORDER_MARK.equals(bytes.subarray(0, BYTE_ORDER_MARK.length))
    ? bytes.subarray(BYTE_ORDER_MARK.length)
    : bytes;
}

/** How many bytes at the end begin a character that needs more than there are. */
function cutCharacterLength(bytes: Uint8Array): number {
  for (let length = 1; length <= Math.min(3, bytes.length); length++) {
    const byte = bytes[bytes.length - length] ?? 0;
    if (byte < 0x80 || byte > 0xf4) return 0;
    if (byte >= 0xc2) {
      const needed = byte >= 0xf0 ? 4 : byte >= 0xe0 ? 3 : 2;
      return length < needed ? length : 0;
    }
  }
  return 0;
}

/** Where the first sequence starts that is not UTF-8. */
function firstBadByte(bytes: Uint8Array): number {
  let good = 0;
  let bad = bytes.length;
  while (bad - good > 1) {
    const middle = (good + bad) >> 1;
    if (isUtf8(bytes.subarray(0, middle - cutCharacterLength(bytes.subarray(0, middle))))) good = middle;
    else bad = middle;
  }
  return good - cutCharacterLength(bytes.subarray(0, good));
}
