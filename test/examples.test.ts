import { expect } from "chai";
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { parse } from "yaml";
import { mermaidOf } from "../cli/diagram/mermaid.ts";
import { withDiagram } from "../cli/diagram/readme.ts";
import { definitionsOf, masked } from "../cli/run/machines.ts";
import type { Report } from "../cli/run/report.ts";
import { evaluate } from "../local/evaluate.ts";
import type { ResourceGraph } from "../local/resource-graph.ts";
import { exampleNames, examplesDirectory } from "./support/examples.ts";
import { mermaidProblems } from "./support/mermaid.ts";
import { projectDirectory } from "./support/stacks.ts";
import { startInProcess } from "./support/start.ts";

describe("The examples", () => {
  it("are all in docs/examples.md", () => {
    const docs = readFileSync(join(projectDirectory, "docs", "examples.md"), "utf8");
    expect(exampleNames.filter((name) => !docs.includes(`(../examples/${name})`))).to.deep.equal([]);
    expect(exampleNames).to.not.be.empty;
  });
});

for (const name of exampleNames) {
  const folder = join(examplesDirectory, name);
  const read = (file: string): string => readFileSync(join(folder, file), "utf8");

  describe(`The example ${name}`, function () {
    this.timeout(120_000);
    let local: ResourceGraph;
    before(async () => {
      local = await evaluate({ directory: folder, stack: "local" });
    });

    it("has all that an example has", () => {
      const missing = ["index.ts", "Pulumi.yaml", "Pulumi.local.yaml", "Pulumi.prod.yaml", "README.md"].filter(
        (file) => !existsSync(join(folder, file)),
      );
      expect(missing).to.deep.equal([]);
      expect(readdirSync(join(folder, "test")).filter((file) => file.endsWith(".test.ts"))).to.not.be.empty;
    });

    it("is a Pulumi project of its own that the engine finds its program of", () => {
      const { name: project, main, runtime } = parse(read("Pulumi.yaml")) as Record<string, unknown>;
      const { runtime: ours } = parse(readFileSync(join(projectDirectory, "Pulumi.yaml"), "utf8")) as {
        runtime: object;
      };
      // Without main, the engine would take the main of the nearest package.json, which is the project's.
      expect({ project, main, runtime }).to.deep.equal({ project: name, main: "index.ts", runtime: ours });
    });

    it("declares the same machines on both stacks, but for who answers", async () => {
      // Settings of its own may differ by stack.
      const { config: settings } = parse(read("Pulumi.local.yaml")) as { config: Readonly<Record<string, unknown>> };
      const own = Object.entries(settings).filter(([key]) => key.startsWith(`${name}:`));
      const config = Object.fromEntries(own.map(([key, value]) => [key, String(value)]));
      const prod = await evaluate({ directory: folder, stack: "prod", config });
      expect(masked(definitionsOf(local))).to.deep.equal(masked(definitionsOf(prod)));
    });

    it("says in its README how it is run and deployed", () => {
      const readme = read("README.md");
      expect(readme).to.include(`npm start -- --program examples/${name}`);
      expect(readme).to.match(/pulumi (-C \S+ )?up/);
    });

    it("has a current drawing in its README that Mermaid can read", () => {
      const mermaid = mermaidOf(definitionsOf(local), { all: false });
      expect(mermaidProblems(mermaid)).to.deep.equal([]);
      const text = read("README.md");
      expect(text, `npm run diagram -- --program examples/${name} --write`).to.equal(
        withDiagram({ path: "README.md", text }, mermaid),
      );
    });

    it("runs with one command", async () => {
      const out = mkdtempSync(join(tmpdir(), `example-${name}-`));
      try {
        const { code, stdout, stderr } = await startInProcess(`--program=${folder}`, `--out=${out}`, "--json");
        const [, documented = "0"] = /exit code (\d)/i.exec(read("README.md")) ?? [];
        expect(code, stderr).to.equal(Number(documented));
        const { executions, files } = JSON.parse(stdout) as Report;
        expect(executions.length + files.length).to.be.greaterThan(0);
      } finally {
        rmSync(out, { recursive: true });
      }
    });
  });
}
