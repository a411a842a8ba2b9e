import { LambdaClient, paginateListFunctions } from "@aws-sdk/client-lambda";
import { ListBucketsCommand, S3Client } from "@aws-sdk/client-s3";
import { paginateListStateMachines, SFNClient } from "@aws-sdk/client-sfn";

/** How much there is in an emulator. */
export interface Holdings {
  readonly buckets: number;
  readonly functions: number;
  readonly stateMachines: number;
}

const ANSWER_WITHIN_MS = 5_000;

/** Counts what an emulator holds, in the account and the region that `Pulumi.local.yaml` names. */
export async function holdingsOf(url: string): Promise<Holdings> {
  const config = {
    endpoint: url,
    region: "us-east-1",
    credentials: { accessKeyId: "test", secretAccessKey: "test" },
    maxAttempts: 1,
    requestHandler: { requestTimeout: ANSWER_WITHIN_MS },
  };
  const s3 = new S3Client({ ...config, forcePathStyle: true });
  const lambda = new LambdaClient(config);
  const sfn = new SFNClient(config);
  try {
    const [{ Buckets = [] }, functions, stateMachines] = await Promise.all([
      s3.send(new ListBucketsCommand()),
      count(paginateListFunctions({ client: lambda }, {}), ({ Functions = [] }) => Functions.length),
      count(paginateListStateMachines({ client: sfn }, {}), ({ stateMachines: all = [] }) => all.length),
    ]);
    return { buckets: Buckets.length, functions, stateMachines };
  } finally {
    for (const client of [s3, lambda, sfn]) client.destroy();
  }
}

async function count<Page>(pages: AsyncIterable<Page>, lengthOf: (page: Page) => number): Promise<number> {
  let sum = 0;
  for await (const page of pages) sum += lengthOf(page);
  return sum;
}
