#!/usr/bin/env node
import { conformance } from './cli.ts';

process.exitCode = await conformance(process.argv.slice(2), {
  out: (text) => void process.stdout.write(text),
  err: (text) => void process.stderr.write(text),
});
