import { modelFolders, openPackages } from '../assemble.ts';
import type { Deps } from '../call.ts';
import { offersOf } from '../card/offer.ts';
import { Fault } from '../errors.ts';
import { evaluateLine } from '../evaluate.ts';
import { defaultProfile, profileOf } from '../hooks/profile.ts';
import { createMemoryLedger } from '../ledger/memory.ts';
import { readSettings } from '../settings.ts';
import { type Command, onlyWord, read } from './command.ts';
import { lines, print } from './lines.ts';

/** One service, without a server: hook requests in, outcomes out. */
export const evaluate: Command = {
  usage: 'evaluate <service-id>   hook requests as JSON lines on stdin, one outcome a line',
  async run(args) {
    const id = onlyWord(read(args).words);
    const settings = readSettings(process.env, 'start');
    const { services, profiles, ...packages } = await openPackages({
      ...settings,
      models: modelFolders(settings.MODELS),
    });
    try {
      const offer = offersOf(services.values()).get(id);
      if (offer === undefined) throw new Fault('unknown-service', [id]);
      const profile = profileOf(profiles, defaultProfile);
      const deps: Deps = {
        ...packages,
        settings,
        clock: () => settings.CLOCK ?? new Date(),
        ledger: createMemoryLedger(),
        readerFor: () => undefined,
        mayShow: () => true,
        appUrl: `${settings.BASE_URL ?? 'http://localhost:3000'}/app/launch`,
      };
      for await (const line of lines()) print(await evaluateLine(line, offer, profile, deps));
      return 0;
    } finally {
      await packages.models.close();
    }
  },
};
