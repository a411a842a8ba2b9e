import fc from "fast-check";
import { choice, job, map, parallel, sequence, task, wait } from "../../../components/stages/build.ts";
import type { Stage } from "../../../components/stages/stage.ts";
import { jsonata } from "../../../components/state-machine/states.ts";
import { bucketOf, callOf } from "./harness.ts";

/** A shape of stages, before they have names: names are unique in a pipeline, and shapes are drawn part by part. */
type Shape =
  | { readonly kind: "job" | "task"; readonly onFailure?: Shape }
  | { readonly kind: "wait" }
  | { readonly kind: "sequence" | "parallel"; readonly parts: readonly Shape[] }
  | { readonly kind: "choice"; readonly parts: readonly Shape[]; readonly otherwise?: Shape }
  | { readonly kind: "map"; readonly over: Over; readonly each: Shape; readonly onFailure?: Shape };

type Over = "items" | "objects" | "entries";

const script = new URL("file:///job.py");

const { shape } = fc.letrec<{ shape: Shape; leaf: Shape }>((tie) => {
  const parts = fc.array(tie("shape"), { minLength: 1, maxLength: 3 });
  const onFailure = fc.option(tie("shape"), { nil: undefined, freq: 4 });
  const withFailure = <Kind extends Shape["kind"]>(kind: Kind) =>
    onFailure.map((next) => ({ kind, ...(next && { onFailure: next }) }));
  return {
    leaf: fc.oneof(
      fc.constant<Shape>({ kind: "job" }),
      fc.constant<Shape>({ kind: "task" }),
      fc.constant<Shape>({ kind: "wait" }),
    ),
    shape: fc.oneof(
      { maxDepth: 4, depthSize: "small", withCrossShrink: true },
      tie("leaf"),
      withFailure("job") as fc.Arbitrary<Shape>,
      withFailure("task") as fc.Arbitrary<Shape>,
      parts.map((all): Shape => ({ kind: "sequence", parts: all })),
      parts.map((all): Shape => ({ kind: "parallel", parts: all })),
      fc
        .tuple(parts, onFailure)
        .map(([all, otherwise]): Shape => ({ kind: "choice", parts: all, ...(otherwise && { otherwise }) })),
      fc
        .tuple(fc.constantFrom<Over>("items", "objects", "entries"), tie("shape"), onFailure)
        .map(([over, each, next]): Shape => ({ kind: "map", over, each, ...(next && { onFailure: next }) })),
    ),
  };
});

/** Any stages, their names as long as names may be. */
export const anyStage: fc.Arbitrary<Stage> = fc
  .tuple(shape, fc.integer({ min: 0, max: 30 }))
  .map(([drawn, padding]) => named(drawn, counter(padding)));

/** The same without distributed maps, whose children are executions of their own. */
export const anyInlineStage: fc.Arbitrary<Stage> = fc
  .tuple(shape, fc.integer({ min: 0, max: 30 }))
  .map(([drawn, padding]) => named(inline(drawn), counter(padding)));

const inline = (drawn: Shape): Shape => {
  switch (drawn.kind) {
    case "wait":
      return drawn;
    case "job":
    case "task":
      return { ...drawn, ...(drawn.onFailure && { onFailure: inline(drawn.onFailure) }) };
    case "sequence":
    case "parallel":
      return { ...drawn, parts: drawn.parts.map(inline) };
    case "choice":
      return {
        ...drawn,
        parts: drawn.parts.map(inline),
        ...(drawn.otherwise && { otherwise: inline(drawn.otherwise) }),
      };
    case "map":
      return {
        ...drawn,
        over: "items",
        each: inline(drawn.each),
        ...(drawn.onFailure && { onFailure: inline(drawn.onFailure) }),
      };
  }
};

type Next = (kind: string) => string;

const counter = (padding: number): Next => {
  let count = 0;
  return (kind) => `${kind} ${"x".repeat(padding)}${++count}`;
};

const named = (drawn: Shape, next: Next): Stage => {
  switch (drawn.kind) {
    case "job":
      return job(next("Job"), { job: { script }, ...failure(drawn, next) });
    case "task":
      return task(next("Task"), {
        call: callOf("task"),
        arguments: { file: jsonata("$file.key"), origin: jsonata("$origin") },
        keep: jsonata("$states.result"),
        ...failure(drawn, next),
      });
    case "wait":
      return wait(next("Wait"), { seconds: 1 });
    case "sequence":
      return sequence(...drawn.parts.map((part) => named(part, next)));
    case "parallel":
      return parallel(next("Parallel"), ...drawn.parts.map((part) => named(part, next)));
    case "choice": {
      const [name, when] = [
        next("Choice"),
        drawn.parts.map((part) => ({ condition: jsonata("$file.size > 5"), then: named(part, next) })),
      ];
      return choice(name, { when, ...(drawn.otherwise && { otherwise: named(drawn.otherwise, next) }) });
    }
    case "map":
      return map(next("Map"), {
        over: itemsOf(drawn.over),
        each: (item) =>
          sequence(
            task(next("Take"), { call: callOf("take"), arguments: { item: jsonata(item) }, keep: jsonata(item) }),
            named(drawn.each, next),
          ),
        ...(drawn.over === "entries" && { batchSize: 5 }),
        ...failure(drawn, next),
      });
  }
};

const itemsOf = (over: Over) => {
  const bucket = bucketOf("items-bucket");
  switch (over) {
    case "items":
      return { items: [1, 2] };
    case "objects":
      return { objects: { bucket, prefix: "in/" } };
    case "entries":
      return { entries: { bucket, key: "list.csv", format: "CSV" as const } };
  }
};

const failure = ({ onFailure }: { readonly onFailure?: Shape }, next: Next) =>
  onFailure === undefined ? {} : { onFailure: named(onFailure, next) };
