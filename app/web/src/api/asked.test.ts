import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';

import { AGAIN_AFTER_MS, Asked } from './asked.svelte';
import { ApiError, Unreachable } from './client';

describe('a question to the centre', () => {
  beforeEach(() => {
    vi.useFakeTimers();
    vi.spyOn(console, 'warn').mockImplementation(() => undefined);
  });
  afterEach(() => {
    vi.useRealTimers();
    vi.restoreAllMocks();
  });

  const pass = (ms: number) => vi.advanceTimersByTimeAsync(ms);

  it('is put again until it is answered, and then no more', async () => {
    const question = vi.fn(() =>
      question.mock.calls.length < 3 ? Promise.reject(new Unreachable()) : Promise.resolve('cams'),
    );
    const asked = new Asked<string>();
    asked.ask(question);
    await pass(0);
    expect([asked.value, asked.problem instanceof Unreachable]).toEqual([null, true]);
    await pass(2 * AGAIN_AFTER_MS);
    expect([asked.value, asked.problem]).toEqual(['cams', null]);
    await pass(10 * AGAIN_AFTER_MS);
    expect(question).toHaveBeenCalledTimes(3);
  });

  it('is not put again after a refusal, but at a press', async () => {
    const refusal = new ApiError(403, { error: 'forbidden', detail: 'no' });
    const question = vi.fn().mockRejectedValueOnce(refusal).mockResolvedValue('seen');
    const asked = new Asked<string>();
    asked.ask(question);
    await pass(10 * AGAIN_AFTER_MS);
    expect(question).toHaveBeenCalledTimes(1);
    await asked.again();
    expect([asked.value, asked.problem]).toEqual(['seen', null]);
  });

  it('shows the answer to the last question, whichever comes first', async () => {
    const answers: ((value: string) => void)[] = [];
    const question = () => new Promise<string>((resolve) => answers.push(resolve));
    const asked = new Asked<string>();
    asked.ask(question);
    asked.ask(question);
    answers[1]?.('new');
    answers[0]?.('old');
    await pass(0);
    expect(asked.value).toBe('new');
  });

  it('shows each answer in its order while it is put again all the time', async () => {
    const answers: ((value: string) => void)[] = [];
    const asked = new Asked<string>();
    asked.ask(() => new Promise<string>((resolve) => answers.push(resolve)));
    void asked.again();
    let isDone = false;
    void asked.again().then(() => (isDone = true));
    answers[1]?.('second');
    await pass(0);
    expect(asked.value).toBe('second');
    answers[0]?.('first');
    await pass(0);
    expect([asked.value, isDone]).toEqual(['second', false]);
    answers[2]?.('third');
    await pass(0);
    expect([asked.value, isDone]).toEqual(['third', true]);
  });

  it('goes on being put from time to time after a refusal', async () => {
    const refusal = new ApiError(403, { error: 'forbidden', detail: 'no' });
    const question = vi.fn().mockRejectedValueOnce(refusal).mockResolvedValue('seen');
    const asked = new Asked<string>();
    const end = asked.ask(question, 1000);
    await pass(0);
    expect(asked.problem).toBe(refusal);
    await pass(AGAIN_AFTER_MS);
    expect([asked.value, asked.problem]).toEqual(['seen', null]);
    end();
  });

  it('takes no answer that was overtaken by a refusal', async () => {
    let late = (_: string): void => undefined;
    const refusal = new ApiError(403, { error: 'forbidden', detail: 'no' });
    const question = vi.fn().mockReturnValueOnce(new Promise((answer) => (late = answer)));
    const asked = new Asked<string>();
    asked.ask(question.mockRejectedValueOnce(refusal));
    await asked.again().catch(() => undefined);
    late('old');
    await pass(0);
    expect([asked.value, asked.problem]).toEqual([null, refusal]);
  });

  it('is put again after a change, not in place of itself', () => {
    const parts = import.meta.glob<string>('../**/*.svelte', {
      query: '?raw',
      import: 'default',
      eager: true,
    });
    const anew = Object.entries(parts).filter(([, text]) => /void changes;\s*return/.test(text));
    expect(anew.map(([path]) => path)).toEqual([]);
  });

  it('ends with the part that asked', async () => {
    const question = vi.fn().mockRejectedValue(new Unreachable());
    const end = new Asked<string>().ask(question, 1000);
    await pass(0);
    end();
    await pass(10 * AGAIN_AFTER_MS);
    expect(question).toHaveBeenCalledTimes(1);
  });
});
