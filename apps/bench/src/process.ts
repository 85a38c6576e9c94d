import { existsSync, readFileSync, readdirSync } from 'node:fs';

const ticksPerSecond = 100;

/** User and system time of a process so far, all its threads included. */
export function cpuSeconds(pid: number): number {
  const stat = readFileSync(`/proc/${pid}/stat`, 'utf8');
  // Behind the name, which may hold blanks; utime and stime are the 14th and 15th field.
  const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
  return (Number(fields[11]) + Number(fields[12])) / ticksPerSecond;
}

export interface Memory {
  rssMb: number;
  /** What the process has for itself alone. */
  privateMb: number;
}

export function memory(pid: number): Memory {
  const text = readFileSync(`/proc/${pid}/smaps_rollup`, 'utf8');
  const mb = (name: string) => Number(RegExp(`^${name}:\\s+(\\d+)`, 'm').exec(text)?.[1]) / 1024;
  return { rssMb: mb('Rss'), privateMb: mb('Private_Clean') + mb('Private_Dirty') };
}

export const openHandles = (pid: number): number => readdirSync(`/proc/${pid}/fd`).length;

/** Watches the memory of a process until it is told to stop; gives the peaks. */
export function watchMemory(pid: number): () => Memory {
  const peak = memory(pid);
  const look = (): void => {
    if (!existsSync(`/proc/${pid}/smaps_rollup`)) return;
    const { rssMb, privateMb } = memory(pid);
    peak.rssMb = Math.max(peak.rssMb, rssMb);
    peak.privateMb = Math.max(peak.privateMb, privateMb);
  };
  const timer = setInterval(look, 250);
  return () => {
    clearInterval(timer);
    look();
    return peak;
  };
}
