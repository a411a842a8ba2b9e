/** What one execution takes at the most. */
export interface BatchLimits {
  readonly maxFiles: number;
  /** Bytes of its files together; a larger file goes alone. */
  readonly maxBytes: number;
}

/** Groups files in the order in which they came: each batch takes files until the next one would be too many. */
export function planBatches<File extends { readonly size: number }>(
  files: readonly File[],
  { maxFiles, maxBytes }: BatchLimits,
): readonly (readonly File[])[] {
  const batches: File[][] = [];
  let current: File[] = [];
  let bytes = 0;
  for (const file of files) {
    if (current.length > 0 && (current.length >= maxFiles || bytes + file.size > maxBytes)) {
      batches.push(current);
      current = [];
      bytes = 0;
    }
    current.push(file);
    bytes += file.size;
  }
  return current.length === 0 ? batches : [...batches, current];
}
