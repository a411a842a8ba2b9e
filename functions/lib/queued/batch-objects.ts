import { readObject } from "../s3-folder.ts";
import { manifestKey, outcomesKey, type FileOutcome, type Manifest, type ManifestFile } from "./manifest.ts";
import { inOrder } from "./names.ts";
import type { S3 } from "../aws.ts";
import type { Request } from "./file-ledger.ts";

/** What batches have in the output bucket. */
export interface BatchObjects {
  /** The files that an execution would take, were none of them taken by another. */
  readonly propose: (executionName: string, files: readonly Request[]) => Promise<void>;
  readonly proposal: (executionName: string) => Promise<readonly Request[]>;
  /** The files that it does take. The first to write it is right: all others would write the same. */
  readonly putManifest: (executionName: string, files: readonly Request[]) => Promise<void>;
  readonly manifest: (executionName: string) => Promise<readonly ManifestFile[]>;
  /** What became of each file; nothing where the job does not tell. */
  readonly outcomes: (executionName: string) => Promise<readonly FileOutcome[] | undefined>;
}

const proposalKey = (executionName: string): string => `proposals/${executionName}.json`;
const ContentType = "application/json";

export function createBatchObjects(s3: Pick<S3, "getObject" | "putObject">, Bucket: string): BatchObjects {
  const read = async (Key: string): Promise<string> => Buffer.from(await readObject(s3, { Bucket, Key })).toString();
  return {
    propose: async (executionName, files) => {
      const Body = Buffer.from(JSON.stringify({ files: inOrder(files) }));
      await s3.putObject({ Bucket, Key: proposalKey(executionName), Body, ContentType });
    },
    proposal: async (executionName) => {
      const { files } = JSON.parse(await read(proposalKey(executionName))) as { readonly files: readonly Request[] };
      return files;
    },
    putManifest: async (executionName, files) => {
      const manifest: Manifest = {
        files: inOrder(files).map(({ name, generation, file }) => ({ ...file, name, generation })),
      };
      const Body = Buffer.from(JSON.stringify(manifest));
      try {
        await s3.putObject({ Bucket, Key: manifestKey(executionName), Body, ContentType, IfNoneMatch: "*" });
      } catch (error) {
        if (!(error instanceof Error) || error.name !== "PreconditionFailed") throw error;
      }
    },
    manifest: async (executionName) => (JSON.parse(await read(manifestKey(executionName))) as Manifest).files,
    outcomes: async (executionName) => {
      try {
        const lines = (await read(outcomesKey(executionName))).split("\n").filter((line) => line.trim() !== "");
        return lines.map((line) => JSON.parse(line) as FileOutcome);
      } catch (error) {
        if (error instanceof Error && (error.name === "NoSuchKey" || error.name === "NotFound")) return undefined;
        throw error;
      }
    },
  };
}
