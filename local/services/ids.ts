/** Identifiers that look random and come out the same for the same seed. */
export interface Ids {
  /** Uniform in [0, 1). */
  random(): number;
  hex(digits: number): string;
  uuid(): string;
}

export const createIds = (seed: number): Ids => {
  const next = sfc32(seed);
  const hex = (digits: number): string => {
    let text = "";
    while (text.length < digits) text += next().toString(16).padStart(8, "0");
    return text.slice(0, digits);
  };
  return {
    random: () => next() / 2 ** 32,
    hex,
    uuid: () => {
      const digits = hex(32);
      const variant = "89ab"[Number.parseInt(digits.charAt(16), 16) & 3] ?? "8";
      return [
        digits.slice(0, 8),
        digits.slice(8, 12),
        `4${digits.slice(13, 16)}`,
        `${variant}${digits.slice(17, 20)}`,
        digits.slice(20),
      ].join("-");
    },
  };
};

/** Small fast counter: a generator of 32-bit numbers with 128 bits of state. */
const sfc32 = (seed: number): (() => number) => {
  let a = seed | 0;
  let b = Math.trunc(seed / 2 ** 32) | 0;
  let c = 0x9e3779b9 | 0;
  let counter = 1;
  const next = (): number => {
    const sum = (a + b + counter) | 0;
    counter = (counter + 1) | 0;
    a = b ^ (b >>> 9);
    b = (c + (c << 3)) | 0;
    c = (((c << 21) | (c >>> 11)) + sum) | 0;
    return sum >>> 0;
  };
  // The first numbers still show the seed.
  for (let round = 0; round < 15; round++) next();
  return next;
};
