import assert from 'node:assert/strict';
import fc from 'fast-check';
import {
  checkTemplate,
  markdownText,
  parseTemplate,
  plainText,
  renderTemplate,
  TemplateError,
} from '../../src/card/template.ts';

const same = (word: string): string => word;
const write = (text: string, scope: Parameters<typeof renderTemplate>[1]): string =>
  renderTemplate(parseTemplate(text), scope, same);

describe('template', () => {
  it('inserts words', () => {
    assert.equal(write('Risk {{risk}}, {{risk}}.', { risk: '12 %' }), 'Risk 12 %, 12 %.');
  });

  it('repeats a section for each item, not at all for none', () => {
    assert.equal(
      write('{{#all}}- {{name}}\n{{/all}}end', { all: [{ name: 'a' }, { name: 'b' }] }),
      '- a\n- b\nend',
    );
    assert.equal(write('{{#all}}- {{name}}\n{{/all}}end', { all: [] }), 'end');
    assert.equal(write('{{#all}}x{{/all}}end', {}), 'end');
  });

  it('looks inside first, then outside, at any depth', () => {
    const text = '{{#a}}{{x}}{{#b}}{{x}}{{y}}{{/b}}{{x}}{{/a}}{{x}}';
    assert.equal(write(text, { x: '0', y: 'y', a: [{ x: '1', b: [{ x: '2' }, {}] }] }), '12y1y10');
  });

  it('says that a word is not known, and never prints a list as a word', () => {
    assert.equal(write('{{a}} {{b}}', { b: [{}] }), 'not known not known');
  });

  it('refuses what it does not understand', () => {
    for (const text of [
      '{{#a}}',
      '{{/a}}',
      '{{#a}}{{#b}}{{/a}}{{/b}}',
      '{{a.b}}',
      '{{{a}}}',
      '{{ a }}',
      '{{a',
      'a}}',
      '{{^a}}{{/a}}',
      '{{}}',
    ]) {
      assert.throws(() => parseTemplate(text), TemplateError, text);
    }
  });

  it('knows which names may stand where', () => {
    const known = { risk: 'word', drivers: { sentence: 'word' } } as const;
    const check = (text: string) => checkTemplate(parseTemplate(text), known);
    check('{{risk}}{{#drivers}}{{sentence}}{{risk}}{{/drivers}}');
    for (const text of [
      '{{other}}',
      '{{sentence}}',
      '{{drivers}}',
      '{{#risk}}{{/risk}}',
      '{{#drivers}}{{other}}{{/drivers}}',
    ]) {
      assert.throws(() => check(text), TemplateError, text);
    }
  });
});

describe('inserted words', () => {
  it('A5: carry no markup, no HTML and no link into markdown', () => {
    const cases = [
      ['<b>x</b>', '&lt;b&gt;x&lt;/b&gt;'],
      ['&lt;b&gt;', '&amp;lt;b&amp;gt;'],
      ['[a](https://x.example)', '\\[a\\](https\\://x.example)'],
      ['![a](b)', '!\\[a\\](b)'],
      ['**a** _b_ `c` ~d~ |e|', '\\*\\*a\\*\\* \\_b\\_ \\`c\\` \\~d\\~ \\|e\\|'],
      ['a\\*b', 'a\\\\\\*b'],
      ['# a', '\\# a'],
      ['- a', '\\- a'],
      ['+ a', '\\+ a'],
      ['=== a', '\\=== a'],
      ['1. a', '1\\. a'],
      ['2) a', '2\\) a'],
      ['> a', '&gt; a'],
      ['www.evil.example', 'www\\.evil.example'],
      ['a@b.example', 'a\\@b.example'],
    ] as const;
    for (const [word, written] of cases) assert.equal(markdownText(word), written);
  });

  it('leave numbers and units as they are', () => {
    for (const word of [
      '12.3 %',
      '152 mmHg',
      '5.8 mmol/L',
      '48 mL/min/1.73 m²',
      '2024-01-10',
      'about 12 in 100',
    ]) {
      assert.equal(markdownText(word), word);
    }
  });

  it('stay on one line, with nothing invisible', () => {
    assert.equal(plainText('a\n\n# b\r\nc\u2028d'), 'a # b c d');
    assert.equal(plainText('a\u202Eb\u200Bc\u0000d'), 'a b c d');
    fc.assert(
      fc.property(fc.string({ unit: 'binary' }), (word) => {
        assert.ok(!/[\n\r\u2028\u2029\p{Cc}\p{Cf}]/u.test(markdownText(word)));
        assert.ok(!/<|>/.test(markdownText(word)));
      }),
    );
  });
});
