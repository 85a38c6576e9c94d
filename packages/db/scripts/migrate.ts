import { migrate } from '../src/migrate.ts';
import { main, withDatabase } from './connection.ts';

await main(async () => {
  const applied = await withDatabase(migrate);
  console.log(
    applied.length > 0 ? `Applied: ${applied.join(', ')}` : 'The database is up to date already.',
  );
});
