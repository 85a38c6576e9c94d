import { execFile } from 'node:child_process';

export interface Result {
  exitCode: number;
  /** What it wrote to both streams. */
  output: string;
}

/** Runs a command to its end, whatever that is. */
export const run = (command: string, args: string[], cwd: string): Promise<Result> =>
  new Promise((settle) => {
    execFile(command, args, { cwd, maxBuffer: 1e8 }, (error, stdout, stderr) => {
      const exitCode = error === null ? 0 : typeof error.code === 'number' ? error.code : 1;
      settle({ exitCode, output: stdout + stderr });
    });
  });

/** Runs a command that must succeed, and gives what it wrote to standard output. */
export const succeed = (command: string, args: string[], cwd: string): Promise<string> =>
  new Promise((resolve, reject) => {
    execFile(command, args, { cwd, maxBuffer: 1e8 }, (error, stdout, stderr) => {
      if (error === null) resolve(stdout);
      else reject(new Error(`${command} ${args.join(' ')} failed:\n${stdout}${stderr}`));
    });
  });
