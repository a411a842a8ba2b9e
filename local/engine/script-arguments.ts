import { ServiceError } from "../services/service.ts";
import type { ScriptRun } from "./script-run.ts";

/** Arguments that Glue keeps for itself, or that mean nothing on one machine. */
const kept = new Set([
  "--conf",
  "--extra-py-files",
  "--extra-jars",
  "--extra-files",
  "--user-jars-first",
  "--additional-python-modules",
  "--python-modules-installer-option",
  "--datalake-formats",
  "--spark-event-logs-path",
  "--executor-cores",
]);
const keptBeginnings = ["--enable-", "--continuous-log-"];

/** Those of them without which a script may not work. */
const missed = ["--extra-jars", "--extra-files", "--additional-python-modules", "--datalake-formats"] as const;

/**
 * What the script finds in `sys.argv` after its own name: the names that Glue adds, then the run's arguments, as
 * `--name value`. A TempDir that the job does not set is the given folder.
 */
export const scriptArguments = (run: ScriptRun, temporaryFolder: string): readonly string[] => {
  const own = Object.entries(run.Arguments).filter(([name]) => !isKept(name));
  const args = {
    "--JOB_NAME": run.JobName,
    "--JOB_ID": `j_${run.JobName}`,
    "--JOB_RUN_ID": run.JobRunId,
    "--job-bookmark-option": "job-bookmark-disable",
    ...(run.Command !== "pythonshell" && { "--TempDir": temporaryFolder }),
    ...Object.fromEntries(own),
  };
  return Object.entries(args).flat();
};

/** What the run asks for and does not get here, one line each. */
export const notHonouredArguments = ({ Arguments }: Pick<ScriptRun, "Arguments">): readonly string[] =>
  missed
    .filter((name) => Arguments[name] !== undefined)
    .map((name) => `${name} is not honoured here: ${Arguments[name] ?? ""}`);

/** The settings of Glue's `--conf`: one argument that holds many, `a=1 --conf b=2`. */
export const sparkSettings = (conf: string | undefined): readonly (readonly [name: string, value: string])[] =>
  (conf ?? "")
    .split(/\s*--conf\s+/)
    .map((setting) => setting.trim())
    .filter((setting) => setting !== "")
    .map((setting) => {
      const split = setting.indexOf("=");
      if (split < 1) {
        throw new ServiceError(
          "InvalidArgument",
          `--conf must be NAME=VALUE [--conf NAME=VALUE]…, got "${conf ?? ""}"`,
        );
      }
      return [setting.slice(0, split).trim(), setting.slice(split + 1)] as const;
    });

const isKept = (name: string): boolean =>
  kept.has(name) || keptBeginnings.some((beginning) => name.startsWith(beginning));
