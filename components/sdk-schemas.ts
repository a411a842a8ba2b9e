const textConstants = /^const (\w+) = ("[^"\\]*");$/gm;

/**
 * Source of an SDK client's schemas, with names written out where a constant stands for them: `{ [_k]: v }` becomes
 * `{ "key": v }`. A bundler keeps an object with a computed key, used or not, because computing a key could do something;
 * without computed keys it can drop the schemas that nothing refers to. What the module exports stays the same.
 */
export const withPlainKeys = (source: string): string => {
  const texts = new Map([...source.matchAll(textConstants)].map(([, name, text]) => [name, text]));
  return source.replace(/([{,]\s*)\[(\w+)\]:/g, (computed, before: string, name: string) => {
    const text = texts.get(name);
    return text === undefined ? computed : `${before}${text}:`;
  });
};
