import type { DynamoDb } from "../../functions/lib/aws.ts";
import { VirtualClock } from "../../local/clock.ts";
import { DynamoDbService } from "../../local/services/dynamodb.ts";
import { graphOf, table } from "./graph.ts";
import { start } from "./jobs.ts";
import { worldOf } from "./world-of.ts";

/** The embedded cloud's DynamoDB with a table each for job runs, interruptions and files, called as by its owner. */
export class TableInMemory implements DynamoDb {
  /** Items per page of a query, at the most. */
  pageSize = 100;
  readonly #service: DynamoDbService;

  constructor() {
    const runs = table("runs", {
      name: "runs",
      hashKey: "JobName",
      rangeKey: "Id",
      attributes: [
        { name: "JobName", type: "S" },
        { name: "Id", type: "S" },
      ],
      ttl: { enabled: true, attributeName: "ExpiresAt" },
    });
    const interruptions = table("interruptions", {
      name: "interruptions",
      hashKey: "Interruption",
      attributes: [{ name: "Interruption", type: "S" }],
    });
    const ledger = table("ledger", {
      hashKey: "ExecutionName",
      attributes: [{ name: "ExecutionName", type: "S" }],
    });
    this.#service = new DynamoDbService(worldOf(graphOf([runs, interruptions, ledger]), new VirtualClock(start)));
  }

  getItem: DynamoDb["getItem"] = promised((input) => this.#service.getItem(input));
  putItem: DynamoDb["putItem"] = promised((input) => this.#service.putItem(input));
  updateItem: DynamoDb["updateItem"] = promised((input) => this.#service.updateItem(input));
  deleteItem: DynamoDb["deleteItem"] = promised((input) => this.#service.deleteItem(input));
  query: DynamoDb["query"] = promised((input) => {
    const { Items = [], LastEvaluatedKey } = this.#service.query({ ...input, Limit: this.pageSize });
    return { Items: [...Items], ...(LastEvaluatedKey !== undefined && { LastEvaluatedKey }) };
  });
}

function promised<Input, Output>(call: (input: Input) => Output): (input: Input) => Promise<Output> {
  return (input) =>
    new Promise((resolve) => {
      resolve(call(input));
    });
}
