import { describe, expect, it } from 'vitest';

import { faultOf } from './new-password';

describe('a new password', () => {
  it.each([
    ['', '', 'short'],
    ['1234567', '1234567', 'short'],
    ['mật khẩu mới', 'mật khẩu mớí', 'different'],
    ['🔥🔥🔥🔥', '🔥🔥🔥🔥', 'short'],
    ['mật khẩu mới', 'mật khẩu mới', null],
  ])('%s, %s: %s', (chosen, again, fault) => {
    expect(faultOf(chosen, again)).toBe(fault);
  });
});
