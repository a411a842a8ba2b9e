import { readScope, type Box, type DrawOptions, type Scope } from "./scope.ts";

/** State machines as a flowchart in Mermaid, which GitHub draws where it stands in a README. */
export function mermaidOf(definitions: Readonly<Record<string, unknown>>, options: DrawOptions): string {
  const machines = Object.entries(definitions).map(
    ([name, definition]) => [name, readScope(definition, options)] as const,
  );
  const drawing = new Drawing();
  for (const [name, scope] of machines) {
    if (machines.length === 1) drawing.machine(scope);
    else
      drawing.group(name, () => {
        drawing.machine(scope);
      });
  }
  return ["flowchart TD", ...drawing.lines, ...styles(drawing)].join("\n");
}

const styles = ({ jobs }: Drawing): readonly string[] =>
  jobs.length === 0 ? [] : ["  classDef job stroke-width:3px", `  class ${jobs.join(",")} job`];

class Drawing {
  readonly lines: string[] = [];
  readonly jobs: string[] = [];
  #ids = 0;
  #depth = 1;

  machine(scope: Scope): void {
    const begin = this.#id();
    this.#line(`${begin}(( ))`);
    const start = this.#scope(scope);
    this.#line(`${begin} --> ${start}`);
  }

  group(title: string, draw: () => void): string {
    const id = this.#id();
    this.#line(`subgraph ${id}[${quoted(title)}]`);
    this.#depth++;
    this.#line("direction TB");
    draw();
    this.#depth--;
    this.#line("end");
    return id;
  }

  /** Gives the id of what it begins with. */
  #scope({ start, boxes, edges }: Scope): string {
    const ids = new Map(boxes.map((box) => [box.key, this.#box(box)]));
    const idOf = (key: string): string => ids.get(key) ?? "";
    for (const { from, to, label, isFailure } of edges) {
      const arrow = isFailure ? "-.->" : "-->";
      const text = isFailure ? '|"failed"|' : label === undefined ? "" : `|${quoted(label)}|`;
      this.#line(`${idOf(from)} ${arrow}${text} ${idOf(to)}`);
    }
    return idOf(start);
  }

  #box({ title, note, shape, inner }: Box): string {
    if (inner.length > 0) {
      return this.group(note === undefined ? title : `${title}: ${note}`, () => {
        for (const scope of inner) this.#scope(scope);
      });
    }
    const id = this.#id();
    const [open, close] = SHAPES[shape];
    const text = quoted(title).slice(1, -1) + (note === undefined ? "" : `<br>${quoted(note).slice(1, -1)}`);
    this.#line(`${id}${open}"${text}"${close}`);
    if (shape === "job") this.jobs.push(id);
    return id;
  }

  #id(): string {
    return `s${this.#ids++}`;
  }

  #line(text: string): void {
    this.lines.push(`${"  ".repeat(this.#depth)}${text}`);
  }
}

const SHAPES: Readonly<Record<Box["shape"], readonly [string, string]>> = {
  job: ["[[", "]]"],
  task: ["[", "]"],
  choice: ["{", "}"],
  wait: ["(", ")"],
  end: ["([", "])"],
};

const ENTITIES: Readonly<Record<string, string>> = {
  '"': "#quot;",
  "#": "#35;",
  "<": "#lt;",
  ">": "#gt;",
  "`": "#96;",
};

/** Text that Mermaid takes for nothing else. */
const quoted = (text: string): string =>
  `"${text.replace(/["#<>`]/g, (character) => ENTITIES[character] ?? character)}"`;
