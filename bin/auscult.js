#!/usr/bin/env node
// Runs the command line on Node 24, whatever Node called us: the binary comes with the optional
// dependency node-<os>-<cpu>, locked and without an install script. Plain JavaScript, so that an old
// Node can still read it.
import { spawn } from 'node:child_process';
import { createRequire } from 'node:module';
import { isatty } from 'node:tty';
import { fileURLToPath } from 'node:url';

const required = 24;
// A young generation of 8 MB instead of 16: what is read at the start leaves much garbage, which would stay resident
// (package.json's scripts say the same to a Node that needs no other in its place).
const smallHeap = '--max-semi-space-size=8';
const cli = new URL('../src/cli.ts', import.meta.url);

function bundledNode() {
  const os = process.platform === 'win32' ? 'win' : process.platform;
  const name = `node-${os}-${process.arch}`;
  try {
    const manifest = createRequire(import.meta.url).resolve(`${name}/package.json`);
    return fileURLToPath(new URL(os === 'win' ? 'bin/node.exe' : 'bin/node', `file://${manifest}`));
  } catch {
    return undefined;
  }
}

if (Number(process.versions.node.split('.')[0]) >= required) {
  await import(cli.href);
} else {
  const node = bundledNode();
  if (node === undefined) {
    console.error(
      `auscult needs Node ${required} or newer; this is ${process.version} and no bundled Node fits this machine.`,
    );
    process.exit(1);
  }
  runAs(node);
}

// The other Node in our place: it gets our signals, and we end as it ends.
function runAs(node) {
  const child = spawn(node, [smallHeap, fileURLToPath(cli), ...process.argv.slice(2)], { stdio: 'inherit' });
  // A terminal sends Ctrl-C to both of us; a second one would cut its drain short.
  process.on('SIGINT', () => isatty(0) || child.kill('SIGINT'));
  for (const signal of ['SIGTERM', 'SIGHUP']) process.on(signal, () => child.kill(signal));
  child.once('error', (error) => {
    console.error(`auscult: ${node} does not start: ${error.message}`);
    process.exit(1);
  });
  child.once('exit', (code, signal) => {
    if (signal === null) process.exit(code);
    process.removeAllListeners(signal);
    process.kill(process.pid, signal);
  });
}
