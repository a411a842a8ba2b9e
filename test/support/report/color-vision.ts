type Triple = readonly [number, number, number];

/**
 * What becomes of linear RGB in eyes that lack one kind of cones, after Machado, Oliveira and Fernandes (2009), and in
 * eyes that have all.
 */
const VISIONS: readonly (readonly [Triple, Triple, Triple])[] = [
  [
    [1, 0, 0],
    [0, 1, 0],
    [0, 0, 1],
  ],
  [
    [0.152286, 1.052583, -0.204868],
    [0.114503, 0.786281, 0.099216],
    [-0.003882, -0.048116, 1.051998],
  ],
  [
    [0.367322, 0.860646, -0.227968],
    [0.280085, 0.672501, 0.047413],
    [-0.01182, 0.04294, 0.968881],
  ],
  [
    [1.255528, -0.076749, -0.178779],
    [-0.078411, 0.930809, 0.147602],
    [0.004733, 0.691367, 0.3039],
  ],
];

/** How far apart two colours such as `#1f6feb` are, as CIE76, for the eyes that tell them apart the least. */
export const distance = (one: string, other: string): number =>
  Math.min(
    ...VISIONS.map((vision) => {
      const [a, b] = [labOf(seenBy(vision, linear(one))), labOf(seenBy(vision, linear(other)))];
      return Math.hypot(a[0] - b[0], a[1] - b[1], a[2] - b[2]);
    }),
  );

const linear = (color: string): Triple => {
  const part = (at: number): number => {
    const share = parseInt(color.slice(at, at + 2), 16) / 255;
    return share <= 0.04045 ? share / 12.92 : ((share + 0.055) / 1.055) ** 2.4;
  };
  return [part(1), part(3), part(5)];
};

const seenBy = (vision: readonly [Triple, Triple, Triple], [r, g, b]: Triple): Triple => {
  const part = ([x, y, z]: Triple): number => Math.min(1, Math.max(0, x * r + y * g + z * b));
  return [part(vision[0]), part(vision[1]), part(vision[2])];
};

const labOf = ([r, g, b]: Triple): Triple => {
  const part = (value: number): number => (value > 0.008856 ? Math.cbrt(value) : 7.787 * value + 16 / 116);
  const x = part((0.4124 * r + 0.3576 * g + 0.1805 * b) / 0.95047);
  const y = part(0.2126 * r + 0.7152 * g + 0.0722 * b);
  const z = part((0.0193 * r + 0.1192 * g + 0.9505 * b) / 1.08883);
  return [116 * y - 16, 500 * (x - y), 200 * (y - z)];
};
