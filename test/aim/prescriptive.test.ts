import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { compilePhrases } from '../../src/aim/phrase-book.ts';
import { screen } from '../../src/aim/prescriptive.ts';
import {
  BOOK,
  BUSINESS,
  PHRASES,
  readBusiness,
  readCorpus,
  SPLITS,
  score,
  scoreBusiness,
} from '../corpus/corpus.ts';

/** The phrases of the charter that mean their very words. */
const LISTED_PHRASES = Object.values(PHRASES.prescriptive)
  .flat()
  .filter((phrase) => !phrase.includes('{'));
const isListed = (phrase: string): boolean => LISTED_PHRASES.includes(phrase);
const LISTED = compilePhrases({
  neutral: PHRASES.neutral,
  prescriptive: {
    directive: PHRASES.prescriptive.directive.filter(isListed),
    superlative: PHRASES.prescriptive.superlative.filter(isListed),
    absolute: PHRASES.prescriptive.absolute.filter(isListed),
    recommendation: PHRASES.prescriptive.recommendation.filter(isListed),
  },
});

const found = (text: string) => screen(text, BOOK).map(({ start, end }) => text.slice(start, end));

describe('the labelled corpus', () => {
  it('has at least 600 sentences, half of them without anything to find', () => {
    const all = SPLITS.flatMap(readCorpus);
    expect(all.length).toBeGreaterThanOrEqual(600);
    expect(new Set(all.map(({ text }) => text)).size).toBe(all.length);
    const negatives = all.filter(({ expected }) => expected.length === 0).length;
    expect(negatives / all.length).toBeGreaterThanOrEqual(0.5);
  });

  it.each(SPLITS)('%s: precision and recall are at least 0.95, offsets and types included', (split) => {
    const { precision, recall } = score(readCorpus(split));
    expect(precision).toBeGreaterThanOrEqual(0.95);
    expect(recall).toBeGreaterThanOrEqual(0.95);
  });
});

describe('business English that was not written from the list', () => {
  it.each(BUSINESS)('%s: precision is at least 0.95, recall 0.85 and 0.75 for each type', (part) => {
    const { precision, recall, byType } = scoreBusiness(readBusiness(part));
    expect(precision).toBeGreaterThanOrEqual(0.95);
    expect(recall).toBeGreaterThanOrEqual(0.85);
    for (const { right, of } of Object.values(byType)) expect(right / of).toBeGreaterThanOrEqual(0.75);
  });
});

describe('markup and punctuation between words', () => {
  it.each([
    ['You <b>should</b> go.', 'You <b>should'],
    ['You [should](https://example.org/x) go.', 'You [should'],
    ['You, should go.', 'You, should'],
    ['You — should go.', 'You — should'],
    ['You ... should go.', 'You ... should'],
    ['You&nbsp;should go.', 'You&nbsp;should'],
    ['You<br>should go.', 'You<br>should'],
    ['You\u2800should go.', 'You\u2800should'],
  ])('do not hide a phrase: %j', (text, hit) => {
    expect(found(text)).toEqual([hit]);
  });
});

describe('what shows nothing inside a word', () => {
  it.each([
    ['You sh<b>ou</b>ld go.', 'You sh<b>ou</b>ld'],
    ['Yo<span class="a>b">u</span> should go.', 'Yo<span class="a>b">u</span> should'],
    ['You <!-- not seen --> should go.', 'You <!-- not seen --> should'],
    ['You sho<!-- x -->uld go.', 'You sho<!-- x -->uld'],
    ['You sho<wbr>uld go.', 'You sho<wbr>uld'],
    ['You sho<x-y>uld go.', 'You sho<x-y>uld'],
    ['You sho&shy;uld go.', 'You sho&shy;uld'],
    ['You sho&#8203;uld go.', 'You sho&#8203;uld'],
    ['Y&#111;u sh&#x6f;uld go.', 'Y&#111;u sh&#x6f;uld'],
    ['You sh**oul**d go.', 'You sh**oul**d'],
    ['You sh[oul](https://example.org/a_(b) "t")d go.', 'You sh[oul](https://example.org/a_(b) "t")d'],
    ['You sho\u0001uld go.', 'You sho\u0001uld'],
    ['You[1] should go.', 'You[1] should'],
    ['You<sup>2</sup> should go.', 'You<sup>2</sup> should'],
    ['You<b>should</b> go.', 'You<b>should'],
    ['The board m<i>us</i>t approve it.', 'board m<i>us</i>t'],
  ])('does not hide a phrase: %j', (text, hit) => {
    expect(found(text)).toEqual([hit]);
  });

  it.each([
    ['<you> should stay', ['you> should']],
    ['the fields <i think you should> stay', ['you should']],
    ['You<p>should</p>', []],
    ['foo<b>you</b> should', []],
  ])('and text stays text, and what is apart stays apart: %j', (text, hits) => {
    expect(found(text)).toEqual(hits);
  });
});

describe('how the words are written', () => {
  it.each([
    ['Y0u sh0uld go.', 'Y0u sh0uld'],
    ['You shou1d go.', 'You shou1d'],
    ['You shouId go.', 'You shouId'],
    ['You mu$t go.', 'You mu$t'],
    ['You 5hould go.', 'You 5hould'],
    ['You-should go.', 'You-should'],
    ['In that case you-should go.', 'you-should'],
    ['y o u s h o u l d go', 'y o u s h o u l d'],
    ['y.o.u  s-h-o-u-l-d go', 'y.o.u  s-h-o-u-l-d'],
    ['y 0 u s h 0 u 1 d go', 'y 0 u s h 0 u 1 d'],
    ['ý o u s h ó u l d go', 'ý o u s h ó u l d'],
    ['i s u g g e s t it', 'i s u g g e s t'],
    ['You.should.go', 'You.should'],
    ['You all should go.', 'You all should'],
    ['The very best option is cash.', 'The very best option is'],
    ['My two recommendations are to go and to stay.', 'My two recommendations are'],
    ['It is best to wait.', 'It is best to'],
    ['This is definitely the way to go.', 'is definitely the way to go'],
  ])('hides no phrase: %j', (text, hit) => {
    expect(found(text)).toEqual([hit]);
  });

  it.each([
    'The song You-Should-Go is old.',
    'See /you-should/never-use for the list.',
    'Vitamins A-B-C-D-E, and the lots A B C D E F.',
    'We have two to choose from.',
    'The best option5 is a label.',
    'My recommendations are private.',
    'It is up to you; should be done by Friday',
    'The report must be filed by law.',
    'Under section 5 of the act, the report must be filed.',
    'Rent must be paid as required by the lease.',
  ])('and makes none of what is none: %j', (text) => {
    expect(found(text)).toEqual([]);
  });

  it('nor does a law firm ordain what it is asked for', () => {
    expect(found('The report must be filed by law firms.')).toEqual(['must be']);
  });

  it('letters parted by anything, with digits among them, are read as the phrase that they spell', () => {
    const parted = fc.constantFrom(' ', '  ', '.', '-', ' - ', '\n');
    const phrase = fc.constantFrom('you should', 'we must', 'i suggest', 'never use', 'the best option is');
    fc.assert(
      fc.property(phrase, parted, fc.boolean(), fc.boolean(), (words, between, digits, apart) => {
        const written = digits ? words.replaceAll('o', '0').replaceAll('e', '3') : words;
        const hidden = written
          .split(' ')
          .map((word) => [...word].join(between))
          .join(apart && between === ' ' ? '   ' : between);
        expect(found(`${hidden}\n\n`), hidden).toEqual([hidden]);
      }),
    );
  });
});

describe('a hit', () => {
  it('has phrase, type, offsets and a rewrite in its own case', () => {
    expect(screen('Well. You must go; i recommend it.', BOOK)).toEqual([
      { phrase: 'you must', phrase_type: 'directive', start: 6, end: 14, suggestion: 'One approach is' },
      {
        phrase: 'i recommend',
        phrase_type: 'recommendation',
        start: 19,
        end: 30,
        suggestion: 'options include',
      },
    ]);
  });

  it('of each type has its own rewrite', () => {
    const text = 'You should. The best option is. Always use. My recommendation is.';
    expect(screen(text, BOOK).map(({ phrase_type, suggestion }) => [phrase_type, suggestion])).toEqual([
      ['directive', 'One approach is'],
      ['superlative', 'Another option is'],
      ['absolute', 'Considerations include'],
      ['recommendation', 'Options include'],
    ]);
  });

  it('counts UTF-16 units, also behind characters of two', () => {
    expect(found('👍🏽 ok. 𝐘𝐨𝐮 must.')).toEqual(['𝐘𝐨𝐮 must']);
  });

  it('is gone when its rewrite takes its place', () => {
    for (const { text } of SPLITS.flatMap(readCorpus)) {
      const rewritten = screen(text, BOOK).reduceRight(
        (now, { start, end, suggestion }) => now.slice(0, start) + suggestion + now.slice(end),
        text,
      );
      expect(screen(rewritten, BOOK), rewritten).toEqual([]);
    }
  });
});

describe('no disguise of the letters hides a phrase', () => {
  const ALIKE: Record<string, string> = {
    o: 'оοｏ𝐨ӧ',
    u: 'υս𝓊',
    s: 'ѕꜱｓ',
    e: 'еｅé',
    a: 'аɑａ',
    i: 'іｉ',
    c: 'сｃ',
    y: 'уｙ',
  };
  const UNSEEN = ['\u200b', '\u200d', '\u00ad', '\u2060', '\ufeff', '\u0301'];
  const BLANKS = [' ', '  ', '\n', '\t', '\u00a0', '\u3000', '\r\n', ' \u200b'];
  const phrase = fc.constantFrom(...LISTED_PHRASES.map((written) => written.split(' ')));
  const disguise = fc.infiniteStream(fc.nat());

  it('look-alikes, case, unseen characters and blanks, alone or together', () => {
    fc.assert(
      fc.property(phrase, disguise, (words, choices) => {
        const next = (below: number): number => Number(choices.next().value) % below;
        const hidden = words.map((word) =>
          [...word]
            .map((letter) => {
              const alikes = [...(ALIKE[letter] ?? '')];
              const shown =
                alikes[next(alikes.length + 2)] ?? (next(2) === 0 ? letter.toUpperCase() : letter);
              return next(4) === 0 ? shown + UNSEEN[next(UNSEEN.length)] : shown;
            })
            .join(''),
        );
        const text = `So then: ${hidden.reduce((text, word) => text + BLANKS[next(BLANKS.length)] + word)} it.`;
        expect(found(text), JSON.stringify(text)).toHaveLength(1);
      }),
      { numRuns: 2000 },
    );
  });

  it.each([
    ['you\u200bshould', 'you\u200bshould'],
    ['never\u2060use', 'never\u2060use'],
    ['the\u200bbest\u200boption\u200bis', 'the\u200bbest\u200boption\u200bis'],
    ['yo\u200bu sh\u200bould', 'yo\u200bu sh\u200bould'],
    ['\u200byou should\u200b', 'you should'],
    ['you should\u0301', 'you should\u0301'],
  ])('nor do unseen characters instead of blanks: %j', (hidden, hit) => {
    expect(found(`So ${hidden} it.`)).toEqual([hit]);
  });

  it('but unseen characters make no words of what is none', () => {
    expect(screen('you\u200bth should, never\u200bmore use', LISTED)).toEqual([]);
    expect(found(`you${'\u200b'.repeat(2000)}should`)).toEqual([]);
  });

  it('nor do other words become one', () => {
    const letter = fc.constantFrom(...'abdfghjklmnpqrvwxz');
    fc.assert(
      fc.property(phrase, letter, fc.boolean(), (words, extra, inFront) => {
        const text = words.join(' ');
        expect(screen(inFront ? `${extra}${text}` : `${text}${extra}`, LISTED)).toEqual([]);
      }),
    );
  });
});

describe('whatever the text', () => {
  it('hits are in order, do not overlap and lie inside of it', () => {
    const piece = fc.oneof(
      fc.constantFrom(
        'you',
        'should',
        'must',
        ' ',
        '"',
        "'",
        '`',
        '```\n',
        '\n',
        '> ',
        '“',
        '”',
        'I recommend',
        'not',
        'say',
        '*',
      ),
      fc.string({ unit: 'binary', maxLength: 4 }),
    );
    fc.assert(
      fc.property(fc.array(piece, { maxLength: 40 }), (pieces) => {
        const text = pieces.join('');
        let from = 0;
        for (const { start, end } of screen(text, BOOK)) {
          expect(start).toBeGreaterThanOrEqual(from);
          expect(end).toBeGreaterThan(start);
          expect(end).toBeLessThanOrEqual(text.length);
          from = end;
        }
      }),
      { numRuns: 1000 },
    );
  });

  it('what is quoted whole is not counted, and what follows the quotation is', () => {
    const marks = fc.constantFrom(
      ['"', '"'],
      ['“', '”'],
      ['«', '»'],
      ['`', '`'],
      ['„', '“'],
      ['```\n', '\n```\n'],
    );
    fc.assert(
      fc.property(
        marks,
        fc.constantFrom('You should go.', 'Never use it.'),
        ([open = '', close = ''], said) => {
          expect(found(`He wrote:\n${open}${said}${close}\nYou must act.`)).toEqual(['You must']);
        },
      ),
    );
  });
});

describe('the phrases', () => {
  it('are those of the charter, and nothing else', () => {
    const book = compilePhrases({
      prescriptive: { directive: ['thou shalt'], superlative: [], absolute: [], recommendation: [] },
      neutral: ['one may'],
    });
    expect(screen('Thou shalt go. You must go.', book)).toEqual([
      { phrase: 'thou shalt', phrase_type: 'directive', start: 0, end: 10, suggestion: 'One may' },
    ]);
  });
});
