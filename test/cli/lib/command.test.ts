import { expect } from "chai";
import { runCommand, UsageError, type Io } from "../../../cli/lib/command.ts";
import { SummaryHold } from "../../../cli/lib/summary-hold.ts";

const recorder = (): { readonly io: Io; readonly text: { out: string; err: string } } => {
  const text = { out: "", err: "" };
  const io: Io = {
    out: (more) => (text.out += more),
    err: (more) => (text.err += more),
    cwd: "/",
    env: {},
    isTerminal: false,
    columns: 80,
    now: () => 0,
  };
  return { io, text };
};

const failing = async (error: unknown, ...args: string[]): Promise<{ code: number; err: string; out: string }> => {
  const { io, text } = recorder();
  const run = (): Promise<number> => {
    throw error;
  };
  const code = await runCommand({ name: "npm start", help: "\nhow to\n", run }, args, io);
  return { code, ...text };
};

class ProgramError extends Error {
  override readonly name = "ProgramError";
}

describe("runCommand", () => {
  it("gives the command's exit code", async () => {
    const { io } = recorder();
    expect(await runCommand({ name: "c", help: "", run: () => Promise.resolve(1) }, [], io)).to.equal(1);
  });

  it("prints the help on standard output, unless --help is an operand", async () => {
    expect(await failing(new Error("x"), "--help")).to.deep.equal({ code: 0, out: "how to\n", err: "" });
    expect(await failing(new Error("x"), "--", "--help")).to.have.property("code", 1);
  });

  it("lists problems of the command line, exit code 2", async () => {
    expect(await failing(new UsageError(["one", "two"]))).to.deep.equal({
      code: 2,
      out: "",
      err: "npm start: 2 problems\n  one\n  two\nAll options: npm start -- --help\n",
    });
    expect((await failing(new UsageError(["one"]))).err).to.equal("npm start: one\nAll options: npm start -- --help\n");
  });

  it("keeps stack traces for --debug", async () => {
    const error = new Error("broken");
    expect(await failing(error)).to.deep.include({
      code: 1,
      err: "npm start: broken\n(--debug shows where this comes from)\n",
    });
    expect((await failing(error, "--debug")).err).to.include("command.test.ts");
    expect((await failing(new ProgramError("config is wrong"))).err).to.equal("npm start: config is wrong\n");
    expect((await failing("just text")).err).to.equal("npm start: just text\n");
  });
});

describe("SummaryHold", () => {
  it("keeps mocha's summary until the end, whatever its pieces and colours", () => {
    let text = "";
    const hold = new SummaryHold((more) => (text += more));
    for (const piece of ["  ✔ a tes", "t\n\n", "\u001b[92m \u001b[0m\u001b[32m 3 passing\u001b[0m (4s)\n", "\n"])
      hold.write(piece);
    expect(text).to.equal("  ✔ a test\n\n");
    text += "coverage\n";
    hold.release();
    expect(text).to.match(/^ {2}✔ a test\n\ncoverage\n.*3 passing.*\(4s\)\n\n$/);
  });

  it("passes on what has no newline at its end", () => {
    let text = "";
    const hold = new SummaryHold((more) => (text += more));
    hold.write("abrupt");
    hold.release();
    hold.release();
    expect(text).to.equal("abrupt");
  });
});
