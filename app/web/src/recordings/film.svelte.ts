/**
 * One camera's film of a stretch: asked for, handed to a `video`, and kept at the group's moment.
 *
 * What the browser cannot decode (H.265 in many) is asked for as H.264, which the centre makes.
 */

import type Hls from 'hls.js';

import { api, saidOf } from '../api';
import { codecsOf, gapAt, gapsOf, mediaTime, type Gap, type Piece, type Stretch } from './stretch';

export type FilmState = 'loading' | 'film' | 'empty' | 'failed';

const MOST_RATE = 16;
/** A film that is further from the group's moment than this, times the speed, is put there. */
const DRIFT_S = 0.4;
const FAR_S = 5;

export class Film {
  state = $state<FilmState>('loading');
  gaps = $state.raw<readonly Gap[]>([]);
  /** Why nothing is shown at the moment. */
  gap = $state.raw<Gap | null>(null);
  problem = $state('');
  /** Whether the centre said what it has of this stretch; until then nothing is known of it. */
  isTold = $state(false);
  #hls: Hls | null = null;
  #video: HTMLVideoElement | null = null;
  #pieces: readonly Piece[] = [];
  #begunAt = 0;
  /** The newest stretch that was asked for: the answer of an earlier one comes too late. */
  #turn = 0;

  constructor(readonly camera: string) {}

  /** Asks what there is, and begins to play it in `video`. */
  async open(video: HTMLVideoElement, stretch: Stretch, at: number): Promise<void> {
    this.#letGo();
    const mine = ++this.#turn;
    this.#video = video;
    this.state = 'loading';
    try {
      const base = `/recordings/${encodeURIComponent(this.camera)}`;
      const query = new URLSearchParams({
        from: String(stretch.from / 1000),
        to: String(stretch.to / 1000),
      });
      const recording = await api.get('/recordings/{camera_id}', {
        path: { camera_id: this.camera },
        query: { from: stretch.from / 1000, to: stretch.to / 1000 },
      });
      if (mine !== this.#turn) return;
      this.gaps = gapsOf(recording);
      this.isTold = true;
      if (recording.segments.length === 0) this.state = 'empty';
      else {
        if (!codecsOf(recording).every(isPlayable)) query.set('h264', 'true');
        await this.#play(`${base}/playlist.m3u8?${query}`, (at - stretch.from) / 1000, mine);
      }
    } catch (error) {
      if (mine !== this.#turn) return;
      console.error('a recording was not loaded', error);
      this.problem = saidOf(error, '');
      this.state = 'failed';
    }
  }

  /** Whether the group should wait for it. */
  get isBehind(): boolean {
    const video = this.#video;
    return (
      this.state === 'loading' ||
      (this.state === 'film' && this.gap === null && video !== null && video.readyState < 3)
    );
  }

  /** Shows the group's moment, at its speed. */
  follow(at: number, rate: number, playing: boolean): void {
    this.gap = gapAt(this.gaps, at);
    const video = this.#video;
    if (this.state !== 'film' || !video) return;
    const wanted = mediaTime(this.#pieces, at);
    if (wanted === null) {
      video.pause();
      return;
    }
    if (video.readyState === 0) {
      this.#begin(wanted); // nothing was read yet, and to seek would be no event for the player
      return;
    }
    const drift = video.currentTime - wanted;
    const most = playing ? Math.max(DRIFT_S, DRIFT_S * rate) : 0.05;
    if (Math.abs(drift) > most && !video.seeking) video.currentTime = wanted;
    video.playbackRate = Math.min(MOST_RATE, rate);
    if (playing && video.paused) void video.play().catch(() => undefined);
    if (!playing && !video.paused) video.pause();
  }

  end(): void {
    this.#turn += 1;
    this.#letGo();
  }

  /** Reads from here on, where the player has not begun or began far from it. */
  #begin(wanted: number): void {
    if (Math.abs(wanted - this.#begunAt) < FAR_S) return;
    this.#begunAt = wanted;
    this.#hls?.startLoad(wanted);
  }

  async #play(path: string, startPosition: number, mine: number): Promise<void> {
    const { default: Player } = await import('hls.js/light');
    if (mine !== this.#turn || !this.#video) return;
    const hls = new Player({ enableWorker: false, startPosition, backBufferLength: 30 });
    this.#hls = hls;
    this.#begunAt = startPosition;
    hls.on(Player.Events.LEVEL_LOADED, (_, { details }) => {
      this.#pieces = details.fragments
        .filter((fragment) => !fragment.gap && fragment.programDateTime !== null)
        .map((fragment) => ({
          at: fragment.programDateTime ?? 0,
          seconds: fragment.duration,
          get start() {
            return fragment.start; // the player corrects it as it reads the film
          },
        }));
      this.state = 'film';
    });
    hls.on(Player.Events.ERROR, (_, { fatal, details }) => {
      if (!fatal) return;
      console.error('a recording cannot be played', details);
      this.state = 'failed';
    });
    hls.loadSource(`/api/v1${path}`);
    hls.attachMedia(this.#video);
  }

  #letGo(): void {
    this.#hls?.destroy();
    this.#hls = null;
    this.#pieces = [];
    this.gaps = [];
    this.gap = null;
    this.isTold = false;
  }
}

/** Whether this browser decodes it; false for H.265 where there is no decoder. */
function isPlayable(codec: string): boolean {
  return MediaSource.isTypeSupported(`video/mp4; codecs="${codec}"`);
}
