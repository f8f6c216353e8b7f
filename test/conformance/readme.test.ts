/** The package's page says what the code does. `README=write` writes the parts that are made from code. */
import assert from 'node:assert/strict';
import { readFileSync, writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { conformance, usage } from '../../src/conformance/cli.ts';
import { hostileChecks } from '../../src/conformance/hostile/index.ts';
import { startStubFhirServer } from '../../src/conformance/stub-fhir-server.ts';
import { startFaultyService } from './faulty-service.ts';

const page = fileURLToPath(new URL('../../src/conformance/README.md', import.meta.url));

async function output(...args: readonly string[]): Promise<string> {
  const out: string[] = [];
  await conformance(args, { out: (text) => void out.push(text), err: (text) => void out.push(text) });
  return out.join('');
}

/** The part between `<!-- name -->` and `<!-- /name -->`. */
function holds(name: string, content: string): void {
  const text = readFileSync(page, 'utf8');
  const part = new RegExp(`(<!-- ${name} -->\n)[\\s\\S]*?(<!-- /${name} -->)`);
  const made = text.replace(part, (_, open: string, close: string) => `${open}\n${content}\n${close}`);
  if (process.env.README === 'write') writeFileSync(page, made);
  assert.equal(
    readFileSync(page, 'utf8'),
    made,
    `${name}: README=write npx mocha test/conformance/readme.test.ts`,
  );
}

const families: Readonly<Record<string, string>> = {
  jwt: 'tokens: algorithms, keys, claims, where a token may stand, reuse',
  ssrf: 'addresses that lead the service, or its token, somewhere else',
  patient: 'data of another patient among the right ones',
  body: 'bodies: JSON, encodings, sizes, depth, framing',
};

describe('conformance: the README', () => {
  it('lists every rule that is checked', async () => {
    holds('rules', await output('--list'));
  });

  it('counts what a hostile caller tries', () => {
    const names = [...new Set(hostileChecks.map(({ id }) => id.replace(/-.*/, '')))];
    assert.deepEqual(names.toSorted(), Object.keys(families).toSorted());
    const rows = Object.entries(families).map(([name, what]) => {
      const count = hostileChecks.filter(({ id }) => id.startsWith(`${name}-`)).length;
      return `| \`${name}-…\` | ${count} | ${what} |\n`;
    });
    holds('hostile', `| ids | checks | |\n| --- | --- | --- |\n${rows.join('')}`);
  });

  it('shows a real report', async () => {
    const free = await startStubFhirServer();
    await free.close();
    const faults = new Set(['summary-of-140', 'guesses-after-500']);
    const service = await startFaultyService(faults, { fhirServers: [free.base] });
    const only = 'A2,Q7,K3';
    const report = await output(service.url, `--fhir-server=${free.base}`, '--only', only);
    await service.close();
    const command = `$ npx cds-hooks-conformance http://localhost:3000 --fhir-server --only ${only}`;
    const shown = report.trimEnd().replaceAll(service.url, 'http://localhost:3000');
    holds('sample', `\`\`\`\n${command}\n${shown}\n\`\`\`\n`);
  });

  it('names only options that there are', () => {
    const named = [...readFileSync(page, 'utf8').matchAll(/--[a-z][a-z-]+/g)].map(([option]) => option);
    assert.deepEqual(
      named.filter((option) => !usage.includes(option)),
      [],
    );
  });
});
