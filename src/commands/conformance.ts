import { conformance } from '../conformance/cli.ts';
import type { Command } from './command.ts';

/** The kit, a package of its own, reads its own options. */
export const conformanceCommand: Command = {
  usage:
    'conformance <base-url>  is this CDS Hooks service right, and safe? Its own --help lists the options',
  run: (args) =>
    conformance(args, {
      out: (text) => void process.stdout.write(text),
      err: (text) => void process.stderr.write(text),
    }),
};
