import { createServer } from "node:http";
import { randomUUID } from "node:crypto";
import { text } from "node:stream/consumers";
import { isRecord } from "../../../functions/lib/json.ts";
import { glueModel, operationOf, shapeOf } from "./model.ts";
import type { IncomingMessage } from "node:http";
import type { OperationName, ServiceModel } from "./model.ts";

/** What answers, by operation. Times are Dates; an error's name is the API's, with or without Step Functions' `Glue.`. */
export type Answers = Readonly<Record<OperationName, (request: unknown) => Promise<unknown>>>;

export interface GlueFront {
  readonly url: string;
  readonly close: () => Promise<void>;
}

/** Puts an HTTP server in front of something that answers as Glue does, so that any client of Glue can call it. */
export async function serveGlue(answers: Answers): Promise<GlueFront> {
  const model = glueModel();
  const server = createServer((request, response) => {
    void answer(model, answers, request).then(({ status, body }) => {
      response.writeHead(status, {
        "content-type": `application/x-amz-json-${model.metadata.jsonVersion}`,
        "x-amzn-requestid": randomUUID(),
      });
      response.end(JSON.stringify(body));
    });
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const address = server.address();
  if (typeof address !== "object" || address === null) throw new Error("The server has no port");
  return {
    url: `http://127.0.0.1:${address.port}`,
    close: () =>
      new Promise((resolve) => {
        server.close(() => {
          resolve();
        });
        server.closeAllConnections();
      }),
  };
}

interface HttpAnswer {
  readonly status: number;
  readonly body: unknown;
}

async function answer(model: ServiceModel, answers: Answers, request: IncomingMessage): Promise<HttpAnswer> {
  const [prefix, name = ""] = String(request.headers["x-amz-target"]).split(".");
  const body = await text(request);
  if (prefix !== model.metadata.targetPrefix || !isOperation(answers, name)) {
    return { status: 400, body: { __type: "UnknownOperationException" } };
  }
  const input = parsed(body);
  if (input === undefined) return { status: 400, body: { __type: "SerializationException" } };
  try {
    const output = await answers[name](input);
    return { status: 200, body: toWire(model, operationOf(model, name).output.shape, output) };
  } catch (error) {
    return failure(model, error);
  }
}

function isOperation(answers: Answers, name: string): name is OperationName {
  return Object.hasOwn(answers, name);
}

function parsed(body: string): unknown {
  try {
    return JSON.parse(body) as unknown;
  } catch {
    return undefined;
  }
}

function failure(model: ServiceModel, error: unknown): HttpAnswer {
  const { name, message } = error instanceof Error ? error : new Error(String(error));
  const code = name.replace(/^Glue\./, "");
  const isModelled = Object.hasOwn(model.shapes, code);
  // What is no error of Glue's is a fault of what answers, and must not pass for one of Glue's.
  if (!isModelled && code !== "ThrottlingException") {
    return { status: 500, body: { __type: "InternalFailure", Message: `${name}: ${message}` } };
  }
  const isFault = isModelled && shapeOf(model, code).fault === true;
  return { status: isFault ? 500 : 400, body: { __type: code, Message: message } };
}

/** Times go over the wire as seconds since the epoch. All else is left as it is, so that what is wrong stays wrong. */
function toWire(model: ServiceModel, shapeName: string, value: unknown): unknown {
  const { type, members, member } = shapeOf(model, shapeName);
  if (type === "timestamp") return value instanceof Date ? value.getTime() / 1000 : value;
  if (type === "list" && member !== undefined && Array.isArray(value)) {
    return value.map((item) => toWire(model, member.shape, item));
  }
  if (type !== "structure" || !isRecord(value)) return value;
  return Object.fromEntries(
    Object.entries(value).map(([name, item]) => {
      const shape = members?.[name]?.shape;
      return [name, shape === undefined ? item : toWire(model, shape, item)];
    }),
  );
}
