import { readdirSync, readFileSync } from "node:fs";
import { Readable } from "node:stream";
import { Upload } from "@aws-sdk/lib-storage";
import { executionName } from "../../../functions/lib/execution-name.ts";
import { arnOf } from "./files.ts";
import type { Clients } from "./deployed.ts";
import type { Outputs } from "../engine.ts";

/** A file that is never in memory as a whole. */
export interface LargeFile {
  readonly key: string;
  readonly bytes: number;
  readonly rows: number;
  /** Of the column `amount`. */
  readonly sum: number;
  /** Of its execution. */
  readonly arn: string;
}

const HEADER = "id,customer,city,note,amount\n";
const CITIES = ["Bergen", "Brno", "Kraków", "Málaga", "東京"];
/** Long rows: a file of many bytes need not have more rows than a test has time for. */
const WORDS = " and what else there is to say about it".repeat(6);
const PIECE_CHARACTERS = 256 * 1024;

/** Makes a CSV file of at least so many bytes while it is uploaded in parts. */
export async function landLargeFile(
  clients: Clients,
  outputs: Outputs,
  { key, atLeastBytes }: { readonly key: string; readonly atLeastBytes: number },
): Promise<LargeFile> {
  const made = { bytes: 0, rows: 0, sum: 0 };
  const bucket = outputs.landingBucket ?? "";
  const upload = new Upload({
    client: clients.s3,
    params: { Bucket: bucket, Key: key, Body: Readable.from(pieces(atLeastBytes, made)) },
  });
  const { VersionId: versionId } = await upload.done();
  if (versionId === undefined) throw new Error(`${key}: no version id`);
  return { key, ...made, arn: arnOf(outputs, executionName({ bucket, key, versionId, sequencer: "" })) };
}

function* pieces(atLeastBytes: number, made: { bytes: number; rows: number; sum: number }): Generator<Uint8Array> {
  let text = HEADER;
  while (made.bytes < atLeastBytes) {
    while (text.length < PIECE_CHARACTERS) {
      const row = made.rows++;
      const amount = (row * 7_919) % 100_000;
      made.sum += amount;
      text += `${row},"Customer, no. ${row % 9_973}",${CITIES[row % CITIES.length] ?? ""},"said ""${row}""${WORDS}",${amount}\n`;
    }
    const piece = Buffer.from(text);
    made.bytes += piece.length;
    text = "";
    yield piece;
  }
}

/**
 * The most memory that any one of the processes below a process has had, in MiB; undefined where the system does not
 * tell.
 */
export function peakMemoryBelow(pid: number): number | undefined {
  if (process.platform !== "linux") return undefined;
  const parents = new Map(processes().map(({ id, parent }) => [id, parent]));
  const isBelow = (id: number): boolean => {
    const parent = parents.get(id);
    return parent !== undefined && (parent === pid || isBelow(parent));
  };
  return Math.max(0, ...processes().map(({ id, peakMiB }) => (isBelow(id) ? peakMiB : 0)));
}

function processes(): readonly { readonly id: number; readonly parent: number; readonly peakMiB: number }[] {
  const ids = readdirSync("/proc").filter((name) => /^\d+$/.test(name));
  return ids.flatMap((id) => {
    try {
      const status = readFileSync(`/proc/${id}/status`, "utf8");
      const number = (name: string): number => Number(new RegExp(`^${name}:\\s+(\\d+)`, "m").exec(status)?.[1] ?? 0);
      return [{ id: Number(id), parent: number("PPid"), peakMiB: number("VmHWM") / 1024 }];
    } catch {
      // It has ended.
      return [];
    }
  });
}
