import { inParallel } from "../upload.ts";
import type { Sender } from "./senders.ts";
import type { BackfillState } from "./state.ts";
import { selectedPages, type Source } from "./survey.ts";
import type { TokenBucket } from "./token-bucket.ts";
import type { LandedVersion, ListPosition } from "./versions.ts";

export interface SendArgs {
  readonly source: Source;
  readonly sender: Sender;
  readonly tokens: TokenBucket;
  /** Called whenever everything up to the state's position has been taken. */
  readonly onSent: (state: BackfillState) => void;
}

/**
 * Sends what is left, in the order of the listing, and tells how far it has got once all before has been taken: whatever
 * is sent again after an interruption had been sent since.
 */
export async function sendFrom(
  begun: BackfillState,
  { source, sender, tokens, onSent }: SendArgs,
): Promise<BackfillState> {
  let state = begun;
  const left = (source.limit ?? Infinity) - state.sent;
  const advance = (sent: Partial<BackfillState>, after: ListPosition | undefined): void => {
    state = { ...state, ...sent, ...(after !== undefined && { after }) };
    onSent(state);
  };
  if (left <= 0) return state;
  for await (const { files, next } of selectedPages(source, left, state.after)) {
    for (const window of piecesOf(files, sender.pieces * sender.parallel)) {
      if (source.isStopped()) return state;
      const { files: taken, already } = await sendWindow(window, sender, tokens, source.isStopped);
      const bytes = taken.reduce((sum, { size }) => sum + size, 0);
      advance(
        { sent: state.sent + taken.length, sentBytes: state.sentBytes + bytes, already: state.already + already },
        positionOf(taken),
      );
    }
    if (source.isStopped()) return state;
    if (next !== undefined && state.sent - begun.sent < left) advance({}, next);
  }
  return state;
}

/** All versions of the last key are behind it: the latest one comes first. */
function positionOf(window: readonly LandedVersion[]): ListPosition | undefined {
  const last = window.at(-1);
  return last === undefined ? undefined : { key: last.key };
}

interface Window {
  /** The first of them, without a gap: what was sent behind one that was not is sent again. */
  readonly files: readonly LandedVersion[];
  readonly already: number;
}

async function sendWindow(
  window: readonly LandedVersion[],
  sender: Sender,
  tokens: TokenBucket,
  isStopped: () => boolean,
): Promise<Window> {
  const pieces = piecesOf(window, sender.pieces).map((files) => ({ files, already: 0, isSent: false }));
  const failures: unknown[] = [];
  await inParallel(pieces, sender.parallel, async (piece) => {
    if (failures.length > 0) return;
    try {
      await tokens.take(piece.files.length);
      // Nobody waits for the rate any more: nothing may go that has not gone.
      if (isStopped()) return;
      piece.already = (await sender.send(piece.files)).already;
      piece.isSent = true;
    } catch (error) {
      // Thrown once all have ended: nothing goes on unseen.
      failures.push(error);
    }
  });
  if (failures.length > 0) throw failures[0];
  const gap = pieces.findIndex(({ isSent }) => !isSent);
  const sent = gap < 0 ? pieces : pieces.slice(0, gap);
  return {
    files: sent.flatMap(({ files }) => files),
    already: sent.reduce((sum, { already }) => sum + already, 0),
  };
}

function piecesOf<Item>(items: readonly Item[], size: number): readonly (readonly Item[])[] {
  return Array.from({ length: Math.ceil(items.length / size) }, (_, index) =>
    items.slice(index * size, (index + 1) * size),
  );
}
