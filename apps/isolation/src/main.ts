import { randomInt } from 'node:crypto';
import { parseArgs } from 'node:util';
import { manifest } from '@typedo/api';
import { createTestDatabase } from '@typedo/db/testing';
import { catalogueFindings } from '@typedo/db/catalogue';
import { startTestServer } from '@typedo/db/testing/server';
import { all, atLeast, type Figure, none, report } from '../../../scripts/figures.ts';
import { commandLine, single } from './faces.ts';
import { createRandom } from '../../../scripts/testing/markers.ts';
import { type Finding, httpFaces, type MatrixResult, nameOf, runMatrix } from './matrix.ts';
import { judge, layers, mutantsOf, plantedLeak } from './mutants.ts';
import { casesOf } from './parameters.ts';
import { startPgBouncer } from '../../../scripts/testing/pgbouncer.ts';
import { runStorm, type StormResult } from './storm.ts';
import { connect } from '../../../scripts/testing/world.ts';

const { values } = parseArgs({
  options: { full: { type: 'boolean' }, seed: { type: 'string' }, json: { type: 'string' } },
});
const seed = Number(values.seed ?? randomInt(2 ** 31));
const size = values.full
  ? { commandLineOneIn: 1, calls: 100_000, users: 100, cutEvery: 500, lockEvery: 5000 }
  : { commandLineOneIn: 32, calls: 1000, users: 12, cutEvery: 25, lockEvery: 600 };
const mutantsInSmallForm = 2;

const figures: Figure[] = [];
const tell = (part: string, findings: Finding[]): void => {
  for (const { kind, text } of findings) console.log(`${part}: ${kind}: ${text}`);
};

function addMatrix(name: string, result: MatrixResult): void {
  const { findings, compared, alike, malformed, refused, rows, changedRows, searched } = result;
  tell(name, findings);
  figures.push(
    all(`${name}, foreign and deleted ids answered as absent ones`, alike, compared),
    all(`${name}, malformed ids refused`, refused, malformed),
    none(`${name}, rows of the victim changed of ${rows}`, changedRows),
    none(`${name}, findings in ${searched} answers and log lines`, findings.length),
  );
}

function addStorm(name: string, result: StormResult): void {
  const { findings, calls, pairs, connectionsCut, transactionsTimedOut } = result;
  tell(name, findings);
  figures.push(
    atLeast(`${name}, calls of ${size.users} users`, calls, size.calls),
    atLeast(`${name}, pairs in the same tick`, pairs, size.calls / 20),
    atLeast(`${name}, connections cut`, connectionsCut, size.calls / size.cutEvery),
    atLeast(`${name}, transactions timed out`, transactionsTimedOut, 1),
    none(`${name}, foreign markers, crashes and broken calls`, findings.length),
  );
}

const server = await startTestServer();
try {
  const database = await createTestDatabase(server);
  const client = await connect(database.directUrl, 'typedo_schema');
  const catalogue = await catalogueFindings(client, new URL(database.url).username);
  for (const finding of catalogue) console.log(`catalogue: ${finding}`);
  figures.push(none('catalogue of the database, findings', catalogue.length));
  const mutants = await mutantsOf(client);
  await client.end();
  await database.drop();

  const overHttp = await runMatrix({ server, seed, faces: httpFaces });
  addMatrix('matrix over tRPC, batches and REST', overHttp);
  const parameters = casesOf(manifest).filter(({ parameter }) => parameter);
  figures.push(
    all('procedures covered', overHttp.procedures.size, manifest.procedures.length),
    all('id parameters covered', overHttp.parameters.size, new Set(parameters.map(nameOf)).size),
  );
  const faces = { CLI: commandLine };
  const oneIn = size.commandLineOneIn;
  addMatrix('matrix over the CLI', await runMatrix({ server, seed, faces, oneIn }));

  const storm = { server, seed, ...size };
  addStorm('storm', await runStorm(storm));
  addStorm('storm through PgBouncer', await runStorm({ ...storm, through: startPgBouncer }));
  const { findings } = await runStorm({ ...storm, ...plantedLeak, calls: 200, users: 4 });
  const isSeen = findings.some(({ kind }) => kind === 'leak');
  figures.push(all('storm with a planted leak, noticed', Number(isSeen), 1));

  const random = createRandom(seed);
  const some = Array.from({ length: mutantsInSmallForm }, () => random.pick(mutants));
  const judged = [plantedLeak, ...layers, ...(values.full ? mutants : some)];
  let accounted = 0;
  for (const mutant of judged) {
    const { isAsItMust, told } = await judge(mutant, { server, seed, faces: { tRPC: single } });
    if (isAsItMust) accounted += 1;
    console.log(`without ${mutant.name}: ${told}${isAsItMust ? '' : ` (must be ${mutant.must})`}`);
  }
  figures.push(all(`mutants accounted for, of ${mutants.length + 3}`, accounted, judged.length));
} finally {
  await server.stop();
}
await report(figures, { seed, file: values.json });
