import { aJob, aSimulation } from "../support/jobs.ts";
import { glueModel } from "../support/glue/model.ts";
import { serveGlue } from "../support/glue/front.ts";
import { Conversation } from "./conversation.ts";
import { Findings } from "./findings.ts";
import { script } from "./script.ts";
import type { JobDefinition, Simulation } from "../../functions/lib/job-definition.ts";
import type { Partner } from "./conversation.ts";
import type { Differences } from "./findings.ts";
import type { MakeSubject, Subject } from "./subjects.ts";

/** Makes a job that has no runs yet, and gives what answers for it. */
export type Open = (job: JobDefinition) => Promise<Partner & { readonly close: () => Promise<void> }>;

/** Puts a subject through the script, and tells where it differs from Glue. */
export async function conformance(open: Open): Promise<Differences> {
  const findings = new Findings();
  for (const { job, play } of script) await converse(await open(aJob(job)), findings, play);
  return findings.differences;
}

/** Has one conversation with a job, and closes the line after it. */
export async function converse(
  partner: Awaited<ReturnType<Open>>,
  findings: Findings,
  play: (talk: Conversation) => Promise<void>,
): Promise<void> {
  const talk = new Conversation(glueModel(), partner, findings);
  try {
    await play(talk);
  } finally {
    talk.close();
    await partner.close();
  }
}

/** A subject of ours behind an HTTP front, in a time of its own. */
export const behindFront =
  (make: MakeSubject, simulation: Partial<Simulation> = {}): Open =>
  async (job) => {
    const subject = await make(job, aSimulation(simulation));
    const front = await serveGlue(answersOf(subject));
    return { url: front.url, pass: (seconds) => subject.pass(seconds), close: front.close };
  };

function answersOf(subject: Subject): Parameters<typeof serveGlue>[0] {
  return {
    StartJobRun: (request) => subject.startJobRun(request as never),
    GetJobRun: (request) => subject.getJobRun(request as never),
    GetJobRuns: (request) => subject.getJobRuns(request as never),
    BatchStopJobRun: (request) => subject.batchStopJobRun(request as never),
  };
}
