import type {
  DescribeExecutionOutput,
  GetExecutionHistoryOutput,
  ListExecutionsOutput,
  StartExecutionOutput,
} from "@aws-sdk/client-sfn";
import type { OpenWorld } from "./cloud-world.ts";
import type { ListObjectsInput, ListObjectsOutput } from "./services/list-objects.ts";
import type {
  GetObjectOutput,
  HeadObjectOutput,
  ObjectRef,
  PutObjectInput,
  PutObjectOutput,
} from "./services/s3-api.ts";
import type { S3Service } from "./services/s3.ts";

/** What a person does with the cloud. Not for use inside of its own work. */
export interface User {
  call(service: string, operation: string, input: unknown): Promise<unknown>;
  putObject(input: PutObjectInput): Promise<PutObjectOutput>;
  getObject(input: ObjectRef): Promise<GetObjectOutput>;
  headObject(input: ObjectRef): Promise<HeadObjectOutput>;
  listObjects(input: ListObjectsInput): Promise<ListObjectsOutput>;
  /** Where an object's content lies on disk. */
  objectPath(input: ObjectRef): string | undefined;
  startExecution(input: { stateMachineArn: string; name?: string; input?: string }): Promise<StartExecutionOutput>;
  describeExecution(input: { executionArn: string }): Promise<DescribeExecutionOutput>;
  getExecutionHistory(input: { executionArn: string }): Promise<GetExecutionHistoryOutput>;
  listExecutions(input: { stateMachineArn: string }): Promise<ListExecutionsOutput>;
}

/** Each call is a thread of the clock, so that time stands still until it has been answered. */
export const createUser = ({ api, clock }: OpenWorld, s3: S3Service): User => {
  const call = (service: string, operation: string, input: unknown): Promise<unknown> =>
    clock.spawn(() => api.callUnchecked(service, operation, input));
  return {
    call,
    putObject: (input) => clock.spawn(() => s3.putObject(input)),
    getObject: (input) => clock.spawn(() => Promise.resolve().then(() => s3.getObject(input))),
    headObject: (input) => clock.spawn(() => Promise.resolve().then(() => s3.headObject(input))),
    listObjects: (input) => clock.spawn(() => Promise.resolve().then(() => s3.listObjectsV2(input))),
    objectPath: (input) => s3.path(input),
    startExecution: (input) => call("states", "startExecution", input) as Promise<StartExecutionOutput>,
    describeExecution: (input) => call("states", "describeExecution", input) as Promise<DescribeExecutionOutput>,
    getExecutionHistory: (input) => call("states", "getExecutionHistory", input) as Promise<GetExecutionHistoryOutput>,
    listExecutions: (input) => call("states", "listExecutions", input) as Promise<ListExecutionsOutput>,
  };
};
