/**
 * The sounds of the desk, made on the spot: no file to fetch. Soft attacks, two octaves around
 * 800 Hz, where a room's noise is least; each sound has its own rhythm, so that it is told by ear.
 */

interface Note {
  readonly hz: number;
  readonly at: number;
  readonly s: number;
}

export type Tone =
  'surest' | 'urgent' | 'cosign' | 'important' | 'notice' | 'fault' | 'link_lost' | 'test';

const TONES: Record<Tone, { readonly notes: readonly Note[]; readonly gain: number }> = {
  urgent: { gain: 0.34, notes: [note(784, 0), note(988, 0.2), note(784, 0.55), note(988, 0.75)] },
  surest: {
    gain: 0.36,
    notes: [
      note(784, 0),
      note(988, 0.16),
      note(1175, 0.32),
      note(784, 0.7),
      note(988, 0.86),
      note(1175, 1.02),
    ],
  },
  important: { gain: 0.26, notes: [note(659, 0), note(784, 0.22)] },
  fault: { gain: 0.22, notes: [note(440, 0, 0.12), note(440, 0.18, 0.12), note(330, 0.4, 0.3)] },
  notice: { gain: 0.18, notes: [note(587, 0)] },
  cosign: { gain: 0.26, notes: [note(587, 0), note(740, 0.2), note(880, 0.4)] },
  link_lost: { gain: 0.3, notes: [note(523, 0, 0.35), note(392, 0.4, 0.35), note(294, 0.8, 0.5)] },
  test: { gain: 0.34, notes: [note(784, 0), note(988, 0.2), note(784, 0.55), note(988, 0.75)] },
};

/** How often a looping sound starts anew. */
export const LOOP_MS: Record<'surest' | 'urgent' | 'cosign' | 'link_lost', number> = {
  surest: 2200,
  urgent: 3000,
  cosign: 15_000,
  link_lost: 5000,
};

export class Tones {
  #context: AudioContext | null = null;

  get state(): AudioContextState | 'none' {
    return this.#context?.state ?? 'none';
  }

  /** Must be called from a click or a key; says whether sounds can now be heard. */
  async unlock(): Promise<boolean> {
    this.#context ??= new AudioContext();
    if (this.#context.state !== 'running') await this.#context.resume();
    return this.#context.state === 'running';
  }

  play(tone: Tone): void {
    const context = this.#context;
    if (context?.state !== 'running') return;
    const { notes, gain } = TONES[tone];
    for (const each of notes) sing(context, each, gain);
  }
}

function note(hz: number, at: number, s = 0.18): Note {
  return { hz, at, s };
}

function sing(context: AudioContext, { hz, at, s }: Note, loudness: number): void {
  const start = context.currentTime + 0.02 + at;
  const gain = context.createGain();
  gain.gain.setValueAtTime(0, start);
  gain.gain.linearRampToValueAtTime(loudness, start + 0.02);
  gain.gain.exponentialRampToValueAtTime(0.001, start + s + 0.12);
  const voice = context.createOscillator();
  voice.type = 'triangle';
  voice.frequency.value = hz;
  voice.connect(gain).connect(context.destination);
  voice.start(start);
  voice.stop(start + s + 0.15);
}
