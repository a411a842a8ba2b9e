/** What a call needs: an IAM action on a resource. */
export interface Permission {
  readonly action: string;
  readonly resource: string;
  /** Condition keys of this request beyond those of every request, for example `s3:prefix`. */
  readonly context?: Readonly<Record<string, string>>;
}

/** Who calls: a role of the graph, by ARN. */
export type Principal = string;

/** One API operation of a service. Inputs and outputs have the shapes of the AWS API. */
export interface Operation {
  readonly permissions: (input: never) => readonly Permission[];
  readonly run: (input: never, principal: Principal) => unknown;
}

/** A service of the embedded cloud, by operation in SDK spelling: `getItem`, `startExecution`. */
export interface Service {
  readonly operations: Readonly<Record<string, Operation>>;
}

/** An AWS API error. `name` is the API's error code. */
export class ServiceError extends Error {
  constructor(
    override readonly name: string,
    message: string,
  ) {
    super(message);
  }
}

/** The one way into the services: checks the principal's policies, then calls. */
export interface Api {
  call(principal: Principal, service: string, operation: string, input: unknown): Promise<unknown>;
}
