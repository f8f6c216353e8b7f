/** One patient mixed up with another: never a card. */
import { type Check, failed, passed, skipped, type Verdict } from '../check.ts';
import { cardsOf, said } from '../rules/asking.ts';
import type { Answer, Target } from '../target.ts';
import { type Ground, groundOf, harmDone, leakIn } from './ground.ts';
import type { PatientCase, Scene } from './patient-case.ts';
import { contextCases } from './patient-context.ts';
import { listCases } from './patient-lists.ts';
import { listKeyOf, patientIdOf } from './sample-parts.ts';

async function tryCase(target: Target, one: PatientCase): Promise<Verdict> {
  const ground = await groundOf(target, ({ hook }) => one.hooks?.includes(hook) ?? true);
  if (typeof ground === 'string') {
    return skipped(one.hooks === undefined ? ground : `no service of ${one.hooks.join(' or ')} answers`);
  }
  const bent = one.bend(sceneOf(target, ground));
  if (typeof bent === 'string') return skipped(bent);
  const answer = await target.call(ground.service, bent);
  target.fhir?.forget();
  return judge(answer, one, ground, await harmDone(target, ground));
}

function sceneOf(target: Target, ground: Ground): Scene {
  const request = ground.request();
  const patientId = patientIdOf(request);
  return { request, patientId, me: `Patient/${patientId}`, target, ground, list: listKeyOf(ground.service) };
}

/** Refused is best; 200 without cards tells something only of a service that speaks otherwise. */
function judge(
  answer: Answer,
  { plain }: PatientCase,
  { speaks }: Ground,
  harm: string | undefined,
): Verdict {
  if (cardsOf(answer).length > 0) return failed('answered with cards');
  const complaint = leakIn(answer) ?? harm;
  if (complaint !== undefined) return failed(complaint);
  if (answer.status >= 400 && answer.status < 500) return passed;
  if (answer.status !== 200) return failed(said(answer.status));
  if (plain) return failed('answered 200 without cards, and not that the request contradicts itself');
  return speaks
    ? passed
    : skipped('the service has no card for the sample either (see --request): its silence tells nothing');
}

export const patientChecks: readonly Check[] = [...listCases, ...contextCases].map((one): Check => {
  const { id, rule, source } = one;
  return { id, rule, source, strength: 'practice', run: (target) => tryCase(target, one) };
});
