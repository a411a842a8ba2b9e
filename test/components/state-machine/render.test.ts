import * as pulumi from "@pulumi/pulumi";
import { expect } from "chai";
import { permissionsOf, renderDefinition } from "../../../components/state-machine/render.ts";
import { jsonata, stateGraph, type Integration, type StateGraph } from "../../../components/state-machine/states.ts";

const call = (sid: string): Integration => ({
  resource: pulumi.output(`arn:aws:lambda:us-east-1:000000000000:function:${sid}`),
  permissions: [{ sid, actions: ["lambda:InvokeFunction"], resources: [sid] }],
});

const render = (graph: StateGraph, timeoutSeconds?: number): Promise<Record<string, unknown>> =>
  new Promise((resolve) => {
    const text = renderDefinition(graph, {
      comment: "A test",
      ...(timeoutSeconds !== undefined && { timeoutSeconds }),
    });
    return text.apply((definition) => {
      resolve(JSON.parse(definition) as Record<string, unknown>);
    });
  });

const inner = (sid: string): StateGraph =>
  stateGraph({ startAt: "Inner", states: { Inner: { type: "Task", call: call(sid), end: true } } });

const everyState = stateGraph({
  startAt: "Pass",
  states: {
    Pass: { type: "Pass", comment: "Begin", assign: { n: 1 }, output: { a: jsonata("$states.input") }, next: "Choose" },
    Choose: {
      type: "Choice",
      choices: [{ condition: jsonata("$n = 1"), assign: { n: 2 }, output: jsonata("$n"), next: "Task" }],
      assign: { n: 3 },
      default: "Fail",
    },
    Task: {
      type: "Task",
      call: call("outer"),
      arguments: { x: pulumi.output("y") },
      timeoutSeconds: 10,
      heartbeatSeconds: 5,
      retry: [
        {
          errors: ["A"],
          intervalSeconds: 2,
          maxAttempts: 4,
          backoffRate: 1.5,
          maxDelaySeconds: 9,
          jitter: "FULL",
        },
      ],
      catch: [{ errors: ["States.ALL"], assign: { e: jsonata("$states.errorOutput") }, output: {}, next: "Fail" }],
      next: "Wait",
    },
    Wait: { type: "Wait", seconds: 3, next: "WaitUntil" },
    WaitUntil: { type: "Wait", timestamp: "2030-01-01T00:00:00Z", next: "Parallel" },
    Parallel: { type: "Parallel", branches: [inner("left"), inner("right")], arguments: { p: 1 }, next: "Map" },
    Map: {
      type: "Map",
      items: jsonata("$states.input"),
      itemSelector: { item: jsonata("$states.context.Map.Item.Value") },
      processor: inner("item"),
      maxConcurrency: 4,
      next: "Far",
    },
    Far: {
      type: "Map",
      items: [1, 2],
      processor: inner("outer"),
      mode: { mode: "DISTRIBUTED", executionType: "STANDARD" },
      toleratedFailureCount: 1,
      toleratedFailurePercentage: 10,
      next: "Succeed",
    },
    Succeed: { type: "Succeed", output: jsonata("$n") },
    Fail: { type: "Fail", error: "Broken", cause: jsonata("$e.Cause") },
  },
});

describe("renderDefinition", () => {
  it("writes every type of state in the Amazon States Language", async () => {
    const definition = await render(everyState, 99);
    expect(definition).to.deep.include({
      Comment: "A test",
      QueryLanguage: "JSONata",
      TimeoutSeconds: 99,
      StartAt: "Pass",
    });
    const arn = (name: string) => `arn:aws:lambda:us-east-1:000000000000:function:${name}`;
    const branch = (name: string) => ({
      StartAt: "Inner",
      States: { Inner: { Type: "Task", Resource: arn(name), End: true } },
    });
    expect(definition.States).to.deep.equal({
      Pass: {
        Type: "Pass",
        Comment: "Begin",
        Assign: { n: 1 },
        Output: { a: "{% $states.input %}" },
        Next: "Choose",
      },
      Choose: {
        Type: "Choice",
        Choices: [{ Condition: "{% $n = 1 %}", Assign: { n: 2 }, Output: "{% $n %}", Next: "Task" }],
        Assign: { n: 3 },
        Default: "Fail",
      },
      Task: {
        Type: "Task",
        Resource: arn("outer"),
        Arguments: { x: "y" },
        TimeoutSeconds: 10,
        HeartbeatSeconds: 5,
        Retry: [
          {
            ErrorEquals: ["A"],
            IntervalSeconds: 2,
            MaxAttempts: 4,
            BackoffRate: 1.5,
            MaxDelaySeconds: 9,
            JitterStrategy: "FULL",
          },
        ],
        Catch: [{ ErrorEquals: ["States.ALL"], Assign: { e: "{% $states.errorOutput %}" }, Output: {}, Next: "Fail" }],
        Next: "Wait",
      },
      Wait: { Type: "Wait", Seconds: 3, Next: "WaitUntil" },
      WaitUntil: { Type: "Wait", Timestamp: "2030-01-01T00:00:00Z", Next: "Parallel" },
      Parallel: { Type: "Parallel", Branches: [branch("left"), branch("right")], Arguments: { p: 1 }, Next: "Map" },
      Map: {
        Type: "Map",
        Items: "{% $states.input %}",
        ItemSelector: { item: "{% $states.context.Map.Item.Value %}" },
        ItemProcessor: { ProcessorConfig: { Mode: "INLINE" }, ...branch("item") },
        MaxConcurrency: 4,
        Next: "Far",
      },
      Far: {
        Type: "Map",
        Items: [1, 2],
        ItemProcessor: { ProcessorConfig: { Mode: "DISTRIBUTED", ExecutionType: "STANDARD" }, ...branch("outer") },
        ToleratedFailureCount: 1,
        ToleratedFailurePercentage: 10,
        Next: "Succeed",
      },
      Succeed: { Type: "Succeed", Output: "{% $n %}" },
      Fail: { Type: "Fail", Error: "Broken", Cause: "{% $e.Cause %}" },
    });
  });

  it("gathers the permissions of all tasks, those in branches and maps included, each once", () => {
    expect(permissionsOf(everyState).map(({ sid }) => sid)).to.deep.equal(["outer", "left", "right", "item"]);
  });

  it("refuses, when it is compiled, a target that is not a state", () => {
    stateGraph({
      startAt: "Here",
      // @ts-expect-error "Nowhere" is not among the states.
      states: { Here: { type: "Pass", next: "Nowhere" } },
    });
  });
});
