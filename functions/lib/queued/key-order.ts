import { createHash } from "node:crypto";
import type { LandedFile } from "../execution-input.ts";
import { entryOf, filePlace, ifNew, isFinal, type FileLedger, type Request } from "./file-ledger.ts";
import { itemOf } from "./ledger-items.ts";
import { keyOf, type Place, type Table } from "./table.ts";
import type { FileEntry } from "./file-entry.ts";
import type { Taken } from "./names.ts";

type Key = Pick<LandedFile, "bucket" | "key">;

/**
 * The order of each key's versions. One version at a time has its key: the oldest that waits gets it, and keeps it until
 * it has ended. The newest that has ever had it is remembered.
 */
export interface KeyOrder {
  /** Enters a file, and that it waits for its key. False: it is entered already. */
  readonly enter: (request: Request) => Promise<boolean>;
  /**
   * Gives the key on as far as it can be given on now, and the entry of the version that has it then.
   * @param supersede is told of each version that a newer one came before, before that is noted
   */
  readonly advance: (key: Key, supersede: (entry: FileEntry) => Promise<void>) => Promise<FileEntry | undefined>;
}

interface Head {
  readonly holder: Taken | undefined;
  /** As text that can be compared. */
  readonly newest: string;
}

interface Waiting extends Taken {
  readonly id: string;
  readonly sequence: string;
}

/** Of two that change a key one comes through, so others try again; a key that changes for ever is an error. */
const mostTries = 1000;

export function createKeyOrder(table: Table, files: FileLedger, retentionDays: number, now: () => number): KeyOrder {
  const enter = (request: Request): Promise<boolean> =>
    table.writeAll([
      { put: itemOf(entryOf(request)), ...ifNew(request) },
      {
        put: {
          ...keyOf(versionPlace(request)),
          Name: { S: request.name },
          Generation: { N: String(request.generation) },
          Sequence: { S: sequenceOf(request.file) },
        },
        condition: "attribute_not_exists(#Partition)",
      },
    ]);

  const headOf = async (partition: string): Promise<Head> => {
    const item = await table.get(headPlace(partition));
    const name = item?.Holder?.S;
    return {
      holder: name === undefined ? undefined : { name, generation: Number(item?.HolderGeneration?.N ?? 0) },
      newest: item?.Newest?.S ?? "",
    };
  };

  const oldestOf = async (partition: string): Promise<Waiting | undefined> => {
    const [item] = await table.list(partition, { prefix: versionPrefix, limit: 1 });
    if (item?.Name?.S === undefined) return undefined;
    const { Id, Name, Generation, Sequence } = item;
    const id = Id?.S ?? "";
    return { name: Name.S, generation: Number(Generation?.N ?? 0), id, sequence: Sequence?.S ?? "" };
  };

  const release = (partition: string, { name, generation }: Taken): Promise<boolean> =>
    table.write({
      at: headPlace(partition),
      update: "SET #ExpiresAt = :expiresAt REMOVE #Holder, #HolderGeneration",
      condition: "#Holder = :name AND #HolderGeneration = :generation",
      values: {
        ":name": name,
        ":generation": generation,
        ":expiresAt": Math.ceil(now() / 1000) + retentionDays * 86_400,
      },
    });

  const give = (partition: string, { name, generation, id, sequence }: Waiting, { newest }: Head): Promise<boolean> =>
    table.writeAll([
      {
        at: headPlace(partition),
        update: "SET #Holder = :name, #HolderGeneration = :generation, #Newest = :sequence REMOVE #ExpiresAt",
        condition: "attribute_not_exists(#Holder) AND (attribute_not_exists(#Newest) OR #Newest = :newest)",
        values: {
          ":name": name,
          ":generation": generation,
          ":newest": newest,
          ":sequence": sequence === "" ? newest : sequence,
        },
      },
      { delete: { partition, id }, condition: "attribute_exists(#Partition)" },
    ]);

  const overtake = async (
    partition: string,
    { name, generation, id }: Waiting,
    supersede: (entry: FileEntry) => Promise<void>,
  ): Promise<void> => {
    const entry = await files.get(name);
    if (entry?.generation !== generation || entry.state !== "waiting" || entry.executionName !== undefined) {
      await table.write({ delete: { partition, id } });
      return;
    }
    await supersede(entry);
    await table.writeAll([
      {
        at: filePlace(name),
        update: "SET #State = :superseded, #EndedAt = :now, #ExpiresAt = :expiresAt",
        condition: "#Generation = :generation AND #State = :waiting AND attribute_not_exists(#ExecutionName)",
        values: {
          ":superseded": "superseded",
          ":now": now(),
          ":expiresAt": Math.ceil(now() / 1000) + retentionDays * 86_400,
          ":generation": generation,
          ":waiting": "waiting",
        },
      },
      { delete: { partition, id } },
    ]);
  };

  return {
    enter,
    advance: async (key, supersede) => {
      const partition = partitionOf(key);
      for (let tries = 0; tries < mostTries; tries += 1) {
        // In this order: what does not wait any more is seen to have the key, or to have had it.
        const oldest = await oldestOf(partition);
        const head = await headOf(partition);
        // A version whose place in the order nobody knows is neither too old nor too new.
        if (oldest !== undefined && oldest.sequence !== "" && oldest.sequence < head.newest) {
          await overtake(partition, oldest, supersede);
        } else if (head.holder !== undefined) {
          const entry = await files.get(head.holder.name);
          if (entry?.generation === head.holder.generation && !isFinal(entry)) return entry;
          await release(partition, head.holder);
        } else {
          if (oldest === undefined) return undefined;
          if (await give(partition, oldest, head)) return await files.get(oldest.name);
        }
      }
      throw new Error(`The versions of ${key.bucket}/${key.key} change too often`);
    },
  };
}

const versionPrefix = "version#";

/** Keys may be longer than a table's. */
const partitionOf = ({ bucket, key }: Key): string =>
  `key#${createHash("sha256").update(`${bucket}\0${key}`).digest("hex")}`;

const headPlace = (partition: string): Place => ({ partition, id: "head" });

const versionPlace = ({ name, file }: Request): Place => ({
  partition: partitionOf(file),
  id: `${versionPrefix}${sequenceOf(file)}#${name}`,
});

/** S3's sequencers compare as text once the shorter ones are filled up with zeros at their right. */
export const sequenceOf = ({ sequencer }: Pick<LandedFile, "sequencer">): string =>
  sequencer === "" ? "" : sequencer.toUpperCase().padEnd(64, "0");
