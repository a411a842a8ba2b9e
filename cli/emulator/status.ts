import { detectEmulator, type Emulator } from "./detect.ts";
import type { EmulatorOptions } from "./options.ts";
import { logFile, runFolder, runningIn, type Running } from "./run-folder.ts";

/** What is at the emulator's address. */
export type Status =
  | { readonly state: "nothing"; readonly url: string }
  | { readonly state: "stranger"; readonly url: string; readonly answer: string }
  | {
      readonly state: "running";
      readonly url: string;
      readonly emulator: Emulator;
      /** Set where this project started it. */
      readonly own?: Running & { readonly log: string };
    };

/** Where clients of this machine reach it. */
export const urlOf = ({ host, port }: Pick<EmulatorOptions, "host" | "port">): string =>
  `http://${host === "0.0.0.0" ? "127.0.0.1" : host}:${port}`;

/** Looks what is at the address that the options name. */
export async function statusOf(options: Pick<EmulatorOptions, "host" | "port">): Promise<Status> {
  const url = urlOf(options);
  const detection = await detectEmulator(url);
  if (detection.kind === "nothing") return { state: "nothing", url };
  if (detection.kind === "stranger") return { state: "stranger", url, answer: detection.answer };
  const folder = runFolder(options.port);
  const running = runningIn(folder);
  const isOwn = running !== undefined && urlOf(running) === url;
  if (!isOwn) return { state: "running", url, emulator: detection.emulator };
  return {
    state: "running",
    url,
    // Whether its faults matter is known of one's own.
    emulator: running.mends.length > 0 ? { ...detection.emulator, limits: [] } : detection.emulator,
    own: { ...running, log: logFile(folder) },
  };
}
