import { expectSame, traced } from "../../support/capacity/agreement.ts";
import { embedded } from "../../support/capacity/embedded.ts";
import { aDuration, simulated } from "../../support/capacity/simulated.ts";
import { withoutJitter } from "../../support/capacity/with-definition.ts";
import { stagesGraphOf } from "../../support/staged.ts";

const [files, gap] = [20, 7];
const queueing = { maxConcurrentRuns: 2, jobRunQueuing: true };

describe("The capacity simulation and the embedded cloud", () => {
  for (const completion of ["event", "poll", "sync"]) {
    it(`tell the same of stages with completion ${completion}, while runs wait for a place`, async () => {
      const stages = JSON.stringify({ Clean: queueing, Totals: queueing });
      const graph = withoutJitter(await stagesGraphOf("prod", { completion, stages }));
      const model = aDuration({ fixed: 21, startUp: 9 });
      const landings = Array.from({ length: files }, (_, file) => ({ at: file * gap, bytes: 8 }));
      const there = await embedded(graph, landings, model);
      const here = await simulated(graph, { ...traced(landings), overSeconds: files * gap, duration: model });
      expectSame(here, there);
    });
  }
});
