/** A list or an object of the config as single settings: `{ "scenarios[0].match": "*" }`. */
export const settingsOf = (path: string, value: unknown): Readonly<Record<string, string>> => {
  if (typeof value !== "object" || value === null) return { [path]: String(value) };
  const children = Array.isArray(value)
    ? value.map((item: unknown, index) => settingsOf(`${path}[${index}]`, item))
    : Object.entries(value).map(([key, item]) => settingsOf(`${path}.${key}`, item));
  return Object.assign({}, ...children) as Readonly<Record<string, string>>;
};
