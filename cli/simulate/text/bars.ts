const FULL = "█";
const PARTS = ["", "▏", "▎", "▍", "▌", "▋", "▊", "▉"];

/** A share from 0 to 1 as a bar, to an eighth of a column; what is there at all shows. */
export const bar = (share: number, columns: number): string => {
  const eighths = Math.max(share > 0 ? 1 : 0, Math.round(Math.min(1, share) * columns * 8));
  return FULL.repeat(Math.floor(eighths / 8)) + (PARTS[eighths % 8] ?? "");
};
