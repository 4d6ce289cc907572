// Two texts side by side, line by line: what both have, what one has alone.

/** Numbers and ids that differ from run to run do not make lines differ: they are compared without. */
export function shapeOf(line) {
  return line.replace(/0x[0-9a-f]+|\b[0-9a-f]{8,}\b|\d+/gi, '#').trimEnd();
}

/** `[{ kind: 'same' | 'left' | 'right' | 'changed', left, right }]`, by the longest common row of lines. */
export function compare(left, right) {
  const [a, b] = [left.map(shapeOf), right.map(shapeOf)];
  let start = 0;
  while (start < a.length && start < b.length && a[start] === b[start]) start += 1;
  const rows = [];
  for (let i = 0; i < start; i += 1) rows.push({ kind: 'same', left: left[i], right: right[i] });
  const lengths = table(a, b, start);
  let [i, j] = [start, start];
  while (i < a.length || j < b.length) {
    if (i < a.length && j < b.length && a[i] === b[j]) {
      rows.push({ kind: 'same', left: left[i++], right: right[j++] });
    } else if (j >= b.length || (i < a.length && lengths[i + 1 - start][j - start] >= lengths[i - start][j + 1 - start])) {
      rows.push({ kind: 'left', left: left[i++], right: null });
    } else {
      rows.push({ kind: 'right', left: null, right: right[j++] });
    }
  }
  return rows;
}

function table(a, b, start) {
  const [n, m] = [a.length - start, b.length - start];
  const lengths = Array.from({ length: n + 1 }, () => new Uint16Array(m + 1));
  for (let i = n - 1; i >= 0; i -= 1) {
    for (let j = m - 1; j >= 0; j -= 1) {
      lengths[i][j] = a[start + i] === b[start + j] ? lengths[i + 1][j + 1] + 1 : Math.max(lengths[i + 1][j], lengths[i][j + 1]);
    }
  }
  return lengths;
}

/** Runs of more than `around` same lines become `{ kind: 'gap', count }`. */
export function folded(rows, around = 2) {
  const near = rows.map(() => false);
  rows.forEach((row, index) => {
    if (row.kind === 'same') return;
    for (let i = Math.max(0, index - around); i <= Math.min(rows.length - 1, index + around); i += 1) near[i] = true;
  });
  const result = [];
  rows.forEach((row, index) => {
    if (near[index]) result.push(row);
    else if (result.at(-1)?.kind === 'gap') result.at(-1).count += 1;
    else result.push({ kind: 'gap', count: 1 });
  });
  return result;
}
