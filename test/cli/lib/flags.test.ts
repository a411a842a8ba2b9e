import { expect } from "chai";
import { UsageError } from "../../../cli/lib/command.ts";
import { describeFlags, parseFlags, type Flags } from "../../../cli/lib/flags.ts";

const FLAGS: Flags = {
  clock: { value: "KIND", choices: ["virtual", "real"], help: "which clock" },
  scenario: { value: "PATTERN=OUTCOME", repeatable: true, help: "a fault" },
  json: { help: "for machines" },
};

const problemsOf = (...args: string[]): readonly string[] => parseFlags(FLAGS, args).problems;

describe("parseFlags", () => {
  it("reads options, repeated options, switches and operands in any order", () => {
    const flags = parseFlags(FLAGS, ["a.csv", "--scenario", "x=FAILED", "--json", "--scenario=y=ERROR", "b.csv"]);
    expect(flags.problems).to.deep.equal([]);
    expect(flags.operands).to.deep.equal(["a.csv", "b.csv"]);
    expect(flags.list("scenario")).to.deep.equal(["x=FAILED", "y=ERROR"]);
    expect([flags.has("json"), flags.has("debug"), flags.text("clock")]).to.deep.equal([true, false, undefined]);
  });

  it("takes what follows -- as operands", () => {
    expect(parseFlags(FLAGS, ["--", "--json"]).operands).to.deep.equal(["--json"]);
  });

  it("suggests the option that was meant", () => {
    expect(problemsOf("--clokc", "real")).to.deep.equal(["--clokc is not an option; did you mean --clock?"]);
  });

  it("lists the options when none is near", () => {
    expect(problemsOf("--verbosity")).to.deep.equal([
      "--verbosity is not an option; allowed are --clock, --scenario, --json, --debug, --help",
    ]);
  });

  it("is not fooled by names that every object has", () => {
    expect(problemsOf("--constructor")[0]).to.match(/^--constructor is not an option/);
  });

  it("names the value, what is allowed, and what was meant", () => {
    expect(problemsOf("--clock=vritual")).to.deep.equal([
      '--clock must be "virtual" or "real", got "vritual"; did you mean virtual?',
    ]);
    expect(problemsOf("--clock=sun")).to.deep.equal(['--clock must be "virtual" or "real", got "sun"']);
  });

  it("tells a forgotten value from one that begins with a dash", () => {
    expect(problemsOf("--clock", "--json")).to.deep.equal(["--clock needs a value, KIND: virtual or real"]);
    expect(problemsOf("--scenario")).to.deep.equal(["--scenario needs a value, PATTERN=OUTCOME"]);
    expect(parseFlags(FLAGS, ["--scenario=-x=FAILED"]).list("scenario")).to.deep.equal(["-x=FAILED"]);
  });

  it("refuses a value for a switch and a second value for a single option", () => {
    expect(problemsOf("--json=yes")).to.deep.equal(['--json takes no value, got "yes"']);
    expect(problemsOf("--clock=real", "--clock=virtual")).to.deep.equal(["--clock is given more than once"]);
  });

  it("throws all problems at once, those of the command included", () => {
    const flags = parseFlags(FLAGS, ["--clock=sun", "--jsno"]);
    expect(() => {
      flags.check(["a.csv: there is no such file"]);
    })
      .to.throw(UsageError)
      .with.property("problems")
      .that.has.length(3);
    expect(() => {
      parseFlags(FLAGS, []).check();
    }).not.to.throw();
  });
});

describe("describeFlags", () => {
  it("aligns the explanations", () => {
    expect(describeFlags({ clock: { value: "KIND", help: "one\ntwo" } })).to.equal(
      [
        "  --clock KIND  one",
        "                two",
        "  --debug       show where an error comes from",
        "  --help        show this",
      ].join("\n"),
    );
  });
});
