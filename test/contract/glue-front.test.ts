import { expect } from "chai";
import { GlueError } from "../../functions/lib/glue-error.ts";
import { serveGlue } from "../support/glue/front.ts";
import { ListeningGlueClient } from "../support/glue/client.ts";
import type { GlueFront } from "../support/glue/front.ts";

const unused = (): Promise<never> => Promise.reject(new Error("not called"));

describe("The HTTP front of Glue", () => {
  let front: GlueFront;
  let client: ListeningGlueClient;
  let answer: (request: unknown) => Promise<unknown> = unused;

  before(async () => {
    front = await serveGlue({
      StartJobRun: unused,
      GetJobRun: (request) => answer(request),
      GetJobRuns: unused,
      BatchStopJobRun: unused,
    });
    client = new ListeningGlueClient(front.url);
  });
  after(async () => {
    client.close();
    await front.close();
  });

  const post = async (target: string, body: string): Promise<readonly [number, unknown]> => {
    const response = await fetch(front.url, { method: "POST", headers: { "x-amz-target": target }, body });
    return [response.status, await response.json()];
  };

  it("sends times as seconds, and all else as it is", async () => {
    answer = () => Promise.resolve({ JobRun: { StartedOn: new Date(1500), Timeout: null, Extra: "x" } });
    const { wire, result } = await client.call("GetJobRun", { JobName: "a", RunId: "b" });
    expect(wire).to.deep.include({ status: 200, body: { JobRun: { StartedOn: 1.5, Timeout: null, Extra: "x" } } });
    expect("output" in result ? result.output.JobRun?.StartedOn : undefined).to.deep.equal(new Date(1500));
  });

  for (const [name, status] of [
    ["Glue.EntityNotFoundException", 400],
    ["ThrottlingException", 400],
    ["InternalServiceException", 500],
  ] as const) {
    it(`answers ${name} with ${status}`, async () => {
      answer = () => Promise.reject(new GlueError(name, "as told"));
      const { wire, result } = await client.call("GetJobRun", { JobName: "a", RunId: "b" });
      const code = name.replace("Glue.", "");
      expect(wire).to.deep.include({ status, body: { __type: code, Message: "as told" } });
      expect(result).to.have.nested.property("error.name", code);
      expect(result).to.have.nested.property("error.message", "as told");
    });
  }

  it("does not pass a fault of what answers for an error of Glue", async () => {
    answer = () => Promise.reject(new TypeError("broken"));
    const { wire } = await client.call("GetJobRun", { JobName: "a", RunId: "b" });
    expect(wire).to.deep.include({ status: 500, body: { __type: "InternalFailure", Message: "TypeError: broken" } });
  });

  it("sends the body that the SDK would not", async () => {
    answer = (request) => Promise.resolve({ JobRun: { Id: JSON.stringify(request) } });
    const { wire } = await client.callWithBody("GetJobRun", { JobName: 1 });
    expect(wire.body).to.deep.equal({ JobRun: { Id: '{"JobName":1}' } });
  });

  it("refuses operations that it has not, and bodies that are no JSON", async () => {
    expect(await post("AWSGlue.CreateJob", "{}")).to.deep.equal([400, { __type: "UnknownOperationException" }]);
    expect(await post("AWSGlue.toString", "{}")).to.deep.equal([400, { __type: "UnknownOperationException" }]);
    expect(await post("DynamoDB_20120810.GetJobRun", "{}")).to.deep.equal([
      400,
      { __type: "UnknownOperationException" },
    ]);
    expect(await post("AWSGlue.GetJobRun", "{")).to.deep.equal([400, { __type: "SerializationException" }]);
  });
});
