// Seals a package after a reviewed change: `node training/seal.ts <model-id>`, or a folder such as
// `fixtures/models/<id>`. Also writes models/*.schema.json, the manifests' grammars for editors.
import { writeFile } from 'node:fs/promises';
import { basename, resolve } from 'node:path';
import { manifestJsonSchema } from '../src/inference/manifest.ts';
import { networkJsonSchema } from '../src/inference/network-manifest.ts';
import { ModelPackageError } from '../src/inference/package.ts';
import { sealPackage } from '../src/inference/seal.ts';

const models = resolve(import.meta.dirname, '..', 'models');
const named = process.argv[2] ?? '';
const folder = named.includes('/') ? resolve(named) : resolve(models, named);
const id = basename(folder);
if (named === '' || !/^[a-z][a-z0-9-]*$/.test(id)) {
  console.error('usage: node training/seal.ts <model-id or folder>');
  process.exit(2);
}
for (const [name, schema] of [
  ['manifest', manifestJsonSchema()],
  ['network', networkJsonSchema()],
]) {
  await writeFile(resolve(models, `${name}.schema.json`), `${JSON.stringify(schema, null, 2)}\n`);
}
try {
  console.log(`${id} ${await sealPackage(folder)}`);
} catch (thrown) {
  if (!(thrown instanceof ModelPackageError)) throw thrown;
  console.error(thrown.message);
  process.exitCode = 1;
}
