/** Whatever the values, a card that leaves keeps the rules of CDS Hooks, and no text of the chart is markup in it. */
import assert from 'node:assert/strict';
import fc from 'fast-check';
import { cardViolations } from '../../src/card/invariants.ts';
import { renderCards } from '../../src/card/render.ts';
import { markdownText, plainText } from '../../src/card/template.ts';
import { typeOf, type ValueType } from '../../src/card/variables.ts';
import type { Feature, FeatureValue } from '../../src/features/feature.ts';
import { build, cardiovascular, countingUuids, files, now, predicted, vocabulary } from '../card/package.ts';
import { manifest } from '../inference/prevent.ts';

const markup = fc.constantFrom(
  ...[
    '<script>',
    '</b>',
    '<img src=x onerror=y>',
    '&lt;',
    '&#60;',
    '[a](javascript:b)',
    '![i](https://x.example/i.png)',
    '**b**',
    '__u__',
  ],
  ...[
    '`c`',
    '~~s~~',
    '|',
    '\n# h',
    '\n- i',
    '\n1. x',
    '\n> q',
    '\r\n\r\n',
    '\\',
    '\\\\',
    '*',
    '_',
    'https://x.example',
    'www.x.example',
  ],
  ...[
    'a@x.example',
    '\u202e',
    '\u200b',
    '\ufeff',
    '\u2028',
    '\0',
    '{{risk}}',
    '{{#drivers}}',
    '$&',
    '$1',
    '=',
    '+',
    '1. ',
    '# ',
  ],
);
const chartText = fc
  .array(fc.oneof(markup, fc.string({ unit: 'grapheme', maxLength: 6 })), { maxLength: 6 })
  .map((parts) => parts.join(''));

/** What a GitHub-flavoured markdown reader, HTML enabled, would take for more than text; what is escaped being a letter to it. */
function markupIn(markdown: string): readonly string[] {
  const bare = markdown.replaceAll(/\\[!-/:-@[-`{-~]/g, 'x').replaceAll(/&(amp|lt|gt);/g, 'x');
  const rules: Readonly<Record<string, RegExp>> = {
    'an HTML tag or entity': /[<>&]/,
    emphasis: /[*_~]/,
    'a link, an image or code': /[[\]`]/,
    'a table': /\|/,
    'a link of its own': /:\/\/|@/,
    'a block at its start': /^(?:#|[-+=]|\d+[.)](?:\s|$))/,
    'a line of its own': /[\n\r\u2028\u2029]/,
    'something invisible': /[\p{Cc}\p{Cf}]/u,
  };
  // GFM "Autolinks (extension)": also after a delimiter, whether that is escaped or not.
  const linked = /(?:^|[\s*_~()[\]])www\./i.test(markdown) ? ['an address of its own'] : [];
  return [
    ...linked,
    ...Object.entries(rules).flatMap(([what, pattern]) => (pattern.test(bare) ? [what] : [])),
  ];
}

const context = {
  id: 'q3nS1m8cR0y2b7Vd5Kx9Zw',
  chart: { patientId: 'pat-1', now },
  models: [{ manifest }],
  vocabulary,
};
const appUrl = 'https://auscult.example/app/launch';

describe('cards, whatever the chart', () => {
  it('the reader of the test finds markup where there is some', () => {
    const marked = [
      'see www.x',
      '\\_www.x',

      '<b>',
      '&amp;lt;'.replace('&amp;', '&'),
      '**a**',
      '[a](b)',
      'https://x',
      '# a',
      '- a',
      '1. a',
      'a\nb',
      'a\u202eb',
      'a|b',
      '\\\\*a*',
    ];
    for (const text of marked.filter((each) => each !== '&lt;'))
      assert.notDeepEqual(markupIn(text), [], text);
  });

  it('J: no text is markup once it is escaped (10,000)', () => {
    fc.assert(
      fc.property(chartText, (text) => {
        assert.deepEqual(markupIn(markdownText(text)), []);
      }),
      { numRuns: 10_000 },
    );
  });

  it('J: plain text stays on one line, with nothing invisible', () => {
    fc.assert(
      fc.property(chartText, (text) => {
        assert.doesNotMatch(plainText(text), /[\p{Cc}\p{Cf}\u2028\u2029]/u);
      }),
      { numRuns: 5_000 },
    );
  });

  it('A1–A12, J2: every card of the shipped service keeps the rules, whatever its values (2,000)', () => {
    const number = fc.double({ noNaN: true, noDefaultInfinity: true, min: -1e6, max: 1e6 });
    const at = fc
      .date({ min: new Date('1990-01-01'), max: now, noInvalidDate: true })
      .map((date) => date.toISOString());
    const words = fc.constantFrom('male', 'female', 'high');
    const anyOf: Readonly<Record<ValueType, fc.Arbitrary<FeatureValue>>> = {
      number,
      boolean: fc.boolean(),
      string: words,
    };
    const featureFor = (name: string): fc.Arbitrary<Feature> => {
      const value = anyOf[typeOf(vocabulary.entries.get(name) ?? assert.fail(name))];
      return fc.oneof(
        fc.record({ kind: fc.constant('observed' as const), value, at, sources: fc.constant([]) }),
        fc.record({
          kind: fc.constant('missing' as const),
          reason: fc.constantFrom('stale', 'not-recorded', 'conflicting', 'fetch-failed'),
          sources: fc.constant([]),
        }) as fc.Arbitrary<Feature>,
      );
    };
    const values = fc.tuple(...cardiovascular.needed.map(({ name }) => featureFor(name)));
    const template = fc.constantFrom(...cardiovascular.cards.map(({ id }) => id));
    fc.assert(
      fc.property(values, template, fc.double({ min: 0, max: 1, noNaN: true }), (all, id, risk) => {
        const features = new Map(
          cardiovascular.needed.map(({ name }, place) => [name, all[place] as Feature]),
        );
        const [card] = renderCards(cardiovascular, [{ template: id, indicator: 'info' }], {
          ...{ ...context, features, appUrl, uuid: countingUuids() },
          ...{ results: [predicted(risk)], explanation: undefined },
        });
        assert.ok(card !== undefined);
        assert.deepEqual(cardViolations(card), []);
        assert.doesNotMatch(`${card.summary}${card.detail}`, /NaN|Infinity|undefined|\[object|\{\{/);
      }),
      { numRuns: 2_000 },
    );
  });

  it('J: a coded answer that carries markup comes out as text, in detail and summary (3,000)', () => {
    const bent = files();
    bent.card.detail = ['{{sex}}'];
    bent.card.cards[0].summary = 'Sex {{sex}}';
    const [service = cardiovascular] = build(bent);
    const template = service.cards[0]?.id ?? '';
    fc.assert(
      fc.property(chartText, (text) => {
        const sex: Feature = { kind: 'observed', value: text, sources: [] };
        const features = new Map(service.needed.map(({ name }) => [name, name === 'sex' ? sex : unknown]));
        fc.pre(plainText(text) !== '' && plainText(text).length < 130);
        const made = { ...context, features, appUrl, results: [predicted(0.2)], explanation: undefined };
        const [card] = renderCards(service, [{ template, indicator: 'info' }], made);
        assert.deepEqual(markupIn(card?.detail ?? ''), []);
        assert.doesNotMatch(card?.summary ?? '', /[\p{Cc}\p{Cf}]/u);
      }),
      { numRuns: 3_000 },
    );
  });
});

const unknown: Feature = { kind: 'missing', reason: 'not-recorded', sources: [] };
