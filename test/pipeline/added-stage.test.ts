import {
  cpSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  realpathSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect } from "chai";
import { mermaidOf } from "../../cli/diagram/mermaid.ts";
import { definitionsOf } from "../../cli/run/machines.ts";
import type { Report } from "../../cli/run/report.ts";
import { evaluate } from "../../local/evaluate.ts";
import { examplesDirectory } from "../support/examples.ts";
import { projectDirectory } from "../support/stacks.ts";
import { startInProcess } from "../support/start.ts";

/** Writes the totals anew, under another name, from the same script and stand-in. */
const RECOUNT = `
const recount = job("Recount", {
  job: {
    script: new URL("./scripts/aggregate_orders.py", import.meta.url),
    standIn: new URL("./stand-ins/aggregate-orders.ts", import.meta.url),
    extraPythonFiles: [new URL("../../scripts/process_csv.py", import.meta.url)],
    workload: "small_etl",
    ...oneAtATime,
  },
  reads: transform,
  writes: { prefix: "recount/", perExecution: false },
});

const lake = new GluePipeline(`;

describe("A stage that is added to an example", function () {
  this.timeout(120_000);
  let root = "";
  let program = "";

  before(() => {
    root = realpathSync(mkdtempSync(join(tmpdir(), "added-stage-")));
    mkdirSync(join(root, "examples"));
    program = join(root, "examples", "data-lake");
    cpSync(join(examplesDirectory, "data-lake"), program, { recursive: true });
    for (const name of ["components", "functions", "local", "scripts", "node_modules", "package.json", "Pulumi.yaml"]) {
      symlinkSync(join(projectDirectory, name), join(root, name));
    }
    const index = join(program, "index.ts");
    const text = readFileSync(index, "utf8");
    const added = text
      .replace("\nconst lake = new GluePipeline(", RECOUNT)
      .replace("sequence(ingest, transform, aggregate)", "sequence(ingest, transform, aggregate, recount)");
    expect(added.split("recount")).to.have.length(4);
    writeFileSync(index, added);
  });

  after(() => {
    rmSync(root, { recursive: true });
  });

  it("touches one file: it is in the definition, the drawing, the roles and the prices of both stacks", async () => {
    for (const stack of ["local", "prod"]) {
      const graph = await evaluate({ directory: program, stack });
      const definitions = definitionsOf(graph);
      const { lake } = definitions as { readonly lake: { readonly States: Readonly<Record<string, object>> } };
      const states = Object.keys(lake.States).filter((name) => name.startsWith("Recount "));
      expect(states).to.include.members(["Recount StartJobRun", "Recount WaitForJobRun", "Recount GetJobRun"]);
      expect(mermaidOf(definitions, { all: false })).to.contain("Recount<br>Glue job");
      const policies = graph.resources.filter(({ type }) => type === "aws:iam/rolePolicy:RolePolicy");
      expect(policies.filter(({ properties }) => String(properties.policy).includes("/recount/"))).to.not.deep.equal(
        [],
      );
      expect(graph.messages.map(({ text }) => text).join("\n")).to.match(/^lake-recount /m);
    }
  });

  it("runs, is narrated and comes to what the stage beside it has come to", async () => {
    const [out, told] = [join(root, "out"), join(root, "told")];
    const { code, stdout, stderr } = await startInProcess(`--program=${program}`, `--out=${out}`, "--json");
    expect(code, stderr).to.equal(0);
    const { objects } = JSON.parse(stdout) as Report;
    const table = (prefix: string): readonly (readonly [string, string])[] =>
      objects
        .filter(({ key }) => key.startsWith(prefix) && key.endsWith(".parquet"))
        .map(({ key, path }) => [key.slice(prefix.length), readFileSync(path).toString("base64")]);
    expect(table("recount/")).to.not.be.empty;
    expect(table("recount/")).to.deep.equal(table("daily_revenue/"));

    const { stdout: narration } = await startInProcess(`--program=${program}`, `--out=${told}`);
    expect(narration).to.match(/Recount.*SUCCEEDED/);
  });
});
