import { expect } from "chai";
import { readFileSync } from "node:fs";

interface Lock {
  readonly packages: Readonly<Record<string, Locked>>;
}

interface Locked {
  readonly integrity?: string;
  readonly resolved?: string;
  readonly dependencies?: Readonly<Record<string, string>>;
  readonly optionalDependencies?: Readonly<Record<string, string>>;
}

const { packages } = JSON.parse(readFileSync(new URL("../../package-lock.json", import.meta.url), "utf8")) as Lock;

/** Whether a package in this place finds the other one, as Node looks for it: from folder to folder upwards. */
const finds = (path: string, name: string): boolean => {
  if (`${path === "" ? "" : `${path}/`}node_modules/${name}` in packages) return true;
  return path !== "" && finds(path.slice(0, Math.max(0, path.lastIndexOf("node_modules/") - 1)), name);
};

describe("package-lock.json", () => {
  // npm leaves out what the registry could not give while the file was written, and `npm ci` then refuses the file.
  it("has every package that another one asks for, those for other machines included", () => {
    const missing = Object.entries(packages).flatMap(([path, { dependencies, optionalDependencies }]) =>
      Object.keys({ ...dependencies, ...optionalDependencies })
        .filter((name) => !finds(path, name))
        .map((name) => `${path} wants ${name}`),
    );
    expect(missing).to.deep.equal([]);
  });

  it("is tied to contents and not to a registry", () => {
    const others = Object.entries(packages).filter(([path]) => path !== "");
    expect(others.filter(([, { integrity }]) => integrity === undefined)).to.deep.equal([]);
    expect(others.filter(([, { resolved }]) => resolved !== undefined)).to.deep.equal([]);
  });
});
