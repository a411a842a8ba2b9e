/** An error of the Glue API. `name` is the API's error code. */
export class GlueError extends Error {
  constructor(
    override readonly name: string,
    message: string,
  ) {
    super(message);
  }
}

/** What the script of a job run failed with: it ends the run as FAILED, and is no error of the API. */
export class JobFailure extends Error {
  override readonly name = "JobFailure";
}

export function invalidInput(message: string): GlueError {
  return new GlueError("InvalidInputException", message);
}

export function entityNotFound(message: string): GlueError {
  return new GlueError("EntityNotFoundException", message);
}

export function runNotFound(JobName: string, Id: string): GlueError {
  return entityNotFound(`Job run not found: job ${JobName} has no run ${JSON.stringify(Id)}`);
}

/**
 * Does the work, and gives an error of Glue the name under which Step Functions reports it, so that one Retry serves
 * the simulated and the real job. Where a service behind the simulation throttles, Glue would. Other errors pass
 * unchanged.
 */
export async function reportingLikeStepFunctions<T>(work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (error) {
    if (error instanceof GlueError) throw new GlueError(prefixed(error.name), error.message);
    if (error instanceof Error && throttles.has(error.name)) {
      throw new GlueError("Glue.ThrottlingException", `Rate exceeded (${error.name}: ${error.message})`);
    }
    throw error;
  }
}

/** What DynamoDB and Lambda call it. */
const throttles: ReadonlySet<string> = new Set([
  "ThrottlingException",
  "ProvisionedThroughputExceededException",
  "RequestLimitExceeded",
  "TooManyRequestsException",
]);

function prefixed(name: string): string {
  return name.includes(".") ? name : `Glue.${name}`;
}
