import { evaluate } from "../local/evaluate.ts";
import { costOf } from "../local/cost.ts";
import { UsageError, type Command, type Io } from "./lib/command.ts";
import { clockTime, plural } from "./render/format.ts";
import { headingLine, messageLines, notHonouredLines, resourcesLine, workLines } from "./render/header.ts";
import { LiveView } from "./render/live-view.ts";
import { Screen } from "./render/screen.ts";
import { paintFor } from "./render/style.ts";
import { printable } from "./render/text.ts";
import { backgroundLines, costLine, messageCountLines, summaryLines } from "./render/summary.ts";
import { Ledger } from "./run/ledger.ts";
import { jobStagesOf, stageNamesOf } from "./run/machines.ts";
import { verdictOn } from "./run/outcome.ts";
import { prepareOutFolder } from "./run/out-folder.ts";
import { reportOn, type Report } from "./run/report.ts";
import { runFiles } from "./run/run-files.ts";
import { createScriptEngine } from "./run/script-engine.ts";
import { simulationFor, withWishes } from "./run/simulation.ts";
import { stageProblems } from "./run/scenario-stages.ts";
import { backgroundSummaries } from "./run/stage-summaries.ts";
import { readStartOptions, startHelp, type StartOptions } from "./run/start-options.ts";
import { summariesOf } from "./run/summaries.ts";
import { modeOf, usageOf } from "./run/usage-of.ts";
import { planWork } from "./run/work.ts";

export const command: Command = { name: "npm start", help: startHelp, run: start };

async function start(args: readonly string[], io: Io): Promise<number> {
  const began = io.now();
  const options = readStartOptions(args, io.cwd);
  // With --json, standard output is for the document alone.
  const screen = new Screen(options.json ? io.err : io.out, io.isTerminal && !options.json);
  const paint = paintFor(io.isTerminal && !options.json, io.env);

  const program = withWishes(options.program, options);
  const graph = await evaluate(program);
  const problems = stageProblems(options.scenarios, jobStagesOf(graph));
  if (problems.length > 0) throw new UsageError(problems);
  const work = planWork(graph, options);
  const mode = modeOf(graph);
  screen.line(headingLine({ project: graph.project, stack: graph.stack, mode, clock: options.clock }, paint));
  const types = graph.resources.map(({ type }) => type);
  const spent = ` (evaluated in ${((io.now() - began) / 1000).toFixed(1)} s)`;
  screen.line(resourcesLine(types, io.columns - spent.length) + paint("dim", spent));

  for (const line of messageLines(graph.messages, paint)) screen.line(line);

  const say = (line: string): void => {
    screen.line(paint("dim", printable(line)));
  };
  const engine = options.engine === "spark" && {
    engine: await createScriptEngine({
      graph,
      out: options.out,
      now: io.now,
      log: say,
      ...(options.debug && { onLine: say }),
    }),
  };
  // What is there of an earlier run stays until this one can begin.
  prepareOutFolder(options.out);
  const ledger = new Ledger(work.uploads, work.starts);
  const view = new LiveView({ ledger, screen, columns: io.columns, paint, now: io.now, stages: stageNamesOf(graph) });
  const { objects, entries } = await runFiles({
    graph,
    work,
    out: options.out,
    clock: options.clock,
    now: io.now,
    simulation: simulationFor(program),
    ...engine,
    observe: (event, at) => {
      view.show(event, at, ledger.observe(event, at));
    },
    onPiece: () => {
      view.tick();
    },
    onReady: (notHonoured) => {
      for (const line of notHonouredLines(notHonoured, options.debug, Math.min(io.columns, 120)))
        screen.line(paint("dim", line));
      screen.line();
      for (const line of workLines(work, Math.min(io.columns, 160), paint)) screen.line(line);
    },
  });

  ledger.enter(entries);
  const report = reportOn(ledger, {
    stack: graph.stack,
    mode,
    clock: options.clock,
    objects,
    cost: costOf(usageOf(ledger, graph)),
    wallSeconds: (io.now() - began) / 1000,
  });
  finish(report, ledger, options, io, screen);
  return ledger.subjects.every((subject) => verdictOn(subject).outcome === "succeeded") ? 0 : 1;
}

function finish(report: Report, ledger: Ledger, options: StartOptions, io: Io, screen: Screen): void {
  if (options.json) {
    io.out(`${JSON.stringify(report, undefined, 2)}\n`);
    return;
  }
  const paint = paintFor(io.isTerminal, io.env);
  screen.line();
  for (const line of summaryLines(summariesOf(ledger, report.objects, io.cwd), io.columns, paint)) screen.line(line);
  for (const line of backgroundLines(backgroundSummaries(ledger), io.columns, paint)) screen.line(line);
  // Of files each message has been told.
  const counts = ledger.files.length > 0 ? [] : messageCountLines(ledger.messages, paint);
  if (counts.length > 0) screen.line();
  for (const line of counts) screen.line(line);
  screen.line();
  screen.line(costLine(report.cost, jobRunsInWords(report), paint));
  const spent = `${report.wallSeconds.toFixed(1)} s`;
  screen.line(
    paint(
      "dim",
      options.clock === "virtual" ? `${clockTime(ledger.elapsed)} on the virtual clock took ${spent}` : `Took ${spent}`,
    ),
  );
}

/** `2 runs of 2 × G.1X`. */
function jobRunsInWords({ executions }: Report): string {
  const runs = executions.flatMap(({ jobRuns }) => jobRuns);
  const kinds = [
    ...new Set(
      runs.map(({ NumberOfWorkers, WorkerType }) =>
        WorkerType === undefined ? "" : `${NumberOfWorkers ?? 1} × ${WorkerType}`,
      ),
    ),
  ].filter((kind) => kind !== "");
  return runs.length === 0 ? "" : `${plural(runs.length, "run")}${kinds.length === 0 ? "" : ` of ${kinds.join(", ")}`}`;
}
