/**
 * Makes `orders.csv`, the sample that `npm start` processes: `npx tsx samples/make-orders.ts`.
 *
 * Everything in it is invented. The same seed gives the same bytes.
 */
import { writeFileSync } from "node:fs";
import { fileURLToPath } from "node:url";

const SEED = 20_260_101;
const GOOD_ROWS = 10_000;

const COLUMNS = ["order_id", "ordered_at", "customer", "city", "product", "quantity", "unit_price", "note"];

const FIRST_NAMES = ["Ana", "Björn", "Chloé", "Dũng", "Eva", "Fatma", "Goran", "Hana", "Ivo", "Jörg", "Łukasz", "Zoë"];
const LAST_NAMES = ["Åberg", "Costa", "Doğan", "Fischer", "García", "Novák", "O'Neill", "Rossi", "Sørensen", "Tanaka"];
const CITIES = ["Bergen", "Brno", "Ghent", "Kraków", "Lyon", "Málaga", "Porto", "Turin", "Zürich", "東京"];
const NOTES = [
  "gift, please wrap",
  'ring at "Hinterhof"',
  "leave with the neighbour,\nsecond floor",
  "call before delivery ☎",
  'the 3" bolts, not the 4"',
  "merci 😀",
];
/** Name and price in cents. */
const PRODUCTS: readonly (readonly [string, number])[] = [
  ["Desk lamp", 3_490],
  ["Notebook, A5", 690],
  ['Monitor 27"', 24_900],
  ["Café press", 2_950],
  ["Bolt set", 1_275],
  ["Wool blanket", 5_900],
  ["Tea, loose", 845],
];

/** Rows that no table takes: one is cut off, one has a comma too many, one goes on after a closing quote. */
const MALFORMED_ROWS: ReadonlyMap<number, string> = new Map([
  [2_500, "10001,2026-02-03T09:15:00Z,Eva Costa,Porto"],
  [5_000, "10002,2026-03-07T18:40:00Z,Ivo Novák,Brno,Tea, loose,2,8.45,"],
  [7_500, '10003,2026-04-11T11:05:00Z,"Hana" Rossi,Turin,Bolt set,1,12.75,'],
]);

/** The sample's content. */
export function makeOrders(seed: number = SEED): string {
  const random = randomFrom(seed);
  const lines = [COLUMNS.join(",")];
  for (let order = 1; order <= GOOD_ROWS; order++) {
    lines.push(makeOrder(order, random).map(field).join(","));
    const malformed = MALFORMED_ROWS.get(order);
    if (malformed !== undefined) lines.push(malformed);
  }
  return `${lines.join("\n")}\n`;
}

function makeOrder(order: number, random: () => number): string[] {
  const orderedAt = new Date(Date.UTC(2026, 0, 1) + order * 1_560_000 + Math.floor(random() * 1_500) * 1_000);
  const [product, cents] = pick(PRODUCTS, random);
  return [
    String(order),
    orderedAt.toISOString().replace(".000", ""),
    `${pick(FIRST_NAMES, random)} ${pick(LAST_NAMES, random)}`,
    pick(CITIES, random),
    product,
    String(1 + Math.floor(random() ** 3 * 12)),
    (cents / 100).toFixed(2),
    random() < 0.1 ? pick(NOTES, random) : "",
  ];
}

function pick<T>(choices: readonly T[], random: () => number): T {
  const choice = choices[Math.floor(random() * choices.length)];
  if (choice === undefined) throw new RangeError("nothing to pick from");
  return choice;
}

function field(text: string): string {
  return /[",\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
}

/** Numbers from 0 to 1: a linear congruential generator with the constants of Numerical Recipes. */
function randomFrom(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    return state / 2 ** 32;
  };
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  writeFileSync(new URL("orders.csv", import.meta.url), makeOrders());
}
