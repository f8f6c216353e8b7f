/** docs/registrations.md is what an integration engineer copies from: it must be true. */
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { fields, parseRegistrations } from '../../src/hooks/registration.ts';
import { attacks } from './tokens/index.ts';
import { profiles } from './tokens/world.ts';

const page = readFileSync(new URL('../../docs/registrations.md', import.meta.url), 'utf8');
const section = (title: string): string => page.split(/^## /m).find((text) => text.startsWith(title)) ?? '';
/** Code names in the first column of a section's table. */
const rows = (title: string): readonly string[] =>
  [...section(title).matchAll(/^\| ((?:`[\w-]+`(?:, )?)+) \|/gm)].flatMap(([, names = '']) =>
    [...names.matchAll(/`([\w-]+)`/g)].map(([, name = '']) => name),
  );

describe('the page on registrations', () => {
  const examples = [...page.matchAll(/```json\n([\s\S]*?)```/g)].map(([, json = '']) => json);

  it('has an example for each situation, and each is taken as it stands', () => {
    assert.equal(examples.length, 5);
    for (const example of examples) assert.ok(parseRegistrations(example, profiles).length > 0);
  });

  it('lists exactly the fields there are', () => {
    assert.deepEqual(rows('Fields').toSorted(), [...Object.keys(fields), 'profile'].toSorted());
  });

  it('explains every reason for which a hostile token is refused', () => {
    const explained = new Set(rows('What a token must be'));
    assert.deepEqual(
      attacks.map(({ refusal }) => refusal).filter((refusal) => !explained.has(refusal)),
      [],
    );
  });
});
