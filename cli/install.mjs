import { spawn } from "node:child_process";
import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";

/** Installs what the lock file asks for, unless it is there already. False: it could not. */
export async function install(root) {
  const lock = readJson(join(root, "package-lock.json"));
  if (lock === undefined) {
    process.stderr.write("package-lock.json is missing or is not JSON: it says what to install\n");
    return false;
  }
  const missing = missingPackages(lock, readJson(join(root, "node_modules", ".package-lock.json")));
  if (missing.length === 0) return true;
  const some = missing.slice(0, 3).join(", ") + (missing.length > 3 ? ", …" : "");
  process.stderr.write(
    `Installing ${missing.length} package${missing.length === 1 ? "" : "s"} from package-lock.json (${some})\n`,
  );
  const failure = await npmCi(root);
  if (failure !== undefined)
    process.stderr.write(
      `npm ci failed (${failure}): nothing runs without these packages; npm says above what is wrong\n`,
    );
  return failure === undefined;
}

/** Packages of the lock file that are not installed, or in another version. */
function missingPackages(lock, installed) {
  return Object.entries(lock.packages ?? {})
    .filter(([path, wanted]) => {
      if (path === "") return false;
      const found = installed?.packages?.[path];
      // npm leaves out what is for other machines.
      if (found === undefined) return wanted.optional !== true && wanted.devOptional !== true;
      return found.version !== wanted.version || found.integrity !== wanted.integrity;
    })
    .map(([path]) => path.slice(path.lastIndexOf("node_modules/") + "node_modules/".length));
}

function readJson(path) {
  if (!existsSync(path)) return undefined;
  try {
    return JSON.parse(readFileSync(path, "utf8"));
  } catch {
    return undefined;
  }
}

/** Resolves with what went wrong. Standard output belongs to the command, so npm writes to standard error. */
function npmCi(root) {
  const byNpm = process.env.npm_execpath;
  const [file, args] = byNpm === undefined ? ["npm", ["ci"]] : [process.execPath, [byNpm, "ci"]];
  return new Promise((resolve) => {
    const child = spawn(file, args, {
      cwd: root,
      stdio: ["ignore", 2, 2],
      // On Windows npm is a script that only a shell can start.
      shell: byNpm === undefined && process.platform === "win32",
    });
    child.on("error", (error) => resolve(error.message));
    child.on("exit", (code, signal) => resolve(code === 0 ? undefined : `exit code ${code ?? signal}`));
  });
}
