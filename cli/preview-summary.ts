import { readFileSync } from "node:fs";
import { resolve } from "node:path";
import { text } from "node:stream/consumers";
import type { Command, Io } from "./lib/command.ts";
import { describeFlags, parseFlags, type Flags } from "./lib/flags.ts";
import { parsePreview, PreviewError } from "./preview/digest.ts";
import { previewMarkdown } from "./preview/markdown.ts";
import { summarise } from "./preview/summarise.ts";

const FLAGS: Flags = {
  stack: { value: "NAME", help: "what the heading says (default: prod)" },
  json: { help: "print the summary as one JSON document" },
};

const HELP = `
npm run --silent preview-summary -- [FILE] [--stack NAME] [--json]

Reads what "pulumi preview --json" has printed, from a file or from standard input, and prints a summary in Markdown:
what would be deleted, replaced, updated and created, with it the data that would be lost, how the definition of a state
machine changes, what the jobs cost, and what the program warns of.

${describeFlags(FLAGS)}

  pulumi preview -s prod --json > preview.json
  npm run --silent preview-summary -- preview.json --stack prod >> "$GITHUB_STEP_SUMMARY"
`;

export const command: Command = { name: "npm run preview-summary", help: HELP, run: printSummary };

async function printSummary(args: readonly string[], io: Io): Promise<number> {
  const flags = parseFlags(FLAGS, args);
  const [file, ...others] = flags.operands;
  flags.check([
    ...others.map((operand) => `"${operand}" is not expected: one file is summarised at a time`),
    ...(file === undefined && process.stdin.isTTY ? ["FILE is missing: what pulumi preview --json has printed"] : []),
  ]);
  const source = file ?? "standard input";
  const content = file === undefined ? await text(process.stdin) : contentOf(resolve(io.cwd, file));
  const summary = summarise(parsePreview(content, source));
  io.out(
    flags.has("json")
      ? `${JSON.stringify(summary, undefined, 2)}\n`
      : previewMarkdown(summary, flags.text("stack") ?? "prod"),
  );
  return 0;
}

function contentOf(path: string): string {
  try {
    return readFileSync(path, "utf8");
  } catch (error) {
    throw new PreviewError(`${path} cannot be read: ${error instanceof Error ? error.message : String(error)}`);
  }
}
