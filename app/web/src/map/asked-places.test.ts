import { describe, expect, it, vi } from 'vitest';

import { AskedPlaces } from './asked-places.svelte';

const HERE = { lat: 21.0285, lon: 105.8542 };
const FRESH_MS = 60_000;

function placeAt(number: number): { lat: number; lon: number } {
  return { lat: 20 + number / 100, lon: 105 };
}

describe('what is asked of places', () => {
  it('is asked once while it is fresh, and again when it is looked at later', async () => {
    vi.useFakeTimers();
    let round = 0;
    const asked = new AskedPlaces<number>('toys', FRESH_MS, () => Promise.resolve([++round]));
    asked.ask(HERE);
    expect(asked.at(HERE)).toBe('asking');
    await vi.advanceTimersByTimeAsync(FRESH_MS - 1);
    asked.ask(HERE);
    expect(asked.at(HERE)).toEqual([1]);
    await vi.advanceTimersByTimeAsync(2);
    asked.ask(HERE);
    expect(asked.at(HERE)).toEqual([1]);
    await vi.advanceTimersByTimeAsync(0);
    expect(asked.at(HERE)).toEqual([2]);
    vi.useRealTimers();
  });

  it('says that it failed, and is asked again at once', async () => {
    const warned = vi.spyOn(console, 'warn').mockReturnValue();
    const answers = [Promise.reject(new Error('cut')), Promise.resolve([7])];
    const asked = new AskedPlaces<number>('toys', FRESH_MS, () => answers.shift()!);
    asked.ask(HERE);
    await vi.waitFor(() => expect(asked.at(HERE)).toBe('failed'));
    asked.ask(HERE);
    await vi.waitFor(() => expect(asked.at(HERE)).toEqual([7]));
    expect(warned).toHaveBeenCalledOnce();
    warned.mockRestore();
  });

  it('is forgotten of the place that was asked first when there are many', async () => {
    const asked = new AskedPlaces<number>('toys', FRESH_MS, () => Promise.resolve([1]));
    for (let number = 0; number < 51; number += 1) {
      asked.ask(placeAt(number));
      await vi.waitFor(() => expect(asked.at(placeAt(number))).toEqual([1]));
    }
    expect(asked.at(placeAt(0))).toBeNull();
    expect(asked.at(placeAt(1))).toEqual([1]);
  });
});
