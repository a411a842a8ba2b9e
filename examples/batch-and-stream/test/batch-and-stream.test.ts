import { expect } from "chai";
import { expectedOf, rowsThatCount, type Files, type Row } from "./reader.ts";
import { day, dayFile, exportName, graphOf, land, live1, live2, Tills } from "./tills.ts";

const told = { streamed: [live1, live2], exported: { [day]: dayFile } };
const hour = 3600;

const byTeller = (rows: readonly Row[]): Readonly<Record<string, number>> => {
  const counts: Record<string, number> = {};
  for (const { day: on, told_by: by } of rows) {
    const name = `${String(on)} ${String(by)}`;
    counts[name] = (counts[name] ?? 0) + 1;
  }
  return counts;
};

const totals = { "2026-01-05 both": 283, "2026-01-05 export": 15, "2026-01-05 stream": 4, "2026-01-06 stream": 180 };

describe("The batch-and-stream example", () => {
  for (const stack of ["local", "prod"] as const) {
    describe(`on the stack ${stack}`, () => {
      it("counts each payment once, whoever has told of it, as SQL does over the files", async () => {
        const steps = [land(0, "1.jsonl", live1), land(100, "2.jsonl", live2), land(200, exportName, dayFile)];
        const tills = await Tills.run(await graphOf(stack), steps);
        const rows = await tills.payments();
        expect(byTeller(rows)).to.deep.equal(totals);
        expect(rows).to.deep.equal(await expectedOf(told));
        expect([...tills.failures("payments-failures"), ...tills.failures("payments-job-failures")]).to.deep.equal([]);
      });

      it("comes to the same where the file lands first: what the stream tells then counts with the next load", async () => {
        const steps = [
          land(0, exportName, dayFile),
          land(100, "1.jsonl", live1),
          land(200, "2.jsonl", live2),
          { at: hour, does: async (tills: Tills) => before.push(await tills.files()) },
          land(2 * hour, exportName, dayFile),
        ];
        const before: Files[] = [];
        const tills = await Tills.run(await graphOf(stack), steps);
        expect(byTeller(await rowsThatCount(before[0] ?? new Map()))).to.deep.equal({
          "2026-01-05 export": 298,
          "2026-01-06 stream": 180,
        });
        expect(await tills.payments()).to.deep.equal(await expectedOf(told));
      });
    });
  }

  it("counts each once at any moment while all of them come at once", async () => {
    const looks: Files[] = [];
    const steps = [
      land(0, "1.jsonl", live1),
      land(0, exportName, dayFile),
      land(9, "2.jsonl", live2),
      ...[5, 10, 11, 15, 20, 25, 30, 1000, 1900].map((at) => ({
        at,
        does: async (tills: Tills) => looks.push(await tills.files()),
      })),
      land(hour, exportName, dayFile),
    ];
    const tills = await Tills.run(await graphOf(), steps);
    expect(looks).to.have.length(9);
    for (const files of looks) {
      const rows = await rowsThatCount(files);
      expect(new Set(rows.map(({ payment_id: id }) => id)).size).to.equal(rows.length);
    }
    expect(await tills.payments()).to.deep.equal(await expectedOf(told));
  });

  it("changes nothing when files, events and loads come again", async () => {
    const steps = [
      land(0, "1.jsonl", live1),
      land(100, exportName, dayFile),
      land(200, "again.jsonl", live1),
      land(300, "2.jsonl", live2),
      land(400, exportName, dayFile),
      land(500, "again-2.jsonl", live2),
      land(2 * hour, exportName, dayFile),
    ];
    const tills = await Tills.run(await graphOf(), steps, { deliveries: () => [0, 45_000] });
    expect(tills.states("payments-load-day")).to.deep.equal(["SUCCEEDED", "SUCCEEDED", "SUCCEEDED"]);
    expect(await tills.payments()).to.deep.equal(await expectedOf(told));
  });

  it("has an export that corrects another replace it, and none that it has corrected", async () => {
    const corrected = dayFile.replace(/^p5-0003,.*\n/m, "").replace(/^(p5-0004,.*),\d+$/m, "$1,1");
    const steps = [
      land(0, exportName, dayFile),
      land(100, `payments-${day}-r2.csv`, corrected),
      land(200, "1.jsonl", live2),
      land(hour, exportName, dayFile),
    ];
    const tills = await Tills.run(await graphOf(), steps);
    const rows = await tills.payments();
    expect(rows).to.deep.equal(await expectedOf({ streamed: [live2], exported: { [day]: corrected } }));
    expect(rows.find(({ payment_id: id }) => id === "p5-0004")?.amount_cents).to.equal(1);
  });

  it("keeps of a loaded day one file, once those who read the others have had their time", async () => {
    const kept: (readonly string[])[] = [];
    const look = async (tills: Tills): Promise<readonly string[]> => [
      ...(await tills.keysIn("liveBucket", `live/day=${day}/`)),
      ...(await tills.keysIn("outputBucket", "payments/days/")),
    ];
    const steps = [
      land(0, "1.jsonl", live1),
      land(100, exportName, dayFile),
      land(200, exportName, dayFile),
      { at: 1800, does: async (tills: Tills) => kept.push(await look(tills)) },
    ];
    const tills = await Tills.run(await graphOf(), steps);
    expect(kept[0]).to.have.length(2 + 2);
    expect(await look(tills)).to.have.length(1);
    expect(await tills.keysIn("outputBucket", "payments/manifests/")).to.have.length(2);
  });
});
