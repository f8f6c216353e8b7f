/** A2–A6, A11, A12: every card that the service showed during the run. */
import { type Check, failed, passed, skipped, type Verdict } from '../check.ts';
import type { Target } from '../target.ts';
import { cardsSaid, isObject, isText, judgePlaces, listOf, members, type Place } from './asking.ts';

const noCard = 'no service showed a card: give a real request with --request';

export const placesOf = async (target: Target): Promise<readonly Place[]> =>
  (await cardsSaid(target)).map(({ where, card, exchange }) => ({ where, value: card, exchange }));

type Complaint = (place: Place) => string | undefined;

const eachCard =
  (wrong: Complaint) =>
  async (target: Target): Promise<Verdict> =>
    judgePlaces(await placesOf(target), wrong, noCard);

/** Cards that have this member. */
const eachCardWith =
  (name: string, wrong: Complaint) =>
  async (target: Target): Promise<Verdict> => {
    const places = (await placesOf(target)).filter(({ value }) => value[name] !== undefined);
    return judgePlaces(places, wrong, `no card has ${name}`);
  };

const eachSource =
  (wrong: Complaint, name?: string) =>
  async (target: Target): Promise<Verdict> => {
    const sources = (await placesOf(target)).map(({ where, value, exchange }) => ({
      where: `${where}.source`,
      value: isObject(value.source) ? value.source : {},
      exchange,
    }));
    const judged = name === undefined ? sources : sources.filter(({ value }) => value[name] !== undefined);
    return judgePlaces(judged, wrong, sources.length === 0 ? noCard : `no source has a ${name}`);
  };

const eachLink =
  (wrong: Complaint, name?: string) =>
  async (target: Target): Promise<Verdict> => {
    const links = members(await placesOf(target), 'links');
    const judged = name === undefined ? links : links.filter(({ value }) => value[name] !== undefined);
    return judgePlaces(judged, wrong, links.length === 0 ? 'no card has a link' : `no link has ${name}`);
  };

export const isAbsoluteUrl = (value: unknown): boolean =>
  typeof value === 'string' && /^[a-z][a-z0-9+.-]*:/i.test(value) && URL.canParse(value);

const maxSummary = 140;

function wrongSummary({ value: { summary } }: Place): string | undefined {
  if (!isText(summary)) return 'has no summary';
  const length = [...summary].length;
  return length < maxSummary ? undefined : `has a summary of ${length} characters`;
}

/** Raw HTML that Markdown would hand through; a `<br>` shows as a line break and no more. */
const html = /<(?!br\s*\/?>|https?:|mailto:)\/?[a-z!][^>]*>/i;

function outsideCode(markdown: string): string {
  return markdown.replaceAll(/```[\s\S]*?```|`[^`\n]*`/g, '').replaceAll(/\\</g, '');
}

async function namesAreUnique(target: Target): Promise<Verdict> {
  const named = (await placesOf(target)).filter(({ value }) => value.uuid !== undefined);
  const seen = new Set<unknown>();
  for (const { where, value } of named) {
    if (!isText(value.uuid)) return failed(`${where} has a uuid that is no text`);
    if (seen.has(value.uuid)) return failed(`${where} has the uuid of another card`);
    seen.add(value.uuid);
  }
  return named.length === 0 ? skipped('no card has a uuid') : passed;
}

const uuid = /^(urn:uuid:)?[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i;
const isCoding = (value: unknown): boolean => isObject(value) && isText(value.code);

function wrongReasons({ value }: Place): string | undefined {
  const reasons = listOf(value.overrideReasons).filter(isObject);
  const lacking = ['code', 'system', 'display'].find((name) =>
    reasons.some((reason) => !isText(reason[name])),
  );
  if (reasons.length === 0) return 'has overrideReasons without a reason';
  return lacking === undefined ? undefined : `has an override reason without ${lacking}`;
}

function wrongLink({ value }: Place): string | undefined {
  if (!isText(value.label)) return 'has no label';
  if (!isAbsoluteUrl(value.url)) return 'has no absolute url';
  return value.type === 'absolute' || value.type === 'smart'
    ? undefined
    : 'has another type than absolute or smart';
}

/** Fetches each icon once. */
async function iconsAreRight(target: Target): Promise<Verdict> {
  const sources = (await placesOf(target)).map(({ value }) =>
    isObject(value.source) ? value.source.icon : undefined,
  );
  const icons = new Set(sources.filter((icon) => isAbsoluteUrl(icon)).map(String));
  for (const icon of icons) {
    const complaint = await wrongIcon(icon);
    if (complaint !== undefined) return failed(`an icon ${complaint}`);
  }
  return icons.size === 0 ? skipped('no source has an icon') : passed;
}

async function wrongIcon(url: string): Promise<string | undefined> {
  const bytes = await fetch(url, { signal: AbortSignal.timeout(5_000) })
    .then(async (response) => (response.ok ? Buffer.from(await response.arrayBuffer()) : undefined))
    .catch(() => undefined);
  if (bytes === undefined) return 'cannot be fetched';
  if (bytes.length < 33 || bytes.readUInt32BE(0) !== 0x89504e47) return 'is no PNG';
  if (bytes.readUInt32BE(16) !== 100 || bytes.readUInt32BE(20) !== 100) return 'is not 100 × 100';
  const hasAlpha = [4, 6].includes(bytes.readUInt8(25)) || bytes.includes('tRNS');
  return hasAlpha ? 'has transparency' : undefined;
}

const attributes = 'CDS Hooks 2.0, Card Attributes';
const source = 'CDS Hooks 2.0, Source';

export const cardChecks: readonly Check[] = [
  {
    id: 'A2',
    rule: 'summary is there and has fewer than 140 characters.',
    strength: 'SHALL',
    source: `${attributes}; R83`,
    run: eachCard(wrongSummary),
  },
  {
    id: 'A2-line',
    rule: 'summary is one line.',
    strength: 'SHOULD',
    source: `${attributes}: one sentence; R83`,
    run: eachCard(({ value }) =>
      /[\r\n]/.test(String(value.summary)) ? 'has a summary of several lines' : undefined,
    ),
  },
  {
    id: 'A3',
    rule: 'indicator is info, warning or critical.',
    strength: 'SHALL',
    source: `${attributes}; R88`,
    run: eachCard(({ value }) =>
      ['info', 'warning', 'critical'].includes(String(value.indicator)) ? undefined : 'has another indicator',
    ),
  },
  {
    id: 'A4',
    rule: 'source has a label.',
    strength: 'SHALL',
    source: `${source}; R90, R105, R106`,
    run: eachSource(({ value }) => (isText(value.label) ? undefined : 'has no label')),
  },
  ...['url', 'icon'].map(
    (name): Check => ({
      id: `A4-${name}`,
      rule: `source.${name} is an absolute URL.`,
      strength: 'SHALL',
      source: `${source}; R107-112`,
      run: eachSource(
        ({ value }) => (isAbsoluteUrl(value[name]) ? undefined : `has a relative ${name}`),
        name,
      ),
    }),
  ),
  {
    id: 'A4-topic',
    rule: 'source.topic is a Coding with a code.',
    strength: 'SHALL',
    source: `${source}; R113-116`,
    run: eachSource(
      ({ value }) => (isCoding(value.topic) ? undefined : 'has a topic that is no Coding'),
      'topic',
    ),
  },
  {
    id: 'A4-image',
    rule: 'source.icon brings a PNG of 100 × 100 pixels without transparency.',
    strength: 'SHOULD',
    source: `${source}; R110, R111`,
    run: iconsAreRight,
  },
  {
    id: 'A5',
    rule: 'detail is text.',
    strength: 'SHALL',
    source: `${attributes}; R85`,
    run: eachCardWith('detail', ({ value }) =>
      isText(value.detail) ? undefined : 'has a detail that is no text',
    ),
  },
  {
    id: 'A5-html',
    rule: 'detail holds no raw HTML.',
    strength: 'SHOULD',
    source: 'CDS Hooks 3.0, Card Attributes: caution with HTML; Argonaut security risk assessment R1',
    run: eachCardWith('detail', ({ value }) =>
      html.test(outsideCode(String(value.detail))) ? 'has HTML in its detail' : undefined,
    ),
  },
  {
    id: 'A6',
    rule: 'The uuid of a card is its own alone.',
    strength: 'SHALL',
    source: `${attributes}; R80-82`,
    run: namesAreUnique,
  },
  {
    id: 'A6-form',
    rule: 'The uuid of a card is a UUID.',
    strength: 'SHOULD',
    source: `${attributes}; R80; RFC 4122`,
    run: eachCardWith('uuid', ({ value }) =>
      uuid.test(String(value.uuid)) ? undefined : 'has a uuid that is none',
    ),
  },
  {
    id: 'A11',
    rule: 'Every override reason has code, system and display.',
    strength: 'SHALL',
    source: `${attributes}, Reasons for rejecting a card; R100, R136, R216-219`,
    run: eachCardWith('overrideReasons', wrongReasons),
  },
  {
    id: 'A12',
    rule: 'Every link has a label, an absolute url and the type absolute or smart.',
    strength: 'SHALL',
    source: 'CDS Hooks 2.0, Link; R138-143',
    run: eachLink(wrongLink),
  },
  {
    id: 'A12-context',
    rule: 'appContext is text and stands on smart links only.',
    strength: 'SHALL',
    source: 'CDS Hooks 2.0, Link; R144-146; cds-resp-3',
    run: eachLink(
      ({ value }) =>
        value.type === 'smart' && isText(value.appContext) ? undefined : 'may not have appContext',
      'appContext',
    ),
  },
  {
    id: 'A12-autolaunch',
    rule: 'autolaunchable is a boolean.',
    strength: 'SHALL',
    source: 'CDS Hooks 2.0, Link; R147',
    run: eachLink(
      ({ value }) =>
        typeof value.autolaunchable === 'boolean' ? undefined : 'has no boolean autolaunchable',
      'autolaunchable',
    ),
  },
];
