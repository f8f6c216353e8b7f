import type { Coding } from 'cds-hooks-types';
import { modelFolders, openPackages } from '../assemble.ts';
import { type Offer, offersOf } from '../card/offer.ts';
import { installSheet, type SheetService } from '../hooks/install-sheet.ts';
import { readSettings } from '../settings.ts';
import { type Command, Misuse, read, textOf } from './command.ts';

const text = { type: 'string' } as const;
const options = {
  client: text,
  'base-url': text,
  issuer: text,
  'jwks-url': text,
  'fhir-server': text,
  'client-id': text,
};

/** What an analyst types into an EHR. */
export const installSheetCommand: Command = {
  usage: `install-sheet --client <profile>   what an analyst types into that kind of EHR, as markdown
  --base-url URL          public address of this server; else BASE_URL
  --issuer, --jwks-url, --fhir-server, --client-id   what is known of the EHR; else left to fill in`,
  async run(args) {
    const { words, given } = read(args, options);
    const client = textOf(given, 'client');
    if (words.length > 0) throw new Misuse();
    const { CARDS, MODELS, VOCABULARY } = readSettings(process.env, 'start');
    const folders = MODELS === undefined ? [] : modelFolders(MODELS);
    const { profiles, services, models } = await openPackages({ CARDS, VOCABULARY, models: folders });
    try {
      const profile = profiles.get(client ?? '');
      if (profile === undefined)
        throw new Error(`--client: is none of the client profiles ${[...profiles.keys()].join(', ')}`);
      const baseUrl = textOf(given, 'base-url') ?? (process.env.BASE_URL || '<base url>');
      if (!/^https?:\/\/|^<base url>$/.test(baseUrl))
        throw new Error('--base-url: is not a URL such as https://auscult.example');
      const known = {
        issuer: 'issuer',
        jwksUrl: 'jwks-url',
        fhirServer: 'fhir-server',
        clientId: 'client-id',
      };
      const told = Object.entries(known).map(([name, option]) => [name, textOf(given, option)]);
      const installation = Object.fromEntries(told.filter(([, value]) => value !== undefined));
      process.stdout.write(
        installSheet(profile, [...offersOf(services.values()).values()].map(sheetService), {
          baseUrl: baseUrl.replace(/\/+$/, ''),
          ...installation,
        }),
      );
      return 0;
    } finally {
      await models.close();
    }
  },
};

/** Topics and override reasons of everything the offer may say, each once. */
export function sheetService(offer: Offer): SheetService {
  const topics = offer.services.flatMap(({ cards }) => cards.map(({ source }) => source.topic));
  const reasons = offer.services.flatMap(({ shared }) => shared.overrideReasons);
  return { ...offer, topics: eachOnce(topics), overrideReasons: eachOnce(reasons) };
}

const eachOnce = (codings: readonly Coding[]): readonly Coding[] => [
  ...new Map(codings.map((coding) => [`${coding.system}|${coding.code}`, coding])).values(),
];
