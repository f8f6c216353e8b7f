import type { MedicationRequest } from '@medplum/fhirtypes';
import { codesOf, recordsIn, wordsOf } from '../fhir/coding.ts';
import type { Route } from '../fhir/drug-index.ts';
import type { DrugIndex } from '../fhir/medication.ts';

interface Way {
  /** As an OrderedDrug names it. */
  readonly word: string;
  /** What a value set counts it as. */
  readonly means: Route;
  /** SNOMED CT and HL7 v3 RouteOfAdministration, recognised on input only. */
  readonly codes: readonly string[];
  /** Words of route displays and RxNorm dose forms. */
  readonly words: RegExp;
}

const way = (word: string, means: Route, codes: readonly string[], words: RegExp): Way => ({
  word,
  means,
  codes,
  words,
});

/** The first that fits counts: a nasal spray is nasal before anything else. */
const ways: readonly Way[] = [
  way('ophthalmic', 'local', ['54485002', 'OPTHALTA'], /ophthalmic|conjunctival|intravitreal|\beyes?\b/i),
  way('otic', 'local', ['10547007', 'OTDROP'], /\botic\b|auricular|\bears?\b/i),
  way('nasal', 'nasal', ['46713006', 'NASINHL'], /nasal/i),
  way('inhalation', 'inhaled', ['447694001', 'IPINHL', 'NEB'], /inhal|nebul/i),
  way('transdermal', 'transdermal', ['45890007', 'TRNSDERM'], /transdermal/i),
  way('subcutaneous', 'injected', ['34206005', 'SQ'], /subcut|\bs[cq]\b/i),
  way(
    'topical',
    'local',
    ['6064005', '359540000', 'TOPICAL', 'SKIN'],
    /topical|cutaneous|medicated patch|shampoo/i,
  ),
  way('vaginal', 'vaginal', ['16857009', 'VAGINSI'], /vaginal/i),
  way('rectal', 'rectal', ['37161004', 'PR', 'RECTAL'], /rectal/i),
  way('intravenous', 'injected', ['47625008', 'IV', 'IVDRIP', 'IVPUSH'], /intravenous|\biv\b/i),
  way('intramuscular', 'injected', ['78421000', 'IM'], /intramuscular|\bim\b/i),
  way('injection', 'injected', [], /inject|infusion|syringe|cartridge/i),
  way('sublingual', 'oral', ['37839007', '54471007', 'SL', 'BUC'], /sublingual|buccal/i),
  way('oral', 'oral', ['26643006', 'PO'], /\boral|by mouth|\bpo\b|chewable/i),
];

/** Where a product's form has no words that we know: what its kind of route is called. */
const words: Readonly<Record<Route, string | undefined>> = {
  oral: 'oral',
  transdermal: 'transdermal',
  injected: 'injection',
  inhaled: 'inhalation',
  nasal: 'nasal',
  rectal: 'rectal',
  vaginal: 'vaginal',
  implant: 'implant',
  local: 'topical',
  unknown: undefined,
};

/** The route that the instructions of an order name first; undefined: none that we know. */
function wayOrdered(request: MedicationRequest): Way | undefined {
  for (const { route } of recordsIn(request, 'dosageInstruction')) {
    const codes = new Set(codesOf(route).map(({ code }) => code));
    const found = ways.find((each) => each.codes.some((code) => codes.has(code))) ?? wayIn(wordsOf(route));
    if (found !== undefined) return found;
  }
  return undefined;
}

const wayIn = (text: string): Way | undefined => ways.find((each) => each.words.test(text));

/** How an order reaches the body: as its instructions say, else as the product's form says, else undefined. */
export function routeOf(
  request: MedicationRequest,
  rxcuis: readonly string[],
  drugs: DrugIndex,
): string | undefined {
  const ordered = wayOrdered(request)?.word;
  const formed = (rxcui: string): string | undefined =>
    wayIn(drugs.doseForm(rxcui) ?? '')?.word ??
    drugs
      .routes(rxcui)
      .map((route) => words[route])
      .find((word) => word !== undefined);
  return ordered ?? rxcuis.map(formed).find((word) => word !== undefined);
}

/** The routes of a product as a value set counts them; where its code does not tell, the one that the order names. */
export function routesOf(request: MedicationRequest, rxcui: string, drugs: DrugIndex): readonly Route[] {
  const routes = drugs.routes(rxcui);
  const ordered = wayOrdered(request)?.means;
  return ordered !== undefined && routes.every((route) => route === 'unknown') ? [ordered] : routes;
}
