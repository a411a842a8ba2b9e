import * as pulumi from "@pulumi/pulumi";
import { expect } from "chai";
import { problemText } from "../../../components/rules/problem.ts";
import { choice, job, map, parallel, sequence, task, wait } from "../../../components/stages/build.ts";
import { jobBounds, type Bounds } from "../../../components/stages/stage-history-rules.ts";
import { stageProblems } from "../../../components/stages/stage-rules.ts";
import type { JobStageArgs, MapStageArgs, Stage } from "../../../components/stages/stage.ts";
import { jsonata } from "../../../components/state-machine/states.ts";
import { jobRetryDefaults } from "../../../components/pipeline-definition.ts";
import { pollingDefaults } from "../../../components/polling.ts";
import { bucketOf, callOf } from "./harness.ts";

const usual = jobBounds(120, jobRetryDefaults, { polling: pollingDefaults });

const problemsOf = (stage: Stage, bounds: Bounds = usual): readonly string[] =>
  stageProblems(stage, () => bounds).map((problem) => problemText(problem));

const runs = (name: string, args: Omit<JobStageArgs, "job"> = {}) =>
  job(name, { job: { script: new URL("file:///job.py") }, ...args });
const calls = (name: string, value?: string) =>
  task(name, { call: callOf("f"), ...(value !== undefined && { arguments: { value: jsonata(value) } }) });
const over = (name: string, args: Partial<MapStageArgs> = {}) =>
  map(name, { over: { items: jsonata("$file.parts") }, each: () => wait(`${name} rest`, { seconds: 1 }), ...args });
const objects = { objects: { bucket: bucketOf("b"), prefix: "in/" } };

describe("Rules for stages", () => {
  it("have nothing against stages that use what there is", () => {
    const profile = calls("Profile");
    const clean = runs("Clean", { arguments: { "--rows": jsonata("$string($profile.rows)") } });
    const stage = sequence(
      profile,
      choice("Size", { when: [{ condition: jsonata("$profile.rows > 1"), then: clean }], otherwise: calls("Skip") }),
      parallel("Both", runs("Totals"), sequence(calls("Look", "$clean.output"), calls("Again", "$look"))),
      over("Parcel", { each: (item) => calls("Send", `[${item}, $totals.output]`), results: "array" }),
      over("All", {
        over: objects,
        each: (item) => over("Parts", { each: (part) => calls("Take", `[${item}, ${part}]`) }),
        batchSize: 10,
        toleratedFailureCount: 5,
      }),
      runs("Last", {
        reads: [clean, { bucket: bucketOf("b"), prefix: "x/" }],
        onFailure: calls("Tell", "$last.error"),
      }),
    );
    expect(problemsOf(stage)).to.deep.equal([]);
  });

  const wrong: readonly (readonly [string, Stage, string | readonly string[]])[] = [
    [
      "a name with other characters",
      calls("Clean_up"),
      'stages.Clean_up.name must be 1 to 40 letters, digits, spaces and hyphens, beginning with a letter and ending in a letter or digit, got "Clean_up"',
    ],
    [
      "a name that is too long",
      calls("C".repeat(41)),
      `stages.${"C".repeat(41)}.name must be 1 to 40 letters, digits, spaces and hyphens, beginning with a letter and ending in a letter or digit, got "${"C".repeat(41)}"`,
    ],
    [
      "a name that two have",
      sequence(calls("Clean"), runs("Clean")),
      'stages.Clean.name must be unique: several stages have it, got "Clean"',
    ],
    [
      "names whose variables are one",
      sequence(calls("Clean up"), calls("Clean-Up")),
      'stages.Clean-Up.name must be more unlike Clean up: the variables of both would be $cleanUp, got "Clean-Up"',
    ],
    [
      "a variable that a map's item has",
      sequence(over("Parcel"), calls("Parcel item")),
      'stages.Parcel item.name must be more unlike Parcel: the variables of both would be $parcelItem, got "Parcel item"',
    ],
    [
      "a variable that is a function",
      calls("Count"),
      'stages.Count.name must be another: its variable would be $count, which functions or the machine have, got "Count"',
    ],
    [
      "a variable of the machine's own",
      calls("Execution name"),
      'stages.Execution name.name must be another: its variable would be $executionName, which functions or the machine have, got "Execution name"',
    ],
    [
      "the name of another stage's state",
      sequence(runs("Clean"), calls("Clean BackOff")),
      'stages.Clean BackOff.name must be another: a state of the machine has it, got "Clean BackOff"',
    ],
    [
      "the name of a state that every machine has",
      calls("Validate"),
      'stages.Validate.name must be another: a state of the machine has it, got "Validate"',
    ],
    ["an empty sequence", sequence(), "stages must be a sequence of at least one stage, got []"],
    [
      "an empty sequence within",
      parallel("Both", calls("One"), sequence()),
      "stages.Both must be a sequence of at least one stage, got []",
    ],
    ["no branches", parallel("Both"), "stages.Both must be a parallel of at least one stage, got []"],
    ["no conditions", choice("Size", { when: [] }), "stages.Size must be a choice of at least one stage, got []"],
    [
      "a result of a later stage",
      sequence(calls("One", "$two"), calls("Two")),
      'stages.One.arguments must be without $two: Two does not come before it, or is within a map or another branch, got "$two"',
    ],
    [
      "its own result",
      calls("One", "$one"),
      'stages.One.arguments must be without $one: One is this very stage, got "$one"',
    ],
    [
      "a result of another branch",
      parallel("Both", calls("One"), calls("Two", "$one")),
      'stages.Two.arguments must be without $one: One does not come before it, or is within a map or another branch, got "$one"',
    ],
    [
      "a result from within a map",
      sequence(over("Parcel", { each: () => calls("Send") }), calls("Tell", "$send")),
      'stages.Tell.arguments must be without $send: Send does not come before it, or is within a map or another branch, got "$send"',
    ],
    [
      "a condition on what is not there yet",
      choice("Size", { when: [{ condition: jsonata("$one.rows > 1"), then: calls("One") }] }),
      'stages.Size.when must be without $one: One does not come before it, or is within a map or another branch, got "$one"',
    ],
    [
      "a result that no stage leaves, and say which is meant",
      sequence(calls("Profile"), calls("One", "$profil.rows & $other"), calls("Two", "$fiel.key")),
      [
        'stages.One.arguments must be without $profil, which nothing sets: did you mean $profile?, got "{% $profil.rows & $other %}"',
        'stages.One.arguments must be without $other, which nothing sets: there are $profile, $one, $two, $file, $executionName, $origin, got "{% $profil.rows & $other %}"',
        'stages.Two.arguments must be without $fiel, which nothing sets: did you mean $file?, got "{% $fiel.key %}"',
      ],
    ],
    [
      "what is no JSONata",
      sequence(calls("One", "$file.key & "), runs("Two", { arguments: { "--x": "{% $file.key" } })),
      [
        'stages.One.arguments must be JSONata that can be read: Unexpected end of expression, got "{% $file.key &  %}"',
        'stages.Two.arguments must be text, or JSONata within {% and %}: use jsonata(…), got "{% $file.key"',
      ],
    ],
    [
      "a read of a job that does not come before it",
      parallel("Both", runs("One"), runs("Two", { reads: runs("Three") })),
      'stages.Two.reads must be a job that comes before it, the landed file, or a place, got "Three"',
    ],
    [
      "branches that write over each other",
      parallel("Both", runs("One", { writes: { prefix: "a/" } }), runs("Two", { writes: { prefix: "a/b/" } })),
      'stages.Two.writes.prefix must be apart from that of One (a/): both jobs write at the same time, got "a/b/"',
    ],
    [
      "a prefix without a slash",
      runs("One", { writes: { prefix: "a" } }),
      'stages.One.writes.prefix must be a folder of the output bucket, ending with a slash and not beginning with one, got "a"',
    ],
    [
      "a condition that is plain text",
      choice("Size", { when: [{ condition: "$file.size > 1", then: calls("One") }] }),
      'stages.Size.when.condition must be JSONata within {% and %}: use jsonata(…), got "$file.size > 1"',
    ],
    [
      "a time that is plain text",
      wait("Rest", { seconds: "5" }),
      'stages.Rest.seconds must be JSONata within {% and %}: use jsonata(…), got "5"',
    ],
    [
      "items that are plain text",
      over("Parcel", { over: { items: "$file.parts" } }),
      'stages.Parcel.over.items must be JSONata within {% and %}: use jsonata(…), got "$file.parts"',
    ],
    [
      "runs without an end",
      runs("One", { retry: { maxAttempts: 0, intervalSeconds: -1, backoffRate: 0.5 } }),
      [
        "stages.One.retry.maxAttempts must be a whole number from 1 to 20, got 0",
        "stages.One.retry.intervalSeconds must be a whole number from 0 to 86400, got -1",
        "stages.One.retry.backoffRate must be a number from 1 to 10, got 0.5",
      ],
    ],
    [
      "an argument that the pipeline sets",
      runs("One", { arguments: { "--input": "x" } }),
      'stages.One.arguments.--input must be left out: the pipeline sets it, got "x"',
    ],
    [
      "arguments that Glue would not take",
      runs("One", {
        arguments: { rows: "1", "--JOB_NAME": "x", "--TempDir": "s3://x/", "--y": null, "--z": ["a"] } as never,
      }),
      [
        'stages.One.arguments.rows must be called with "--" before it and no spaces, got "1"',
        'stages.One.arguments.--JOB_NAME must be left out: Glue sets it itself, got "x"',
        'stages.One.arguments.--TempDir must be left out: stages.One.job.tempDir says it, got "s3://x/"',
        "stages.One.arguments.--y must be text, or JSONata that gives text, got null",
        'stages.One.arguments.--z must be text, or JSONata that gives text, got ["a"]',
      ],
    ],
    [
      "a call that is tried again without end",
      task("One", {
        call: callOf("f"),
        retry: [{ errors: [], intervalSeconds: 0, maxAttempts: -1, backoffRate: 0.5, maxDelaySeconds: 0 }],
      }),
      [
        "stages.One.retry.errors must be names of errors, or States.ALL, got []",
        "stages.One.retry.intervalSeconds must be a whole number from 1 to 99999999, got 0",
        "stages.One.retry.maxAttempts must be a whole number from 0 to 99999999, got -1",
        "stages.One.retry.maxDelaySeconds must be a whole number from 1 to 31622400, got 0",
        "stages.One.retry.backoffRate must be at least 1, got 0.5",
      ],
    ],
    [
      "a map over nothing",
      over("Parcel", { over: {} as never }),
      "stages.Parcel.over must be one of items, objects and entries, got {}",
    ],
    [
      "an inline map in another",
      over("Parcel", { each: () => over("Inner") }),
      'stages.Inner.over must be an array that is known beforehand, or objects or entries in S3: within the map Parcel its items are a part of one execution\'s history, which has room for 25,000 events, got "items"',
    ],
    [
      "what follows a failure where runs of other items would be stopped",
      over("All", {
        over: objects,
        each: () =>
          over("Parcel", {
            over: { items: jsonata("[1, 2]") },
            each: () => runs("Pack"),
            onFailure: calls("Tell"),
          }),
      }),
      [
        'stages.Parcel.onFailure must be left out: before it runs, what goes on of Pack is stopped, also of other items of the map All; give it to Pack, or set stages.All.maxConcurrency to 1, got "Tell"',
      ],
    ],
    [
      "an item that may fail and leave runs behind",
      over("All", {
        over: objects,
        toleratedFailureCount: 3,
        each: () => parallel("Both", runs("Pack"), calls("Send")),
      }),
      "stages.All.toleratedFailureCount must be left out or 0: an item that fails in Both would leave runs of Pack behind that nobody stops; run what is within one after the other, or give what may fail an onFailure, got 3",
    ],
    [
      "what only a map over S3 has",
      over("Parcel", { batchSize: 2, toleratedFailurePercentage: 5, maxConcurrency: 41 }),
      [
        "stages.Parcel.maxConcurrency must be a whole number from 1 to 40, got 41",
        "stages.Parcel.batchSize must be left out or of a map over objects or entries; this one goes through items of the execution itself, got 2",
        "stages.Parcel.toleratedFailurePercentage must be left out or of a map over objects or entries; this one goes through items of the execution itself: catch what may fail by its onFailure, got 5",
      ],
    ],
    [
      "an array of results of a map over S3",
      over("All", { over: objects, results: "array" }),
      'stages.All.results must be "none" or { writeTo }: results of items that are read from S3 may be more than an execution has room for, got "array"',
    ],
    [
      "a wait below zero",
      wait("Rest", { seconds: -1 }),
      "stages.Rest.seconds must be a whole number from 0 to 99999999, got -1",
    ],
  ];
  for (const [what, stage, problems] of wrong) {
    it(`refuse ${what}`, () => {
      expect(problemsOf(stage)).to.deep.equal(typeof problems === "string" ? [problems] : problems);
    });
  }

  it("let an expression have variables of its own, and a text look like one", () => {
    const own =
      '($sizes := $file.parts.size; $sum($map($sizes, function($size, $at) { $size * $at })); $file@$f#$i.($f & $i & "$no"))';
    expect(problemsOf(sequence(calls("One", own), calls("Two", "$$.x ~> $string() /* $nor */")))).to.deep.equal([]);
    expect(problemsOf(runs("Two", { arguments: { "--x": "costs $money" } }))).to.deep.equal([]);
  });

  it("take what an Output holds for granted, which nobody knows yet", () => {
    const later = task("One", { call: callOf("f"), arguments: { value: pulumi.output(jsonata("$two")) } });
    expect(problemsOf(sequence(later, calls("Two")))).to.deep.equal([]);
  });

  it("refuse more jobs than an execution's history has room for, of which choices take the longest", () => {
    const long = { events: 9_000, seconds: 60 };
    const [one, two, three] = [runs("One"), runs("Two"), runs("Three")];
    const either = choice("Either", { when: [{ condition: jsonata("true"), then: one }], otherwise: two });
    expect(problemsOf(sequence(either, three), long)).to.deep.equal([]);
    expect(
      problemsOf(sequence(one, parallel("Both", two, three)), long).map((text) => text.slice(0, 130)),
    ).to.deep.equal([
      "stages must be shorter: it takes up to 27101 history events (the most: One 9000, Two 9000, Three 9000), and an execution ends at 2",
    ]);
  });

  it("give each child of a distributed map a history of its own", () => {
    const long = { events: 20_000, seconds: 60 };
    expect(
      problemsOf(sequence(runs("One"), over("All", { over: objects, each: () => runs("Two") })), long),
    ).to.deep.equal([]);
    const [problem] = problemsOf(over("All", { over: objects, each: () => sequence(runs("One"), runs("Two")) }), long);
    expect(problem).to.include("stages.All.each must be shorter: it takes up to 40");
  });

  it("refuse what takes longer than an execution lives", () => {
    const stage = sequence(runs("One"), parallel("Both", runs("Two"), runs("Three")));
    const [problem] = problemsOf(stage, { events: 1, seconds: 190 * 86_400 });
    expect(problem).to.include(
      "stages must be shorter: together they take up to 380 days, and an execution ends after 365",
    );
  });
});
