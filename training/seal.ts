// Seals a model package after a reviewed change: `node training/seal.ts <model-id>`.
// Also writes models/manifest.schema.json, the manifest's grammar for editors.
import { writeFile } from 'node:fs/promises';
import { resolve } from 'node:path';
import { manifestJsonSchema } from '../src/inference/manifest.ts';
import { sealPackage } from '../src/inference/seal.ts';

const models = resolve(import.meta.dirname, '..', 'models');
const id = process.argv[2];
if (id === undefined || !/^[a-z][a-z0-9-]*$/.test(id)) {
  console.error('usage: node training/seal.ts <model-id>');
  process.exit(2);
}
await writeFile(resolve(models, 'manifest.schema.json'), `${JSON.stringify(manifestJsonSchema(), null, 2)}\n`);
console.log(`${id} ${await sealPackage(resolve(models, id))}`);
