/** What a job run is told of its file, in whatever form: text, or an expression that gives it. */
export interface RunFacts<Text> {
  readonly bucket: Text;
  readonly key: Text;
  readonly versionId: Text;
  readonly size: Text;
  readonly outputBucket: Text;
  readonly executionName: Text;
  readonly attempt: Text;
}

/** The arguments of a run, by the names that scripts know; the one place that names them. Glue's arguments are text. */
export function runArguments<Text>(facts: RunFacts<Text>): Record<`--${string}`, Text> {
  return {
    "--bucket": facts.bucket,
    "--key": facts.key,
    "--version_id": facts.versionId,
    "--size": facts.size,
    "--output_bucket": facts.outputBucket,
    "--execution_name": facts.executionName,
    "--attempt": facts.attempt,
  };
}

/** What tells the runs of a map's items apart. */
export const mapItemArgument = "--map_item";

/** The token of the task that waits for the run. */
export const tokenArgument = "--task_token";

/** What a run of a batch is told besides: the URI of its manifest, which is its file too. */
export const manifestArgument = "--manifest";
