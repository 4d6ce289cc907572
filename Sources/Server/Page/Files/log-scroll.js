// Where in an output one is: a line, by its offset, and how far it is scrolled out above.
//
// The height of all of it is a guess, and may be beyond what a browser can scroll. So small steps of the scroll bar move by
// their pixels, large ones by the share of the whole, and when it rests the bar is put where the place is.

export const TALLEST = 6_000_000;

export class Place {
  constructor() {
    this.offset = 0;
    this.pixels = 0;
  }

  /** Moves by pixels through lines whose heights are known by asking. Returns what was left at an end. */
  move(pixels, lines, heightOf) {
    let at = this.find(lines);
    if (at < 0) return pixels;
    let left = this.pixels + pixels;
    while (left < 0 && at > 0) {
      at -= 1;
      left += heightOf(lines[at]);
    }
    for (let height = heightOf(lines[at]); left >= height && at < lines.length - 1; height = heightOf(lines[at])) {
      left -= height;
      at += 1;
    }
    this.offset = lines[at].offset;
    this.pixels = Math.max(0, at === lines.length - 1 ? Math.min(left, heightOf(lines[at]) - 1) : left);
    return left < 0 ? left : 0;
  }

  /** The index of the line that the place is in. */
  find(lines) {
    let [low, high] = [0, lines.length];
    while (low < high) {
      const middle = (low + high) >> 1;
      if (lines[middle].offset <= this.offset) low = middle + 1;
      else high = middle;
    }
    return Math.max(lines.length ? 0 : -1, low - 1);
  }
}

/** The height of the whole, for lines of about that height. */
export function wholeHeight(lines, height, seen) {
  return Math.max(seen, Math.min(TALLEST, Math.ceil(lines * height)));
}
