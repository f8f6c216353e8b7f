/** Broken requests: refused in time, in FHIR’s own words, without repeating them; and nothing else suffers. */
import { type Check, failed, passed, skipped, type Verdict, verdict } from '../check.ts';
import { cardsOf, isObject, said } from '../rules/asking.ts';
import type { Answer, Target } from '../target.ts';
import { type BodyAttack, marker, stageOf } from './body-attack.ts';
import { envelopeAttacks } from './body-envelope.ts';
import { jsonAttacks } from './body-json.ts';
import { smugglingAttacks } from './body-smuggling.ts';
import { transportAttacks } from './body-transport.ts';
import { groundOf, harmDone, leakIn } from './ground.ts';
import type { RawAnswer } from './raw-http.ts';

const attacks: readonly BodyAttack[] = [
  ...jsonAttacks,
  ...envelopeAttacks,
  ...transportAttacks,
  ...smugglingAttacks,
];

async function tryBody(target: Target, attack: BodyAttack): Promise<Verdict> {
  const ground = await groundOf(target);
  if (typeof ground === 'string') return skipped(ground);
  const answer = await attack.send(stageOf(target, ground));
  const complaint = judge(answer, attack) ?? (await harmDone(target, ground));
  return complaint === undefined ? passed : failed(complaint);
}

function judge(answer: Answer | RawAnswer, attack: BodyAttack): string | undefined {
  const { status } = answer;
  if ('answers' in answer && answer.answers > 1) return `${answer.answers} answers came to one request`;
  if (status === 0)
    return isClosed(answer) ? undefined : `no answer and no end within ${Math.round(answer.ms / 1000)} s`;
  if (status >= 500 && !attack.orElse?.includes(status)) return said(status);
  if (status < 400 && !(attack.open && status === 200)) return said(status);
  const unsafe = attack.unsafe?.test(cardText(answer));
  return unsafe ? 'it stands on a card as it was sent' : leakIn(answer, marker);
}

/** The kit's own client says 0 for a broken connection and for one that took too long. */
const isClosed = (answer: Answer | RawAnswer): boolean =>
  'closed' in answer ? answer.closed : answer.ms < 9_500;

const cardText = (answer: Answer): string => cardsOf(answer).map(textIn).join('\n');

/** Every text of a card that a person would read; what actions carry is FHIR data. */
function textIn(card: unknown): string {
  return (
    JSON.stringify(card, (name, value: unknown) => (name === 'resource' ? undefined : value))?.replaceAll(
      '\\\\',
      '\\',
    ) ?? ''
  );
}

/** A refusal of the service itself is an OperationOutcome. */
async function inFhir(target: Target): Promise<Verdict> {
  const ground = await groundOf(target);
  if (typeof ground === 'string') return skipped(ground);
  const stage = stageOf(target, ground);
  for (const attack of attacks.filter(({ transport }) => transport !== true)) {
    const { status, json } = await attack.send(stage);
    if (status < 400 || status >= 500) continue;
    const isOutcome = isObject(json) && json.resourceType === 'OperationOutcome' && Array.isArray(json.issue);
    if (!isOutcome) return failed(`${attack.id}: ${status} without an OperationOutcome`);
  }
  return passed;
}

/** Many callers that go away in the middle of a request cost the others nothing. */
async function survivesDesertion(target: Target): Promise<Verdict> {
  const ground = await groundOf(target);
  if (typeof ground === 'string') return skipped(ground);
  const deserter = attacks.find(({ id }) => id === 'body-89');
  const stage = stageOf(target, ground);
  await Promise.all(Array.from({ length: 20 }, () => deserter?.send(stage)));
  const harm = await harmDone(target, ground);
  return verdict(harm === undefined, harm ?? '');
}

export const bodyChecks: readonly Check[] = [
  ...attacks.map((attack): Check => {
    const { id, rule, source, strength = 'practice' } = attack;
    return { id, rule, source, strength, run: (target) => tryBody(target, attack) };
  }),
  {
    id: 'body-123',
    rule: 'Every refusal of the service itself is an OperationOutcome.',
    strength: 'SHOULD',
    source: 'CDS Hooks 3.0, Returning OperationOutcome',
    run: inFhir,
  },
  {
    id: 'body-124',
    rule: 'Twenty callers that hang up in the middle of a body cost nobody else anything.',
    strength: 'practice',
    source: 'CWE-400: uncontrolled resource consumption',
    run: survivesDesertion,
  },
];
