import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { exitOf } from '../../cli/client.ts';
import { inOneLine, visible } from '../../cli/visible.ts';
import { EXIT } from '../../cli/world.ts';

describe("callers' text on a terminal", () => {
  it('is shown by number where it would act', () => {
    expect(visible('Eve\u001b[2J\u001b]0;root\u0007')).toBe('Eve\\u001b[2J\\u001b]0;root\\u0007');
    expect(visible('a\u009bK\u202Egpj.exe')).toBe('a\\u009bK\\u202egpj.exe');
    expect(inOneLine('Eve\r\napp_1  approved')).toBe('Eve\\u000d\\u000aapp_1  approved');
    expect(visible('Zoë 张 ا\nsecond line\tof ours')).toBe('Zoë 张 ا\nsecond line\tof ours');
    expect(visible('\u001b[1mbold\u001b[0m')).toBe('\\u001b[1mbold\\u001b[0m');
    expect(inOneLine('Ja\u200bke \u2800 \u{e0041}')).toBe('Ja\\u200bke \\u2800 \\udb40\\udc41');
  });

  it('never sends a control character, whatever it holds', () => {
    const acting = fc.constantFrom('\u001b', '\r', '\u0007', '\u0085', '\u202e', '\u001b[1m', '[2J', '\n');
    fc.assert(
      fc.property(fc.array(fc.oneof(acting, fc.string({ unit: 'binary' }))), (parts) => {
        const text = parts.join('');
        expect(inOneLine(text)).not.toMatch(/\p{Cc}/u);
        expect(visible(text)).not.toMatch(/(?!\n|\t)\p{Cc}/u);
      }),
    );
  });

  it('leaves JSON the same value', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary' }), (text) => {
        expect(JSON.parse(visible(JSON.stringify(text)))).toBe(text);
      }),
    );
  });
});

describe('an exit code', () => {
  it('says no where the service was reached and refused, and unavailable where it was not', () => {
    const problem = (status: number, code: string) => exitOf({ status, body: { code, error: 'x' } });
    expect(problem(503, 'EMERGENCY_STOP')).toBe(EXIT.negative);
    expect(problem(503, 'DRAINING')).toBe(EXIT.negative);
    expect(problem(403, 'CHARTER_DENIED')).toBe(EXIT.negative);
    expect(problem(503, 'LEDGER_UNAVAILABLE')).toBe(EXIT.unavailable);
    expect(exitOf({ status: 502, body: undefined })).toBe(EXIT.unavailable);
  });
});
