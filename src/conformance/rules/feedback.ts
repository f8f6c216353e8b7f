/** F1–F3: what the service learns of its cards. Only a service that has the endpoint is held to its rules. */
import { randomUUID } from 'node:crypto';
import { type Check, failed, passed, skipped, type Verdict, verdict } from '../check.ts';
import type { Answer, Body, Target } from '../target.ts';
import { cardsSaid, isObject, isOk, isText, listOf, refusal, said } from './asking.ts';

const pathOf = (id: string): string => `/cds-services/${encodeURIComponent(id)}/feedback`;

/** A card to speak of: one that was shown, else one that never was. */
interface Known {
  readonly path: string;
  readonly card: string;
  readonly suggestion: string;
}

async function knownCard(target: Target): Promise<Known | undefined> {
  const cards = await cardsSaid(target);
  const told = cards.find(({ card }) => isText(card.uuid));
  const service = told?.exchange.service ?? target.services[0];
  if (service === undefined) return undefined;
  const [first] = listOf(told?.card.suggestions).filter(isObject);
  return {
    path: pathOf(service.id),
    card: isText(told?.card.uuid) ? told.card.uuid : randomUUID(),
    suggestion: isText(first?.uuid) ? first.uuid : randomUUID(),
  };
}

const overridden = ({ card }: Known): Body => ({
  card,
  outcome: 'overridden',
  overrideReason: {
    reason: {
      code: 'other',
      system: 'https://cds-hooks-conformance.example/reasons',
      display: 'Another reason',
    },
    userComment: 'Sent by a conformance test.',
  },
  outcomeTimestamp: new Date().toISOString(),
});

const accepted = ({ card, suggestion }: Known): Body => ({
  ...{ card, outcome: 'accepted', acceptedSuggestions: [{ id: suggestion }] },
  outcomeTimestamp: new Date().toISOString(),
});

const tell = (target: Target, { path }: Known, body: unknown): Promise<Answer> =>
  target.send(path, { method: 'POST', body: JSON.stringify(body) });

/** The correct feedback of this run, and how it was answered; a correct one is sent only once per judged check. */
const withFeedback =
  (judge: (target: Target, known: Known) => Promise<Verdict>) =>
  async (target: Target): Promise<Verdict> => {
    const known = await knownCard(target);
    if (known === undefined) return skipped('discovery named no service');
    const { status } = await tell(target, known, { feedback: [overridden(known)] });
    if (status === 404 || status === 405 || status === 501) return skipped('the service takes no feedback');
    if (status < 200 || status > 299) return skipped(`correct feedback is answered ${status}`);
    return judge(target, known);
  };

async function isTaken(target: Target): Promise<Verdict> {
  const known = await knownCard(target);
  if (known === undefined) return skipped('discovery named no service');
  const { status } = await tell(target, known, { feedback: [overridden(known)] });
  return verdict(status >= 200 && status < 300, `feedback: ${said(status)}`);
}

const takes = (bodies: (known: Known) => readonly Body[]) =>
  withFeedback(async (target, known) => {
    for (const body of bodies(known)) {
      const answer = await tell(target, known, body);
      if (!isOk(answer)) return failed(said(answer.status));
    }
    return passed;
  });

const refuses = (bodies: (known: Known) => readonly Body[]) =>
  withFeedback(async (target, known) => {
    for (const body of bodies(known)) {
      const judged = refusal(await tell(target, known, body));
      if (judged.kind === 'failed') return judged;
    }
    return passed;
  });

const without = (item: Body, name: string): Body => {
  const { [name]: _, ...rest } = item;
  return rest;
};

const bent = (change: (item: Body) => Body, of: (known: Known) => Body = overridden) =>
  refuses((known) => [{ feedback: [change(of(known))] }]);

const source = 'CDS Hooks 2.0, Feedback';

/** What no client may send (SHALL on the client; our demand on the service), by the part that is wrong. */
const negative: readonly (readonly [id: string, rule: string, run: Check['run'], where?: string])[] = [
  [
    'F2-list',
    'Feedback without its feedback list is refused.',
    refuses((known) => [{ items: [overridden(known)] }]),
  ],
  ['F2-array', 'Feedback that is no list is refused.', refuses((known) => [{ feedback: overridden(known) }])],
  ['F2-card', 'Feedback that names no card is refused.', bent((item) => without(item, 'card'))],
  ['F2-outcome', 'Feedback without an outcome is refused.', bent((item) => without(item, 'outcome'))],
  [
    'F2-outcome-value',
    'An outcome other than accepted or overridden is refused.',
    bent((item) => ({ ...item, outcome: 'banana' })),
  ],
  [
    'F2-time',
    'Feedback without outcomeTimestamp is refused.',
    bent((item) => without(item, 'outcomeTimestamp')),
  ],
  [
    'F2-time-value',
    'An outcomeTimestamp that is no RFC 3339 time is refused.',
    bent((item) => ({ ...item, outcomeTimestamp: 'yesterday' })),
  ],
  [
    'F2-accepted',
    'accepted without acceptedSuggestions is refused.',
    bent((item) => without(item, 'acceptedSuggestions'), accepted),
    'cds-fb-1',
  ],
  [
    'F2-accepted-id',
    'An accepted suggestion without id is refused.',
    bent((item) => ({ ...item, acceptedSuggestions: [{ uuid: randomUUID() }] }), accepted),
    'cds-fb-2',
  ],
  [
    'F2-reason',
    'An overrideReason without reason and without userComment is refused.',
    bent((item) => ({ ...item, overrideReason: { by: 'nobody' } })),
    'cds-fb-3',
  ],
];

export const feedbackChecks: readonly Check[] = [
  {
    id: 'F1',
    rule: 'The service takes feedback at {base}/cds-services/{id}/feedback.',
    strength: 'MAY',
    source: `${source}; R148`,
    run: isTaken,
  },
  {
    id: 'F1-accepted',
    rule: 'accepted with the ids of its suggestions is taken.',
    strength: 'SHALL',
    source: `${source}, Suggestion accepted; R149-157`,
    run: takes((known) => [{ feedback: [accepted(known)] }]),
  },
  {
    id: 'F1-nobody',
    rule: 'Feedback to a service that is not listed is refused.',
    strength: 'practice',
    source,
    run: withFeedback(async (target, known) =>
      refusal(
        await tell(
          target,
          { ...known, path: pathOf('no-such-service-of-this-kit') },
          { feedback: [overridden(known)] },
        ),
      ),
    ),
  },
  ...negative.map(
    ([id, rule, run, where]): Check => ({
      ...{ id, rule, run, strength: 'practice' },
      source: `${source}: REQUIRED of the client${where === undefined ? '' : `; ${where}`}`,
    }),
  ),
  {
    id: 'F3-batch',
    rule: 'Several entries in one call are taken.',
    strength: 'SHALL',
    source: `${source}: clients MAY batch`,
    run: takes((known) => [{ feedback: [overridden(known), accepted(known)] }]),
  },
  {
    id: 'F3-again',
    rule: 'The same entry is taken again.',
    strength: 'SHALL',
    source: `${source}: clients MAY repeat`,
    run: takes((known) => {
      const same = { feedback: [overridden(known)] };
      return [same, same];
    }),
  },
];
