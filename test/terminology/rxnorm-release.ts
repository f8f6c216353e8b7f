/** A small RxNorm release: facts of RxNorm (SAB=RXNORM) in its RRF layout, with rows beside them that do not count. */
import { mkdirSync, mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

/** Code, term type, name. */
const concepts: readonly (readonly [string, string, string])[] = [
  ['161', 'IN', 'acetaminophen'],
  ['2231', 'IN', 'cephalexin'],
  ['4337', 'IN', 'fentanyl'],
  ['5489', 'IN', 'hydrocodone'],
  ['6902', 'IN', 'methylprednisolone'],
  ['10600', 'IN', 'timolol'],
  ['67108', 'IN', 'enoxaparin'],
  ['83367', 'IN', 'atorvastatin'],
  ['221095', 'PIN', 'enoxaparin sodium'],
  ['315608', 'SCDC', 'cephalexin 500 MG'],
  ['317427', 'SCDC', 'methylprednisolone 4 MG'],
  ['330523', 'SCDC', 'timolol 2.5 MG/ML'],
  ['577056', 'SCDC', 'fentanyl 0.012 MG/HR'],
  ['597966', 'SCDC', 'atorvastatin 20 MG'],
  ['854227', 'SCDC', 'enoxaparin sodium 100 MG/ML'],
  ['900001', 'SCDC', 'acetaminophen 325 MG'],
  ['900002', 'SCDC', 'hydrocodone bitartrate 5 MG'],
  ['197454', 'SCD', 'cephalexin 500 MG Oral Tablet'],
  ['259966', 'SCD', 'methylprednisolone 4 MG Oral Tablet'],
  ['577057', 'SCD', '72 HR fentanyl 0.012 MG/HR Transdermal System'],
  ['617310', 'SCD', 'atorvastatin 20 MG Oral Tablet'],
  ['854235', 'SCD', '0.4 ML enoxaparin sodium 100 MG/ML Prefilled Syringe'],
  ['857002', 'SCD', 'acetaminophen 325 MG / hydrocodone bitartrate 5 MG Oral Tablet'],
  ['1923428', 'SCD', 'timolol 2.5 MG/ML Ophthalmic Solution'],
  ['854236', 'SBD', '0.4 ML enoxaparin sodium 100 MG/ML Prefilled Syringe [Lovenox]'],
  ['1923429', 'SBD', 'timolol 2.5 MG/ML Ophthalmic Solution [Timoptic]'],
  ['617317', 'SBDC', 'atorvastatin 20 MG [Lipitor]'],
  ['370621', 'SCDF', 'atorvastatin Oral Tablet'],
  ['367665', 'SBDF', 'atorvastatin Oral Tablet [Lipitor]'],
  ['10601', 'BN', 'Timoptic'],
  ['225036', 'BN', 'Lovenox'],
  ['762675', 'GPCK', '{21 (methylprednisolone 4 MG Oral Tablet) } Pack'],
  ['317541', 'DF', 'Oral Tablet'],
  ['316978', 'DF', 'Transdermal System'],
  ['721656', 'DF', 'Prefilled Syringe'],
  ['7682', 'DF', 'Ophthalmic Solution'],
];

/** `first second relationship`: what the first is to the second, as in "SCD consists_of SCDC". */
const relations = `
  221095 67108 form_of
  315608 2231 has_ingredient
  317427 6902 has_ingredient
  330523 10600 has_ingredient
  577056 4337 has_ingredient
  597966 83367 has_ingredient
  854227 67108 has_ingredient
  900001 161 has_ingredient
  900002 5489 has_ingredient
  197454 315608 consists_of
  259966 317427 consists_of
  577057 577056 consists_of
  617310 597966 consists_of
  854235 854227 consists_of
  857002 900002 consists_of
  857002 900001 consists_of
  1923428 330523 consists_of
  197454 317541 has_dose_form
  259966 317541 has_dose_form
  577057 316978 has_dose_form
  617310 317541 has_dose_form
  854235 721656 has_dose_form
  854236 721656 has_dose_form
  857002 317541 has_dose_form
  1923428 7682 has_dose_form
  1923429 7682 has_dose_form
  854236 854235 tradename_of
  1923429 1923428 tradename_of
  617317 597966 tradename_of
  370621 83367 has_ingredient
  367665 370621 tradename_of
  10601 10600 tradename_of
  225036 67108 tradename_of
  1923429 10601 has_ingredient
  854236 225036 has_ingredient
  762675 259966 contains`
  .trim()
  .split('\n')
  .map((line) => line.trim().split(' '));

const name = (code: string, tty: string, text: string, sab = 'RXNORM', suppress = 'N'): string =>
  `${code}|ENG||||||1${code}|||${''}|${sab}|${tty}|${code}|${text}||${suppress}|4096|`;
const relation = ([from, to, rela]: readonly string[], sab = 'RXNORM', suppress = ''): string =>
  `${to}||CUI|RO|${from}||CUI|${rela}|1||${sab}||||${suppress}|4096|`;
const ndc = (code: string, value: string, sab = 'RXNORM', suppress = 'N'): string =>
  `${code}|||1${code}|AUI|${code}|||NDC|${sab}|${value}|${suppress}|4096|`;

export const files: Readonly<Record<string, readonly string[]>> = {
  'RXNCONSO.RRF': [
    ...concepts.map(([code, tty, text]) => name(code, tty, text)),
    name('617310', 'CD', 'another vocabulary’s name', 'MMSL'),
    name('999001', 'IN', 'what an editor suppressed', 'RXNORM', 'E'),
    name('999002', 'SCD', 'obsolete 1 MG Oral Tablet', 'RXNORM', 'O'),
  ],
  'RXNREL.RRF': [
    ...relations.map((each) => relation(each)),
    relation(['617310', '2231', 'has_ingredient'], 'MMSL'),
    relation(['197454', '597966', 'consists_of'], 'RXNORM', 'Y'),
  ],
  'RXNSAT.RRF': [
    ndc('197454', '00093224001'),
    ndc('197454', '59651078401'),
    ndc('854235', '00548560200'),
    ndc('854235', '00548563200'),
    ndc('617310', '00000000001', 'MMSL'),
    ndc('617310', '00000000002', 'RXNORM', 'O'),
    `617310|||1|AUI|617310|||RXTERM_FORM|RXNORM|Tab|N|4096|`,
  ],
};

/** Writes it, changed as asked, and says where. */
export function releaseFolder(change: Readonly<Record<string, readonly string[] | undefined>> = {}): string {
  const folder = join(mkdtempSync(join(tmpdir(), 'rxnorm-')), 'rrf');
  mkdirSync(folder);
  for (const [file, lines] of Object.entries({ ...files, ...change })) {
    if (lines !== undefined) writeFileSync(join(folder, file), `${lines.join('\n')}\n`);
  }
  return folder;
}
