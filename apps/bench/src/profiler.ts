import { readFileSync } from 'node:fs';
import { SourceMap, type SourceMapPayload, type SourceMapping } from 'node:module';
import { fileURLToPath } from 'node:url';
import type { Inspector } from './inspector.ts';

interface CallFrame {
  functionName: string;
  url: string;
  lineNumber: number;
  columnNumber: number;
}
interface Profile {
  nodes: { id: number; callFrame: CallFrame }[];
  samples: number[];
  timeDeltas: number[];
}

const samplingMicroseconds = 500;

/** @see https://chromedevtools.github.io/devtools-protocol/v8/Profiler/ */
export const profilerOf = ({ ask }: Inspector) => ({
  async start(): Promise<void> {
    await ask('Profiler.enable');
    await ask('Profiler.setSamplingInterval', { interval: samplingMicroseconds });
    await ask('Profiler.start');
  },
  async stop(): Promise<Profile> {
    return ((await ask('Profiler.stop')) as { profile: Profile }).profile;
  },
});

const maps = new Map<string, SourceMap | undefined>();
const mapOf = (url: string): SourceMap | undefined => {
  if (maps.has(url)) return maps.get(url);
  let map: SourceMap | undefined;
  try {
    const text = readFileSync(`${fileURLToPath(url)}.map`, 'utf8');
    map = new SourceMap(JSON.parse(text) as SourceMapPayload);
  } catch {
    // Code that is not from a bundle is its own source.
  }
  maps.set(url, map);
  return map;
};

/** The file that a function was written in. */
const sourceOf = ({ url, lineNumber, columnNumber }: CallFrame): string => {
  const map = url.startsWith('file:') ? mapOf(url) : undefined;
  const entry: Partial<SourceMapping> | undefined = map?.findEntry(lineNumber, columnNumber);
  return entry?.originalSource ?? url;
};

/** Where it belongs: a package of npm, one of ours, Node, or what is written in C++. */
const packageOf = (frame: CallFrame): string => {
  const source = sourceOf(frame);
  const installed = /.*node_modules\/((?:@[^/]+\/)?[^/]+)/.exec(source)?.[1];
  if (installed) return installed;
  const own = /(?:packages|apps)\/([\w-]+)\//.exec(source)?.[1];
  if (own) return `@typedo/${own}`;
  if (source.startsWith('node:')) return `node: ${source.slice('node:'.length).split('/').at(-1)}`;
  if (source.includes('src/')) return '@typedo/server';
  return frame.functionName.startsWith('(') ? frame.functionName : 'native';
};

/** Time at the top of the stack by what `nameOf` says of a function, the dearest first. */
function sumBy(profile: Profile, nameOf: (frame: CallFrame) => string): [string, number][] {
  const frames = new Map(profile.nodes.map(({ id, callFrame }) => [id, callFrame]));
  const names = new Map([...frames].map(([id, frame]) => [id, nameOf(frame)]));
  const times = new Map<string, number>();
  for (const [n, id] of profile.samples.entries()) {
    const name = names.get(id) ?? '';
    times.set(name, (times.get(name) ?? 0) + (profile.timeDeltas[n] ?? 0));
  }
  times.delete('(idle)');
  return [...times].toSorted(([, a], [, b]) => b - a);
}

/** µs of the profile by package, and by function. */
export const summarize = (profile: Profile) => ({
  packages: sumBy(profile, packageOf),
  functions: sumBy(profile, (frame) => {
    const { functionName } = frame;
    return functionName.startsWith('(') ? functionName : `${functionName} ${packageOf(frame)}`;
  }),
});
