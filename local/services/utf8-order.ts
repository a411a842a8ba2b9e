/**
 * JavaScript orders texts by UTF-16 units, in which surrogates come before the characters from U+E000 on; AWS orders
 * them by their UTF-8 bytes. Of two texts moved here, the one whose bytes come first is the lesser.
 */
export const toUtf8Order = (text: string): string => shift(text, (unit) => (unit >= 0xe000 ? -0x800 : 0x2000));

/** The text that was moved. */
export const fromUtf8Order = (text: string): string => shift(text, (unit) => (unit >= 0xf800 ? -0x2000 : 0x800));

const shift = (text: string, by: (unit: number) => number): string =>
  /[\uD800-\uFFFF]/.test(text)
    ? text.replace(/[\uD800-\uFFFF]/g, (character) => {
        const unit = character.charCodeAt(0);
        return String.fromCharCode(unit + by(unit));
      })
    : text;
