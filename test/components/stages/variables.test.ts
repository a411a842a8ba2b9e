import * as pulumi from "@pulumi/pulumi";
import { expect } from "chai";
import { renamed, variablesOf } from "../../../components/stages/variables.ts";

const rename = (name: string): string => (name === "clean" ? "clean_1" : name);

describe("Variables of expressions", () => {
  it("are found wherever a value has expressions", () => {
    expect(variablesOf({ a: ["{% $clean.rows + $file.size %}"], b: { c: "{% $sum($each) %}" } })).to.deep.equal([
      ...["clean", "file", "sum", "each"],
    ]);
  });

  it("are not found in plain text, in texts, in comments and in quoted names", () => {
    expect(
      variablesOf(["$clean", '{% "$clean" & \'$clean\' & `$clean` /* $clean */ & "\\"$clean" %}', 5, null]),
    ).to.deep.equal([]);
  });

  it("are not known of what an Output holds", () => {
    expect(variablesOf({ a: pulumi.output("{% $clean %}") })).to.deep.equal([]);
  });

  it("get other names, and nothing else does", () => {
    expect(
      renamed(
        { a: '{% $clean.rows & $cleanOrders & "$clean" %}', b: ["$clean", "{% $clean %}"], c: 5, d: null },
        rename,
      ),
    ).to.deep.equal({
      a: '{% $clean_1.rows & $cleanOrders & "$clean" %}',
      b: ["$clean", "{% $clean_1 %}"],
      c: 5,
      d: null,
    });
  });

  it("get other names in Outputs too", async () => {
    const { a } = renamed({ a: pulumi.output("{% $clean %}") }, rename) as { a: pulumi.Output<string> };
    expect(await new Promise((resolve) => a.apply(resolve))).to.equal("{% $clean_1 %}");
  });
});
