/** Q7: required data that cannot be obtained is a 412, whatever the reason; no card is guessed and none withheld silently. */
import type { CdsService } from 'cds-hooks-types';
import { type Check, failed, passed, skipped, type Verdict } from '../check.ts';
import type { Answer, Body, StubReply, Target } from '../target.ts';
import { cardsOf, control, everyAnswering, said } from './asking.ts';
import { everyFetching, wantedOf, withPrefetch } from './fetching.ts';

/**
 * A service says nothing of which keys it requires. One that has a card for the full request and none without data
 * required them; one that has a card either way did not.
 */
function judge(whole: Answer, bare: Answer): Verdict {
  if (bare.status === 412) return passed;
  if (bare.status !== 200) return failed(`${said(bare.status)}, not 412`);
  if (cardsOf(whole).length > 0 && cardsOf(bare).length === 0) {
    return failed('answered 200 without cards, as if there were nothing to say, not 412');
  }
  return skipped('it answers 200 without its data: as far as its cards show, it requires none');
}

const whole = (target: Target, service: CdsService, request: Body): Promise<Answer> =>
  control(target, service, request);

const needsData = (target: Target): Promise<Verdict> =>
  everyAnswering(target, async (service, request) => {
    if (wantedOf(service, request()).length === 0) return skipped('it asks for no prefetch');
    const bare = await target.call(service, withPrefetch(request(), {}));
    return judge(await whole(target, service, request()), bare);
  });

/** The FHIR server answers every query like this. */
const whenFhir =
  (reply: StubReply) =>
  (target: Target): Promise<Verdict> =>
    everyFetching(target, async ({ fhir, service, request, call }) => {
      const asking = call(withPrefetch(request(), {}));
      fhir.answer(/./, reply);
      const bare = await asking;
      if (fhir.seen.length === 0 && bare.status !== 412)
        return skipped('it asked the FHIR server for nothing');
      return judge(await whole(target, service, request()), bare);
    });

const outcome = { resourceType: 'OperationOutcome', issue: [{ severity: 'error', code: 'exception' }] };

/** What goes wrong at the FHIR server. */
const troubles: readonly (readonly [id: string, trouble: string, reply: StubReply])[] = [
  ['Q7-401', 'refuses the token', { status: 401, body: outcome }],
  ['Q7-404', 'knows nothing', { status: 404, body: outcome }],
  ['Q7-500', 'fails', { status: 500, body: outcome }],
  ['Q7-outcome', 'answers 200 with an OperationOutcome', { body: outcome }],
  ['Q7-garbage', 'answers something that is not JSON', { body: '<html>' }],
  ['Q7-hangs', 'never answers', { delayMs: Number.POSITIVE_INFINITY }],
];

const source = 'CDS Hooks 2.0, HTTP Status Codes; R54';

export const unobtainableChecks: readonly Check[] = [
  {
    id: 'Q7',
    rule: 'Required data that were neither sent nor can be read are answered 412.',
    strength: 'SHALL',
    source,
    run: needsData,
  },
  ...troubles.map(
    ([id, trouble, reply]): Check => ({
      id,
      rule: `Required data are answered 412 when the FHIR server ${trouble}.`,
      strength: 'SHALL',
      source,
      run: whenFhir(reply),
    }),
  ),
];
