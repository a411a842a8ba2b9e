const SHAPES = [
  /^\[\["[^"]*"\]\]$/,
  /^\(\["[^"]*"\]\)$/,
  /^\["[^"]*"\]$/,
  /^\{"[^"]*"\}$/,
  /^\("[^"]*"\)$/,
  /^\(\( \)\)$/,
];

/** What is wrong with a flowchart, as far as this project draws them: Mermaid's own parser wants a browser. */
export const mermaidProblems = (text: string): readonly string[] => {
  const [head = "", ...lines] = text.split("\n");
  const known = new Set<string>();
  const used = new Set<string>();
  const open: string[] = [];
  const problems = /^flowchart (TD|LR)$/.test(head) ? [] : [`begins with "${head}"`];
  for (const line of lines) {
    const problem = problemOf(line.trim(), known, used, open);
    if (problem) problems.push(line);
  }
  if (open.length > 0) problems.push(`${open.length} subgraphs are not ended`);
  return [...problems, ...[...used].filter((id) => !known.has(id)).map((id) => `there is no ${id}`)];
};

const problemOf = (line: string, known: Set<string>, used: Set<string>, open: string[]): boolean => {
  const [, box, title] = /^subgraph (\w+)(\["[^"]+"\])$/.exec(line) ?? [];
  const [, from, to] = /^(\w+) (?:-->|-\.->)(?:\|"[^"]+"\|)? (\w+)$/.exec(line) ?? [];
  const [, id, shape] = /^(\w+)([[({].*)$/.exec(line) ?? [];
  const [, members] = /^class ([\w,]+) \w+$/.exec(line) ?? [];
  if (box !== undefined && title !== undefined) {
    open.push(box);
    known.add(box);
    return false;
  }
  if (line === "end") return open.pop() === undefined;
  if (line === "direction TB") return open.length === 0;
  if (from !== undefined && to !== undefined) {
    used.add(from).add(to);
    return false;
  }
  if (id !== undefined && shape !== undefined) {
    if (known.has(id)) return true;
    known.add(id);
    return !SHAPES.some((allowed) => allowed.test(shape));
  }
  if (members !== undefined) {
    for (const member of members.split(",")) used.add(member);
    return false;
  }
  return !/^classDef \w+ [\w:;-]+$/.test(line);
};
