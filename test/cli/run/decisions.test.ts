import { expect } from "chai";
import { Decisions } from "../../../cli/run/decisions.ts";
import { History } from "../../support/cli-events.ts";

/** Where the decisions among these states lead; `>` goes into branches, `<` comes back. */
const branches = (...states: readonly string[]): readonly string[] => {
  const history = new History();
  const decisions = new Decisions();
  return states.flatMap((text) => {
    const [type = "", name = ""] = text.split(/:(.*)/);
    const types = type === ">" ? ["ParallelStateEntered"] : type === "<" ? ["ParallelStateExited"] : bothOf(type);
    return types.flatMap((each) => {
      const event = history.add(each, { name });
      return event.kind === "history" ? (decisions.follow(event.event) ?? []) : [];
    });
  });
};

const bothOf = (type: string): readonly string[] => [`${type}StateEntered`, `${type}StateExited`];

describe("Decisions", () => {
  it("lead to the stage that is entered next", () => {
    expect(branches("Task:Check", "Choice:Decide", "Task:Quarantine", "Task:Tell owner")).to.deep.equal(["Quarantine"]);
    expect(branches("Choice:Big?", "Task:Split StartJobRun")).to.deep.equal(["Split"]);
  });

  it("are told again where there are several", () => {
    expect(branches("Choice:A", "Task:B", "Choice:C", "Wait:D")).to.deep.equal(["B", "D"]);
    expect(branches("Choice:A", "Choice:B", "Task:C")).to.deep.equal(["C"]);
  });

  it("are not what every pipeline decides, nor how a job goes on, nor how it ends", () => {
    expect(branches("Choice:Validate", "Task:Clean StartJobRun")).to.deep.equal([]);
    expect(branches("Choice:Clean CheckJobRun", "Task:Profile StartJobRun")).to.deep.equal([]);
    expect(branches("Choice:Done?", "Succeed:Done")).to.deep.equal([]);
    expect(branches("Choice:Done?", "Task:NotifySucceeded")).to.deep.equal([]);
  });

  it("are not those within branches", () => {
    expect(branches(">:Both", "Choice:Inner", "Task:B", "<:Both", "Choice:Outer", "Task:C")).to.deep.equal(["C"]);
    expect(branches("Choice:Outer", ">:Both", "Choice:Inner", "Task:B", "<:Both")).to.deep.equal(["Both"]);
  });
});
