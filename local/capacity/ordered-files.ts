import type { DispatchWaits } from "./dispatch.ts";
import type { FileRecords } from "./file-records.ts";
import type { Files } from "./files.ts";
import { KeyOrder } from "./key-order.ts";
import type { QueuedRequests } from "./queued-requests.ts";
import { none } from "./threads.ts";

interface OrderedParts {
  readonly files: Files;
  readonly records: FileRecords;
  readonly requests: QueuedRequests;
  readonly waits: DispatchWaits;
  /** How many there are. */
  readonly keys: number;
}

/** Files whose keys' versions are taken on one after the other. */
export class OrderedFiles {
  readonly #parts: OrderedParts;
  readonly #order: KeyOrder;

  constructor(parts: OrderedParts) {
    this.#parts = parts;
    this.#order = new KeyOrder(parts.files, parts.keys);
  }

  /** The dispatcher enters files; gives those that may be taken on now. */
  admit(entered: readonly number[], now: number): readonly number[] {
    const { files, requests } = this.#parts;
    for (const file of entered) {
      files.since[file] = now;
      files.next[file] = none;
      requests.entered();
      this.#order.enter(file);
    }
    return this.#advance(new Set(entered.map((file) => files.key[file] ?? 0)), now);
  }

  /** The recorder has noted the end of files with these keys; gives those whose turn it is. */
  next(keys: readonly number[], now: number): readonly number[] {
    for (const key of keys) {
      this.#order.release(key);
      this.#parts.requests.released();
    }
    return this.#advance(keys, now);
  }

  #advance(keys: Iterable<number>, now: number): readonly number[] {
    const { files, records, requests, waits } = this.#parts;
    const given: number[] = [];
    for (const key of keys) {
      const found = this.#order.advance(key);
      requests.advanced(found.superseded.length, found.given === none ? (found.isHeld ? "held" : "nothing") : "given");
      for (const file of [...found.superseded, found.given]) {
        if (file === none) continue;
        const waited = now - (files.since[file] ?? 0);
        files.queued[file] = (files.queued[file] ?? 0) + waited;
        waits.order += waited;
        files.since[file] = now;
      }
      for (const file of found.superseded) records.superseded(file, now);
      if (found.given !== none) given.push(found.given);
    }
    return given;
  }
}
