/** Writes decisions until it is killed; prints an id only after its record was acknowledged. */
import { newDecisionId } from '../../src/ledger/id.ts';
import { createKeyring } from '../../src/ledger/seal.ts';
import { openSqliteLedger } from '../../src/ledger/sqlite.ts';
import { decision } from '../smart-app/decision-fixture.ts';

const [, , path = '', key = ''] = process.argv;
const ledger = openSqliteLedger({ path, keys: createKeyring(key) });
for (;;) {
  const ids = Array.from({ length: 4 }, newDecisionId);
  await Promise.all(ids.map((id) => ledger.record({ ...decision, id, cards: [] })));
  process.stdout.write(`${ids.join('\n')}\n`);
}
