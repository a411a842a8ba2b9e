import { expect } from "chai";
import { deniedIn, unneededIn, withoutEach, type ObservedRun } from "../../../test/support/least-privilege.ts";
import { resourcesOf } from "../../../test/support/stacks.ts";
import type { ResourceGraph } from "../../../local/resource-graph.ts";
import { sample } from "./contracts.ts";
import { graphOf, Quality } from "./quality.ts";

const own = /^quality-(record-start|check-schema|publish|quarantine|record-failure)$/;

/** Seen only where a function's environment or its log is, and while an event is lost. */
const unseen = /\.(WriteLog|DecryptEnvironment|EncryptLostEvents)$/;

/** One file for each way through the stages. */
const observe = async (graph: ResourceGraph): Promise<ObservedRun> => {
  const quality = await Quality.of("prod", Promise.resolve(graph));
  await quality.take("orders.csv", sample("orders-2025-12-29.csv"));
  await quality.take("broken.csv", sample("orders-2025-12-30-broken-rules.csv"));
  await quality.take("fail-profile.csv", "a\n1\n");
  return { events: quality.events, failures: quality.failures.map((failure) => JSON.stringify(failure)) };
};

describe("The functions of data quality may do what they need, and nothing else", function () {
  this.timeout(120_000);

  it("are denied nothing", async () => {
    expect(await deniedIn(async () => observe(await graphOf("prod")))).to.equal(false);
  });

  it("lack each single permission that is taken away", async () => {
    const graph = await graphOf("prod");
    const policies = resourcesOf(graph, "aws:iam/rolePolicy:RolePolicy").filter(({ name }) => own.test(name));
    const cases = policies.flatMap((policy) => withoutEach(graph, policy)).filter(({ name }) => !unseen.test(name));
    expect(cases.length).to.be.greaterThan(20);
    expect(await unneededIn(cases, observe)).to.deep.equal([]);
  });
});
