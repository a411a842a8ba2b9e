import * as esbuild from "esbuild";
import * as pulumi from "@pulumi/pulumi";
import { readFile } from "node:fs/promises";
import { basename, relative, sep } from "node:path";
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

/** Stages' functions share their modules: each is bundled once for all that want it at the same time. */
const bundling = new Map<string, Promise<string>>();

const bundle = (file: string): Promise<string> => {
  const begun = bundling.get(file) ?? bundleNow(file).finally(() => bundling.delete(file));
  bundling.set(file, begun);
  return begun;
};

const bundleNow = async (file: string): Promise<string> => {
  const { outputFiles } = await esbuild.build({
    absWorkingDir: projectRoot,
    entryPoints: [file],
    bundle: true,
    write: false,
    platform: "node",
    target: "node20",
    format: "cjs",
    minify: true,
    keepNames: true,
    mainFields: ["module", "main"],
    alias: { "@aws-sdk/credential-provider-node": lambdaCredentials },
    plugins: [usedSchemasOnly],
    legalComments: "none",
    banner: { js: `// handler: ${relative(projectRoot, file).split(sep).join("/")}` },
    logLevel: "silent",
  });
  return outputFiles.map((output) => output.text).join("\n");
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
