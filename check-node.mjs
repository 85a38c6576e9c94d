// The first thing the repository's scripts run: whatever Node the machine has must understand it.
const wanted = '24';
const [found] = process.versions.node.split('.');
if (found !== wanted) {
  console.error(
    `Typedo's scripts run on Node ${wanted}, which comes as a dependency; this is Node ${process.versions.node}.\n` +
      'Run them by pnpm, such as `npx -y pnpm@12 start`. If you did, its install step for the package\n' +
      '`node` was not allowed to run: see allowBuilds in pnpm-workspace.yaml, then `pnpm rebuild node`.',
  );
  process.exit(1);
}
