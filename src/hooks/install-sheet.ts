import type { Coding } from 'cds-hooks-types';
import type { DiscoverableService } from './discovery.ts';
import { tokensOf } from './prefetch-rules.ts';
import type { ClientProfile } from './profile.ts';

/** What the sheet says of a service. */
export interface SheetService extends DiscoverableService {
  /** What its cards may name as their topic. */
  readonly topics: readonly Coding[];
  readonly overrideReasons: readonly Coding[];
}

/** Where this installation is and what is known of the other side; what is not given stands as `<…>`, to be filled in. */
export interface Installation {
  /** Public address, without a trailing slash. */
  readonly baseUrl: string;
  /** Launch address of the app. Default `<baseUrl>/app/launch`. */
  readonly appUrl?: string;
  /** `iss` of the client's JWTs. */
  readonly issuer?: string;
  /** Address of the client's JWK Set. */
  readonly jwksUrl?: string;
  /** The client's FHIR base. */
  readonly fhirServer?: string;
  /** The app's client id at the client's authorization server. */
  readonly clientId?: string;
}

/**
 * What an analyst types into one kind of client so that it calls these services: markdown that reads as plain
 * text. Addresses, prefetch rows, codes and resources follow from the services, the rest from the profile.
 */
export function installSheet(
  profile: ClientProfile,
  services: readonly SheetService[],
  installation: Installation,
): string {
  const { sheet, sources } = profile;
  const unverified = sources.filter(({ status }) => status === 'unverified');
  const sections: readonly (readonly string[])[] = [
    ['Client profile', `\`${profile.id}\`, CDS Hooks ${profile.spec}.`, baseText(installation)],
    ['Steps', list(sheet.steps.map((step, at) => `${at + 1}. ${step}`))],
    [
      'Services',
      ...services.map((service) => serviceText(service, profile, installation)),
      discoveryText(profile, installation),
    ],
    ['FHIR resources to be readable', bullets(resourceTypes(services))],
    ['Trust', trustText(profile, services, installation), registrationText(profile, installation)],
    ['Feedback', bullets(services.map(({ id }) => `\`${endpoint(installation, id)}/feedback\``))],
    ['SMART app', appText(installation)],
    ['Links to register', linksText(profile, installation)],
    ['Override reasons', reasonsText(profile), codesText(services, ({ overrideReasons }) => overrideReasons)],
    [
      'Topics',
      'Each card names one in `source.topic`: a client that remembers overrides remembers them by it.',
      codesText(services, ({ topics }) => topics),
    ],
    ['What we need from you', bullets(needsOf(profile))],
    ['What this client cannot do', bullets(sheet.cannot)],
    ['Not verified', bullets(unverified.map(({ fact, from }) => `${fact} (${from})`))],
  ];
  const texts = sections.map(([title, ...parts]) => [`## ${title}`, ...parts].join('\n\n'));
  return `${[`# auscult in ${profile.title}: install sheet`, ...texts].join('\n\n')}\n`;
}

const list = (lines: readonly string[]): string => lines.join('\n');
const bullets = (lines: readonly string[]): string =>
  lines.length === 0 ? 'None.' : list(lines.map((line) => `- ${line}`));

const baseText = ({ baseUrl }: Installation): string =>
  `Base address of auscult: \`${baseUrl}\`. What stands below in \`<…>\` is still to be filled in.`;

const reasonsText = ({ card }: ClientProfile): string =>
  card.overrideReasons
    ? 'Each card brings them. A client that maps them to reasons of its own maps these codes.'
    : 'This client shows none, so its cards are sent without them.';

/** Where nothing is needed, nothing is registered, and no app either. */
const needsOf = ({ sheet: { needs } }: ClientProfile): readonly string[] =>
  needs.length === 0
    ? []
    : [...needs, 'For the app: its client id there, and the origin of the pages that frame it'];

const endpoint = ({ baseUrl }: Installation, id: string): string => `${baseUrl}/cds-services/${id}`;

const discoveryText = ({ sends }: ClientProfile, { baseUrl }: Installation): string => {
  switch (sends.discovery) {
    case 'fetched':
      return `Discovery: \`${baseUrl}/cds-services\`. The client reads the rows above from there.`;
    case 'typed':
      return 'This client does not fetch discovery: each row above is typed in, and again when it changes.';
    case 'unknown':
      return `Discovery: \`${baseUrl}/cds-services\`; whether this client fetches it is not known.`;
  }
};

function serviceText(service: SheetService, profile: ClientProfile, installation: Installation): string {
  const { id, title, description, lists } = service;
  const rows = lists.map(({ key, query, required }) =>
    list([`key    ${key}${required ? '   (required)' : ''}`, `query  ${query}`]),
  );
  return [
    `### ${title} (\`${id}\`)`,
    description,
    list([
      `- Service address: \`${endpoint(installation, id)}\``,
      `- Trigger: ${triggerText(service.hook, profile)}`,
    ]),
    rows.length === 0
      ? 'No prefetch.'
      : `Prefetch, ${rows.length} rows:\n\n\`\`\`text\n${rows.join('\n\n')}\n\`\`\``,
    ...unfilled(service, profile),
  ].join('\n\n');
}

/** The hook by the client's own name for it, or that it has none. */
function triggerText(hook: string, { sends }: ClientProfile): string {
  const { trigger } = sends;
  const native = Object.entries(trigger?.values ?? {}).filter(([, { hook: meant }]) => meant === hook);
  const names = native.map(([value, { name }]) => `${name} (${value})`).join(', ');
  if (sends.hooks.some((each) => each === hook)) return `\`${hook}\`${names === '' ? '' : `: ${names}`}`;
  return names === ''
    ? `none: this client does not send \`${hook}\`, so this service stays uncalled`
    : `${names}, sent as \`${trigger?.hook}\` and read here as \`${hook}\``;
}

function unfilled({ lists }: SheetService, { sends }: ClientProfile): readonly string[] {
  const known = (name: string) =>
    sends.tokens.includes(name) || (name.startsWith('context.') && sends.tokens.includes('context.*'));
  const keys = lists.filter(({ query }) => !tokensOf(query).every(known)).map(({ key }) => key);
  return keys.length === 0
    ? []
    : [`Leave out, since this client cannot fill their tokens: ${keys.join(', ')}.`];
}

/** Those the rows ask for; orders may name a Medication that is read on its own. */
function resourceTypes(services: readonly SheetService[]): readonly string[] {
  const asked = services.flatMap(({ lists }) =>
    lists.flatMap(({ query }) => /^[A-Z][A-Za-z]+/.exec(query)?.[0] ?? []),
  );
  return [
    ...new Set(asked.flatMap((type) => (type === 'MedicationRequest' ? [type, 'Medication'] : [type]))),
  ];
}

function trustText(
  { sends, sheet: { jwt } }: ClientProfile,
  services: readonly SheetService[],
  installation: Installation,
): string {
  if (jwt === undefined) {
    return 'No JWT: calls come over mutual TLS, from a client certificate whose SHA-256 fingerprint is registered here.';
  }
  const called = services.flatMap(({ id }) => [
    endpoint(installation, id),
    `${endpoint(installation, id)}/feedback`,
  ]);
  const discovered = sends.discovery === 'typed' ? [] : [`${installation.baseUrl}/cds-services`];
  const audience = [...discovered, ...called].map((url) => `  - \`${url}\``);
  return list([
    `- Algorithm: ${jwt.alg}; header typ \`JWT\`, kid; claims iss, aud, exp, iat, jti`,
    `- Issuer (\`iss\`): ${installation.issuer ?? jwt.issuer}`,
    `- Keys: ${installation.jwksUrl ?? jwt.keys}`,
    `- Lifetime: at most ${jwt.lifetimeSeconds ?? 300} seconds; each token is used once`,
    jwt.audience === 'called-url'
      ? '- Audience (`aud`): the address that is called:'
      : '- Audience (`aud`), typed in for each address:',
    ...audience,
  ]);
}

/** What the profile says of it where that is an address, as with a client whose sites all share one; else unknown. */
const addressIn = (text: string): string | undefined => (/^https:\/\/\S+$/.test(text) ? text : undefined);

/** The entry of the REGISTRATIONS file that goes with the sheet. */
function registrationText({ id, sheet: { jwt, needs } }: ClientProfile, installation: Installation): string {
  if (needs.length === 0) return 'Our side: nothing; this client is not registered.';
  const entry = {
    id: '<a name for this client>',
    name: '<its name for people>',
    profile: id,
    ...(jwt === undefined
      ? { certificates: ['<SHA-256 fingerprint of the client certificate>'] }
      : {
          issuer: installation.issuer ?? addressIn(jwt.issuer) ?? '<iss>',
          ...(addressIn(jwt.issuer) === undefined ? {} : { tenant: '<tenant claim>' }),
          jwksUrl: installation.jwksUrl ?? addressIn(jwt.keys) ?? '<jku>',
        }),
    ...(jwt?.lifetimeSeconds === undefined ? {} : { maxTokenSeconds: jwt.lifetimeSeconds }),
    fhirServers: [installation.fhirServer ?? '<FHIR base>'],
    app: { clientId: installation.clientId ?? '<client id of the app>', origin: '<origin of its pages>' },
  };
  return `Our side, an entry of \`REGISTRATIONS\`:\n\n\`\`\`json\n${JSON.stringify(entry, null, 2)}\n\`\`\``;
}

const launchUrl = ({ baseUrl, appUrl }: Installation): string => appUrl ?? `${baseUrl}/app/launch`;

const appText = (installation: Installation): string =>
  bullets([
    `Launch address: \`${launchUrl(installation)}\``,
    `Redirect address: \`${installation.baseUrl}/app/callback\``,
    `Keys of the app (\`private_key_jwt\`, confidential client): \`${installation.baseUrl}/app/jwks.json\``,
    'Scopes: `launch patient/Patient.read` (SMART v2: `launch patient/Patient.r`)',
    'PKCE: S256, always',
  ]);

function linksText({ card: { links } }: ClientProfile, installation: Installation): string {
  const smart = `SMART: \`${launchUrl(installation)}\``;
  if (links.registered.length === 0) return `None needs to be. The one link of our cards is ${smart}.`;
  return bullets([
    ...(links.registered.includes('smart') ? [`${smart}; unregistered, it is not shown`] : []),
    ...(links.registered.includes('absolute')
      ? [`Other pages: none; our cards carry the app's link alone`]
      : []),
  ]);
}

function codesText(
  services: readonly SheetService[],
  codesOf: (service: SheetService) => readonly Coding[],
): string {
  const lines = services.flatMap((service) =>
    codesOf(service).map(
      ({ system, code, display }) => `\`${service.id}\`: \`${code}\` ${display ?? ''} (${system ?? ''})`,
    ),
  );
  return bullets(lines);
}
