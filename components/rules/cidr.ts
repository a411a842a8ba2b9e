/** What a VPC's block must be, where it is not. */
export const cidrProblem = (text: string): string | undefined => {
  const [matched, ...numbers] = /^(\d{1,3})\.(\d{1,3})\.(\d{1,3})\.(\d{1,3})\/(\d{1,2})$/.exec(text) ?? [];
  const [a = 0, b = 0, c = 0, d = 0, prefix = 0] = numbers.map(Number);
  if (matched === undefined || [a, b, c, d].some((part) => part > 255)) {
    return "an IPv4 block such as 10.0.0.0/16";
  }
  if (prefix < 16 || prefix > 28) return "a block from /16 to /28: AWS takes no other for a VPC";
  if (a === 0 || a === 127 || a >= 224 || (a === 169 && b === 254)) {
    return "a private block such as 10.0.0.0/16: the addresses of 0.0.0.0/8, 127.0.0.0/8, 169.254.0.0/16 and from 224.0.0.0 on are no network's";
  }
  const address = ((a * 256 + b) * 256 + c) * 256 + d;
  const start = address - (address % addressesOf(prefix));
  if (start === address) return undefined;
  const bytes = [24, 16, 8, 0].map((shift) => Math.floor(start / 2 ** shift) % 256);
  return `the start of its block, ${bytes.join(".")}/${prefix}`;
};

export const addressesOf = (prefix: number): number => 2 ** (32 - prefix);

/** The prefix of a private subnet, where the block is shared evenly between zones, and in each with a public one. */
export const subnetPrefix = (cidrBlock: string, zones: number, isShared: boolean): number =>
  Number(cidrBlock.split("/")[1]) + Math.ceil(Math.log2(zones)) + (isShared ? 1 : 0);
