export interface Progress {
  show(done: number): void;
  /** Leaves the line to what comes next. */
  clear(): void;
}

const toStartOfLine = '\r\u001B[K';
const barWidth = 20;

/** A line on the terminal of standard error that says how far work has come; elsewhere nothing. */
export function createProgress(verb: string, total: number, isJson: boolean): Progress {
  const { stderr } = process;
  if (!stderr.isTTY || isJson) return { show() {}, clear() {} };
  return {
    show(done) {
      const filled = Math.round((done / total) * barWidth);
      const bar = '█'.repeat(filled).padEnd(barWidth, '░');
      stderr.write(`${toStartOfLine}${bar} ${verb} ${done} of ${total}`);
    },
    clear: () => void stderr.write(toStartOfLine),
  };
}
