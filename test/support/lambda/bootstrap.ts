/**
 * What Lambda has in /var/runtime, for the tests: loads the handler, then answers one event after the other. Events come
 * as lines of JSON on standard input; answers go as lines of JSON to file 3, which no handler's output gets in the way of.
 */
import { writeSync } from "node:fs";
import { createRequire } from "node:module";
import { join } from "node:path";
import { createInterface } from "node:readline";

type Handler = (event: unknown, context: object) => unknown;

const { LAMBDA_TASK_ROOT: root = "", _HANDLER: handlerName = "" } = process.env;

const load = (): Handler => {
  const [file = "", name = ""] = handlerName.split(".");
  // A .js file with no package.json beside it is CommonJS for Lambda's runtime.
  const loaded = createRequire(join(root, "/"))(join(root, `${file}.js`)) as Readonly<Record<string, unknown>>;
  const handler = loaded[name];
  if (typeof handler !== "function") throw new Error(`${handlerName} is not a function`);
  return handler as Handler;
};

const begun = process.hrtime.bigint();
const handler = load();
const answer = (value: object): void => {
  writeSync(3, `${JSON.stringify(value)}\n`);
};
answer({ initMilliseconds: Number(process.hrtime.bigint() - begun) / 1e6 });

const respond = async (line: string, awsRequestId: string): Promise<void> => {
  try {
    answer({ value: (await handler(JSON.parse(line), { awsRequestId })) ?? null });
  } catch (error) {
    const { name, message } = error instanceof Error ? error : new Error(String(error));
    answer({ error: { errorType: name, errorMessage: message } });
  }
};

let requests = 0;
let last = Promise.resolve();
createInterface({ input: process.stdin }).on("line", (line) => {
  last = last.then(() => respond(line, `request-${++requests}`));
});
