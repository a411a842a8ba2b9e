import * as pulumi from "@pulumi/pulumi";
import { expect } from "chai";
import { messageLines } from "../../cli/render/header.ts";
import { hearMessages } from "../../local/messages.ts";
import { graphOf } from "../support/stacks.ts";

describe("What a program says while it is evaluated", () => {
  it("belongs to its graph: the price of each pipeline's job, in either mode", async () => {
    for (const stack of ["local", "prod"]) {
      const { messages } = await graphOf(stack);
      expect(messages).to.have.length(1);
      expect(messages[0]).to.deep.include({ severity: "info" });
      expect(messages[0]?.text).to.match(/^job .*\ncsv-job {2}2 × G\.1X +2 +\$0\.88 /);
    }
  });

  it("goes where it went before, once nobody listens any more", async () => {
    const { info, warn } = pulumi.log;
    const { messages, stop } = hearMessages();
    await pulumi.log.info("a price");
    await pulumi.log.warn("an old version");
    stop();
    expect(messages).to.deep.equal([
      { severity: "info", text: "a price" },
      { severity: "warning", text: "an old version" },
    ]);
    expect([pulumi.log.info, pulumi.log.warn]).to.deep.equal([info, warn]);
  });

  it("is shown line by line, a warning as such", () => {
    const lines = messageLines(
      [
        { severity: "info", text: "job  price\ncsv  $1" },
        { severity: "warning", text: "an old version" },
      ],
      (tone, text) => `${tone}: ${text}`,
    );
    expect(lines).to.deep.equal(["dim: job  price", "dim: csv  $1", "warning: warning: an old version"]);
  });
});
