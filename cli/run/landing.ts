import type { ResourceGraph } from "../../local/resource-graph.ts";
import { UsageError } from "../lib/command.ts";
import type { LocalFile } from "./files.ts";
import { at, isObject, textAt } from "./json.ts";
import type { Upload } from "./records.ts";

/** A place that the program watches for new objects. */
export interface Landing {
  readonly bucket: string;
  readonly prefix: string;
  readonly suffix: string;
}

const NOTIFICATION = "aws:s3/bucketNotification:BucketNotification";
const TARGETS = ["lambdaFunctions", "queues", "topics"];
/** S3's limit, in bytes of UTF-8. */
const LONGEST_KEY = 1024;

/** What the program's notifications say, in the order it declares them. */
export function landingsOf(graph: ResourceGraph): readonly Landing[] {
  return graph.resources
    .filter(({ type }) => type === NOTIFICATION)
    .flatMap(({ properties }) => {
      const bucket = textAt(properties, "bucket");
      if (bucket === undefined) return [];
      const rules = TARGETS.flatMap((target) => {
        const list = at(properties, target);
        return Array.isArray(list) ? list.filter(isObject) : [];
      });
      return rules.map((rule) => ({
        bucket,
        prefix: textAt(rule, "filterPrefix") ?? "",
        suffix: textAt(rule, "filterSuffix") ?? "",
      }));
    });
}

export interface PlannedUpload extends Upload {
  readonly path: string;
}

/** Decides under which key each file is uploaded: where the program watches for files of its name. */
export function planUploads(
  graph: ResourceGraph,
  files: readonly LocalFile[],
  key: string | undefined,
): readonly PlannedUpload[] {
  const [first, ...others] = landingsOf(graph);
  if (first === undefined) {
    const remedy =
      typeof graph.outputs.stateMachineArn === "string"
        ? "leave out the FILEs, or start an execution by --input"
        : "its output stateMachineArn could name a machine to start instead";
    throw new UsageError([
      `stack ${graph.stack} declares no bucket notification: nothing would happen to an uploaded file; ${remedy}`,
    ]);
  }
  return planUploadsTo([first, ...others], files, key);
}

/** The same, for places that are known. */
export function planUploadsTo(
  landings: readonly [Landing, ...Landing[]],
  files: readonly LocalFile[],
  key: string | undefined,
): readonly PlannedUpload[] {
  const uploads = files.map(({ given, path, size, name }) => {
    // A file that no rule wants still goes to the first place: that it is ignored there is worth seeing.
    const landing = landings.find(({ suffix }) => name.endsWith(suffix)) ?? landings[0];
    return { file: given, path, size, bucket: landing.bucket, key: key ?? landing.prefix + name };
  });
  const tooLong = uploads.filter((upload) => Buffer.byteLength(upload.key) > LONGEST_KEY);
  if (tooLong.length > 0) {
    throw new UsageError(
      tooLong.map(
        (upload) =>
          `${upload.file}: its key has ${Buffer.byteLength(upload.key)} bytes; S3 allows at most ${LONGEST_KEY}`,
      ),
    );
  }
  return uploads;
}
