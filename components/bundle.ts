import * as esbuild from "esbuild";
import * as pulumi from "@pulumi/pulumi";
import { readFile, stat } from "node:fs/promises";
import { basename, relative, resolve, sep } from "node:path";
import { fileURLToPath } from "node:url";
import { withPlainKeys } from "./sdk-schemas.ts";

const projectRoot = fileURLToPath(new URL("..", import.meta.url));

const lambdaCredentials = fileURLToPath(new URL("../functions/clients/lambda-credentials.ts", import.meta.url));

/** A handler module, bundled for Lambda. */
export interface Bundle {
  readonly code: pulumi.asset.AssetArchive;
  /** `<file>.handler`, as Lambda wants it. */
  readonly handler: string;
}

/**
 * Bundles a handler with the SDK clients that it uses: a tree-shaken client starts faster than the runtime's own, and
 * emulators have none. Nothing in the result depends on the machine or the time, so an unchanged handler is an unchanged
 * function. The first line names the module: it is how the embedded cloud finds what to run.
 */
export const bundleHandler = (entry: URL): Bundle => {
  const file = fileURLToPath(entry);
  const name = basename(file, ".ts");
  return {
    // All functions are bundled at the same time, and while the rest of the program runs.
    code: new pulumi.asset.AssetArchive({ [`${name}.js`]: new pulumi.asset.StringAsset(bundle(file)) }),
    handler: `${name}.handler`,
  };
};

interface Bundled {
  readonly text: string;
  /** When each of its files was written, by its path. */
  readonly written: ReadonlyMap<string, number>;
}

/**
 * Stages' functions share their modules, and programs that are evaluated in one process their functions: each is bundled
 * once, and again when one of its files has changed.
 */
const bundles = new Map<string, Promise<Bundled>>();

const bundle = async (file: string): Promise<string> => {
  const begun = bundles.get(file);
  if (begun !== undefined) {
    const { text, written } = await begun;
    const now = await Promise.all([...written.keys()].map(writtenAt));
    if ([...written.values()].every((time, index) => time === now[index])) return text;
  }
  // Another may have found the same in the meantime.
  const last = bundles.get(file);
  const next = last === begun || last === undefined ? bundleNow(file) : last;
  bundles.set(file, next);
  next.catch(() => bundles.delete(file));
  return (await next).text;
};

/** NaN, which nothing equals, where there is no such file any more. */
const writtenAt = (path: string): Promise<number> =>
  stat(path).then(
    ({ mtimeMs }) => mtimeMs,
    () => NaN,
  );

const bundleNow = (file: string): Promise<Bundled> =>
  new Promise((resolve, reject) => {
    waiting.push({ file, resolve, reject });
    // All that a program asks for in one go is there by then.
    if (waiting.length === 1) setImmediate(() => void bundleWaiting());
  });

interface Waiting {
  readonly file: string;
  readonly resolve: (bundled: Bundled) => void;
  readonly reject: (reason: unknown) => void;
}

let waiting: Waiting[] = [];

/** In one build, which reads what the functions share once: that takes half as long as a build for each. */
const bundleWaiting = async (): Promise<void> => {
  const asked = waiting;
  waiting = [];
  try {
    const bundled = await bundleAll(asked.map(({ file }) => file));
    for (const { file, resolve, reject } of asked) {
      const found = bundled.get(file);
      if (found === undefined) reject(new Error(`${file} has no bundle`));
      else resolve(found);
    }
  } catch (error) {
    const [first, ...others] = asked;
    if (others.length === 0) first?.reject(error);
    // Each has an error of its own, or none.
    else await Promise.all(asked.map(({ file, resolve, reject }) => bundleAlone(file).then(resolve, reject)));
  }
};

const bundleAlone = async (file: string): Promise<Bundled> => {
  const bundled = (await bundleAll([file])).get(file);
  if (bundled === undefined) throw new Error(`${file} has no bundle`);
  return bundled;
};

const bundleAll = async (files: readonly string[]): Promise<ReadonlyMap<string, Bundled>> => {
  const { outputFiles, metafile } = await esbuild.build({
    absWorkingDir: projectRoot,
    entryPoints: files.map((file, index) => ({ in: file, out: String(index) })),
    outdir: "bundles",
    bundle: true,
    write: false,
    metafile: true,
    platform: "node",
    target: "node20",
    format: "cjs",
    minify: true,
    keepNames: true,
    mainFields: ["module", "main"],
    alias: { "@aws-sdk/credential-provider-node": lambdaCredentials },
    plugins: [usedSchemasOnly],
    legalComments: "none",
    logLevel: "silent",
  });
  const texts = new Map(outputFiles.map(({ path, text }) => [basename(path), text]));
  const entries = files.map(async (file, index): Promise<readonly [string, Bundled]> => {
    const entry = metafile.outputs[`bundles/${index}.js`]?.entryPoint ?? "";
    const paths = [...importedFrom(entry, metafile)].map((path) => resolve(projectRoot, path));
    const written = await Promise.all(paths.map(async (path) => [path, await writtenAt(path)] as const));
    const banner = `// handler: ${relative(projectRoot, file).split(sep).join("/")}`;
    return [file, { text: `${banner}\n${texts.get(`${index}.js`) ?? ""}`, written: new Map(written) }];
  });
  return new Map(await Promise.all(entries));
};

/** A module with all that it imports, those included of which nothing is left in the bundle. */
const importedFrom = (entry: string, { inputs }: esbuild.Metafile): ReadonlySet<string> => {
  const found = new Set([entry]);
  // A set is gone through to its end, what is added meanwhile included.
  for (const path of found) {
    for (const imported of inputs[path]?.imports ?? []) if (imported.external !== true) found.add(imported.path);
  }
  return found;
};

/** Leaves out the schemas of the operations that the handler does not call. */
const usedSchemasOnly: esbuild.Plugin = {
  name: "used-schemas-only",
  setup: (build) => {
    build.onLoad({ filter: /@aws-sdk[\\/]client-.*[\\/]schemas_\d+\.js$/ }, async ({ path }) => ({
      contents: withPlainKeys(await readFile(path, "utf8")),
      loader: "js",
    }));
  },
};
