import type { LandedFile } from "../execution-input.ts";
import type { DirectSettings } from "./settings.ts";

/** Why a file is unfit for the job, in the words of the state machine's Validate; nothing for one that is fit. */
export function rejectionReason(
  { key, size }: Pick<LandedFile, "key" | "size">,
  { extensions, minFileBytes, maxFileBytes }: DirectSettings["validation"],
): string | undefined {
  if (size === 0) return "it is empty";
  const endings = extensions.map((extension) => `.${extension.toLowerCase()}`);
  const name = key.toLowerCase();
  if (endings.length > 0 && !endings.some((ending) => name.endsWith(ending))) {
    return `its name must end in ${endings.join(" or ")}`;
  }
  if (size < minFileBytes) return `its size, ${size} bytes, is below the minimum of ${minFileBytes}`;
  if (size > maxFileBytes) return `its size, ${size} bytes, is over the maximum of ${maxFileBytes}`;
  return undefined;
}
