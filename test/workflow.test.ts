import { expect } from "chai";
import { readFileSync } from "node:fs";
import { parse } from "yaml";

const read = (path: string): string => readFileSync(new URL(`../${path}`, import.meta.url), "utf8");

interface Job {
  readonly permissions?: Readonly<Record<string, string>>;
  readonly steps: readonly { readonly uses?: string; readonly run?: string; readonly with?: object }[];
}

describe("The CI workflow", () => {
  const text = read(".github/workflows/ci.yml");
  const { jobs, permissions } = parse(text) as {
    readonly permissions: object;
    readonly jobs: Readonly<Record<"test" | "preview", Job>>;
  };

  it("runs only commands that there are", () => {
    const { scripts } = JSON.parse(read("package.json")) as { scripts: Record<string, string> };
    const used = [...text.matchAll(/npm run (?:--silent )?([\w-]+)/g)].map(([, name]) => String(name));
    expect(used).to.include("preview-summary");
    expect(used.filter((name) => !(name in scripts))).to.deep.equal([]);
  });

  it("takes on a role instead of having keys, and may write nothing but comments", () => {
    expect(permissions).to.deep.equal({ contents: "read" });
    expect(jobs.preview.permissions).to.deep.equal({
      contents: "read",
      "pull-requests": "write",
      "id-token": "write",
    });
    const credentials = jobs.preview.steps.find(({ uses }) =>
      uses?.startsWith("aws-actions/configure-aws-credentials"),
    );
    expect(credentials?.with).to.have.keys("aws-region", "role-to-assume");
    expect(text).to.not.match(/secrets\.AWS|AWS_SECRET|AWS_ACCESS_KEY/i);
  });

  it("puts nothing that a pull request says into a shell", () => {
    const scripts = Object.values(jobs).flatMap(({ steps }) => steps.flatMap(({ run = "" }) => run));
    expect(scripts.filter((script) => script.includes("${{"))).to.deep.equal([]);
  });

  it("writes the summary of a preview that failed, and fails then", () => {
    const scripts = jobs.preview.steps.map(({ run = "" }) => run);
    const preview = scripts.findIndex((script) => script.includes("--json > preview.json || echo"));
    expect(preview).to.be.greaterThan(-1);
    expect(scripts.at(-1)).to.equal("exit 1");
  });
});
