import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { Glue } from "@aws-sdk/client-glue";
import { expect } from "chai";
import { startMiniStack } from "../../cli/emulator/ministack.ts";
import { conformance } from "../contract/conformance.ts";
import {
  botocoreGlueModel,
  createJobAnew,
  motoRequirements,
  pinnedVersion,
  startMoto,
  untilSettled,
} from "../support/glue/emulators.ts";
import {
  creatingOperations,
  extractModel,
  modelFile,
  operationNames,
  resourceModelFile,
} from "../support/glue/model.ts";
import type { Differences } from "../contract/findings.ts";
import type { GlueEmulator } from "../support/glue/emulators.ts";

const goldenFile = new URL("../golden/glue-conformance.json", import.meta.url);
const emulatorRequirements = fileURLToPath(new URL("../../cli/emulator/requirements.txt", import.meta.url));
const mute = (): void => undefined;

/** `UPDATE_GOLDEN=1` writes the file anew; what changed shows in the diff. */
function golden(file: URL, name: string, value: unknown): unknown {
  const known = JSON.parse(readFileSync(file, "utf8")) as Readonly<Record<string, unknown>>;
  if (process.env.UPDATE_GOLDEN !== "1") return known[name];
  writeFileSync(file, `${JSON.stringify({ ...known, [name]: value }, null, 2)}\n`);
  return value;
}

/** Puts a server through the script that the simulation is put through. */
async function differencesOf(emulator: GlueEmulator, runsTakeTime: boolean): Promise<Differences> {
  const sdk = new Glue({
    endpoint: emulator.url,
    region: "us-east-1",
    credentials: { accessKeyId: "test", secretAccessKey: "test" },
  });
  try {
    return await conformance(async (job) => {
      await createJobAnew(sdk, job);
      return {
        url: emulator.url,
        pass: () => Promise.resolve(),
        begun: (runId) => (runsTakeTime ? untilSettled(sdk, job.Name, runId) : Promise.resolve()),
        close: () => Promise.resolve(),
      };
    });
  } finally {
    sdk.destroy();
  }
}

describe("Glue's contract", function () {
  this.timeout("3 minutes");

  it("is committed as botocore has it", async () => {
    const whole = await botocoreGlueModel(mute);
    for (const [file, operations] of [
      [modelFile, operationNames],
      [resourceModelFile, creatingOperations],
    ] as const) {
      const current = extractModel(whole, operations);
      if (process.env.UPDATE_GOLDEN === "1") writeFileSync(file, `${JSON.stringify(current, null, 2)}\n`);
      expect(JSON.parse(readFileSync(file, "utf8"))).to.deep.equal(current);
    }
  });

  it("is kept by MiniStack but for the committed differences", async () => {
    const folder = mkdtempSync(join(tmpdir(), "glue-pipeline-conformance-"));
    const emulator = await startMiniStack({ port: 0, folder, log: mute });
    try {
      const name = `MiniStack ${pinnedVersion(emulatorRequirements, "ministack")}`;
      const found = await differencesOf(emulator, true);
      expect(found).to.deep.equal(golden(goldenFile, name, found));
    } finally {
      await emulator.stop();
      rmSync(folder, { recursive: true, force: true });
    }
  });

  it("is kept by moto but for the committed differences", async () => {
    const emulator = await startMoto(mute);
    try {
      const found = await differencesOf(emulator, false);
      expect(found).to.deep.equal(golden(goldenFile, `moto ${pinnedVersion(motoRequirements, "moto")}`, found));
    } finally {
      await emulator.stop();
    }
  });
});
