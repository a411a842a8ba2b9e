import { cpSync, existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { homedir, tmpdir } from "node:os";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { LocalWorkspace, type EngineEvent, type OpType, type Stack } from "@pulumi/pulumi/automation/index.js";
import { parse, stringify } from "yaml";
import { projectDirectory } from "./stacks.ts";

/** What the engine did, or would do, to one resource. */
export interface ResourceStep {
  readonly op: OpType;
  readonly type: string;
  readonly name: string;
  /** The properties that differ, as `environment.variables.TABLE_NAME`. */
  readonly diff: readonly string[];
}

export interface Operation {
  /** How many resources by what was done: `{ same: 40, update: 1 }`. */
  readonly changes: Readonly<Partial<Record<OpType, number>>>;
  /** All that were not left as they are. */
  readonly steps: readonly ResourceStep[];
  /** What the engine or the program warned of. */
  readonly warnings: readonly string[];
}

/** What a policy says of a resource. */
export interface PolicyViolation {
  readonly policyName: string;
  readonly enforcementLevel: string;
  readonly message: string;
  /** Of the resource. */
  readonly name: string;
}

/** What a deployed stack exports. */
export type Outputs = Readonly<Record<string, string>>;

export interface ProjectOptions {
  readonly stack: "local" | "prod";
  /** Where the emulator answers, for example `http://localhost:14566`. */
  readonly endpoint: string;
  /** Config on top of the stack file's, by its key in Pulumi.yaml. */
  readonly config?: Readonly<Record<string, string>>;
  /** The program of this folder of `examples/` instead of the project's own. */
  readonly example?: string;
}

/** As the stack file has it. */
const EMULATOR = "http://localhost:4566";

/** The files that make up the program; what else is in the project's folder does not take part in a deploy. */
const PROGRAM = ["index.ts", "components", "functions", "scripts", "Pulumi.yaml", "package.json", "tsconfig.json"];

/**
 * A copy of the project as a user would have it, with the engine's state beside it: the real Pulumi engine runs the
 * program in this process, so that no language host is needed. The copy is a test's own to change.
 */
export class Project {
  readonly folder: string;
  /** Where Pulumi.yaml is. */
  readonly #program: string;
  readonly #home: string;
  readonly #options: ProjectOptions;
  #evaluations = 0;
  #stack: Stack | undefined;

  constructor(options: ProjectOptions) {
    this.#options = options;
    this.#home = mkdtempSync(join(tmpdir(), "glue-pipeline-engine-"));
    this.folder = join(this.#home, "project");
    mkdirSync(this.folder);
    const example = options.example === undefined ? [] : ["examples", options.example];
    this.#program = join(this.folder, ...example);
    for (const file of [
      ...PROGRAM,
      `Pulumi.${options.stack}.yaml`,
      ...(example.length > 0 ? [join(...example)] : []),
    ]) {
      cpSync(join(projectDirectory, file), join(this.folder, file), { recursive: true });
    }
    symlinkSync(join(projectDirectory, "node_modules"), join(this.folder, "node_modules"));
    this.edit(`Pulumi.${options.stack}.yaml`, (text) => text.replaceAll(EMULATOR, options.endpoint));
    mkdirSync(join(this.#home, "state"));
    this.#lendPlugins();
  }

  /** Rewrites one of the copy's files. */
  edit(file: string, change: (text: string) => string): void {
    const path = join(this.#program, file);
    writeFileSync(path, change(readFileSync(path, "utf8")));
  }

  /** Takes over the settings of another stack's file that start so. */
  borrow(stack: ProjectOptions["stack"], prefix: string): void {
    const read = (folder: string, name: string) =>
      parse(readFileSync(join(folder, `Pulumi.${name}.yaml`), "utf8")) as { config: Record<string, unknown> };
    const borrowed = Object.entries(read(projectDirectory, stack).config).filter(([key]) => key.startsWith(prefix));
    const { config } = read(this.#program, this.#options.stack);
    this.edit(`Pulumi.${this.#options.stack}.yaml`, () =>
      stringify({ config: { ...config, ...Object.fromEntries(borrowed) } }).replaceAll(
        EMULATOR,
        this.#options.endpoint,
      ),
    );
  }

  /** What `pulumi` on a command line would need in its environment to see the stack. */
  get env(): Readonly<Record<string, string>> {
    return {
      PULUMI_BACKEND_URL: pathToFileURL(join(this.#home, "state")).href,
      PULUMI_HOME: join(this.#home, "pulumi"),
      PULUMI_CONFIG_PASSPHRASE: "",
      PULUMI_SKIP_UPDATE_CHECK: "true",
      PULUMI_DISABLE_AUTOMATIC_PLUGIN_ACQUISITION: "true",
      // S3 Control puts the account before the host, and that name need not resolve: the emulator stands in as proxy.
      HTTP_PROXY: this.#options.endpoint.replace("localhost", "127.0.0.1"),
    };
  }

  preview(): Promise<Operation> {
    return this.#operate((stack, onEvent) => stack.preview({ onEvent, color: "never" }));
  }

  /** What `pulumi preview --json` prints on a command line. */
  async previewJson(): Promise<string> {
    const stack = await this.#selected();
    // The Automation API has no option for it, and says of what runs the command line only that it is there.
    const cli = stack.workspace.pulumiCommand as unknown as {
      run: (args: readonly string[], ...rest: unknown[]) => unknown;
    };
    const run = cli.run.bind(cli);
    cli.run = (args, ...rest) => run([...args, "--json"], ...rest);
    try {
      return (await stack.preview()).stdout;
    } finally {
      cli.run = run;
    }
  }

  /** A preview that a policy pack watches: what it says of which rule. Rejects where a mandatory one is broken. */
  async previewWithPolicies(pack: string, config?: string): Promise<readonly PolicyViolation[]> {
    const violations: PolicyViolation[] = [];
    await this.#operate((stack) =>
      stack.preview({
        policyPacks: [pack],
        ...(config !== undefined && { policyPackConfigs: [config] }),
        color: "never",
        onEvent: ({ policyEvent }) => {
          if (policyEvent === undefined) return;
          const { policyName, enforcementLevel, message, resourceUrn = "" } = policyEvent;
          violations.push({ policyName, enforcementLevel, message, name: resourceUrn.split("::").at(-1) ?? "" });
        },
      }),
    );
    return violations;
  }

  up(): Promise<Operation> {
    return this.#operate((stack, onEvent) => stack.up({ onEvent, color: "never" }));
  }

  refresh(): Promise<Operation> {
    return this.#operate((stack, onEvent) => stack.refresh({ onEvent, color: "never" }));
  }

  destroy(): Promise<Operation> {
    return this.#operate((stack, onEvent) => stack.destroy({ onEvent, color: "never" }));
  }

  async outputs(): Promise<Outputs> {
    const outputs = await (await this.#selected()).outputs();
    return Object.fromEntries(Object.entries(outputs).map(([name, { value }]) => [name, String(value)]));
  }

  /** What the engine's state says that there is, by URN. */
  async resources(): Promise<readonly string[]> {
    const state = await (await this.#selected()).exportStack();
    const { resources = [] } = state.deployment as { resources?: { urn: string }[] };
    return resources.map(({ urn }) => urn);
  }

  /** A key may lead into a list or an object: `simulatedScenarios[0].match`. */
  async setConfig(values: Readonly<Record<string, string>>): Promise<void> {
    const stack = await this.#selected();
    const config = Object.fromEntries(Object.entries(values).map(([key, value]) => [key, { value }]));
    await stack.setAllConfig(config, true);
  }

  /** Forgets the state and the copy; what is deployed stays. */
  remove(): void {
    rmSync(this.#home, { recursive: true, force: true });
  }

  async #operate(run: (stack: Stack, onEvent: (event: EngineEvent) => void) => Promise<unknown>): Promise<Operation> {
    const stack = await this.#selected();
    const changes: Partial<Record<OpType, number>> = {};
    const steps: ResourceStep[] = [];
    const warnings: string[] = [];
    await run(stack, ({ resourcePreEvent, diagnosticEvent, summaryEvent }) => {
      if (resourcePreEvent !== undefined && !["same", "read"].includes(resourcePreEvent.metadata.op)) {
        const { op, type, urn, detailedDiff, diffs } = resourcePreEvent.metadata;
        const diff = Object.keys(detailedDiff ?? {});
        steps.push({ op, type, name: urn.split("::").at(-1) ?? urn, diff: diff.length > 0 ? diff : (diffs ?? []) });
      }
      if (diagnosticEvent?.severity === "warning") warnings.push(diagnosticEvent.message.trim());
      if (summaryEvent !== undefined) Object.assign(changes, summaryEvent.resourceChanges);
    });
    return { changes, steps, warnings };
  }

  async #selected(): Promise<Stack> {
    if (this.#stack !== undefined) return this.#stack;
    const { stack, config = {}, example = "glue-pipeline" } = this.#options;
    this.#stack = await LocalWorkspace.createOrSelectStack(
      { stackName: stack, projectName: example, program: () => this.#evaluate() },
      { workDir: this.#program, envVars: this.env },
    );
    await this.setConfig(config);
    return this.#stack;
  }

  /** As `pulumi up` does: the program anew each time, and its exports are the stack's outputs. */
  async #evaluate(): Promise<Record<string, unknown>> {
    const program = pathToFileURL(join(this.#program, "index.ts"));
    program.searchParams.set("evaluation", String(++this.#evaluations));
    return { ...((await import(program.href)) as Record<string, unknown>) };
  }

  /** Pulumi's folder is the test's own, but for the plugins that the machine has. */
  #lendPlugins(): void {
    const plugins = join(process.env.PULUMI_HOME ?? join(homedir(), ".pulumi"), "plugins");
    mkdirSync(join(this.#home, "pulumi"));
    if (existsSync(plugins)) symlinkSync(plugins, join(this.#home, "pulumi", "plugins"));
  }
}
