import { expect } from "chai";
import { parsePreview } from "../../cli/preview/digest.ts";
import { summarise } from "../../cli/preview/summarise.ts";
import { TestEmulator } from "../support/deployed/deployed.ts";
import { Project } from "../support/engine.ts";
import { exampleNames } from "../support/examples.ts";

describe("The examples under Pulumi's engine", function () {
  this.timeout("10 minutes");
  const emulator = new TestEmulator();

  before(() => emulator.start());
  after(() => emulator.remove());

  // These are deployed by tests of their own.
  const deployedElsewhere = ["data-lake", "table-to-queue"];
  for (const example of exampleNames) {
    for (const stack of deployedElsewhere.includes(example) ? (["prod"] as const) : (["local", "prod"] as const)) {
      it(`previews ${example} on ${stack}`, async () => {
        const project = new Project({ stack, endpoint: emulator.endpoint, example });
        // A preview asks AWS for the account.
        if (stack === "prod") project.borrow("local", "aws:");
        try {
          const { changes, errors, losses } = summarise(parsePreview(await project.previewJson(), "the preview"));
          expect([errors, losses]).to.deep.equal([[], []]);
          expect(changes).to.not.be.empty;
          expect(new Set(changes.map(({ change }) => change))).to.deep.equal(new Set(["create"]));
        } finally {
          project.remove();
        }
      });
    }
  }
});
