/** Writes decisions and uses tokens until it is killed; prints an id only after it was acknowledged. */
import { newDecisionId } from '../../src/ledger/id.ts';
import { createKeyring } from '../../src/ledger/seal.ts';
import { openStorage } from '../../src/ledger/storage.ts';
import { decision } from '../smart-app/decision-fixture.ts';

const [, , path = '', key = '', databaseUrl] = process.argv;
const { ledger, usedTokens } = await openStorage({
  path,
  keys: createKeyring(key),
  ...(databaseUrl === undefined ? {} : { databaseUrl }),
});
for (;;) {
  const ids = Array.from({ length: 4 }, newDecisionId);
  await Promise.all(
    ids.map((id) => ledger.record({ ...decision, decidedAt: new Date().toISOString(), id, cards: [] })),
  );
  await Promise.all(ids.map((id) => usedTokens.useOnce('writer', id, 2e9, 1e9)));
  process.stdout.write(`${ids.join('\n')}\n`);
}
