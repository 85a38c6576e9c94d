/** How many letters must be typed anew to make one word of another. */
function distance(a: string, b: string): number {
  let row = Array.from({ length: b.length + 1 }, (_, index) => index);
  for (const [i, letter] of a.split('').entries()) {
    const next = [i + 1];
    for (const [j, other] of b.split('').entries()) {
      const replaced = (row[j] ?? 0) + (letter === other ? 0 : 1);
      next.push(Math.min(replaced, (row[j + 1] ?? 0) + 1, (next[j] ?? 0) + 1));
    }
    row = next;
  }
  return row.at(-1) ?? 0;
}

const mostTypos = 3;

/** The word that was meant by one that is mistyped; undefined when none is near. */
export const nearest = (typed: string, words: string[]): string | undefined =>
  words
    .map((word) => ({ word, typos: distance(typed.toLowerCase(), word.toLowerCase()) }))
    .filter(({ typos }) => typos <= mostTypos)
    .toSorted((a, b) => a.typos - b.typos)[0]?.word;
