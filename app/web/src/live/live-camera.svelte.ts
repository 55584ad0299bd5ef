/**
 * One camera's live view: connects, notices silence, connects again, and says truly what is shown.
 *
 * WebRTC first. Where it cannot connect, pictures in a row take its place for some minutes. What a
 * refusal means: 404 and 401 end it, everything else is tried again with growing waits.
 */

import { untrack } from 'svelte';

import { ApiError } from '../api/client';
import { clock } from '../time/clock.svelte';
import { backoffMs, isOver, livenessOf, type Liveness, type Seen } from './liveness';
import type { Part } from './multipart';
import { Pictures } from './pictures';
import { Whep } from './whep';

const LOOK_EVERY_MS = 500;
/** WebRTC that could not connect is not tried again before this. */
const PICTURES_FOR_MS = 300_000;
/** The centre says with these that WebRTC will not work; that it is overloaded is another matter. */
const NO_WEBRTC = new Set(['no_media_address', 'bad_offer']);
/** No session, or no such camera for us: asking again would not help. */
const FINAL = new Set([401, 404]);

/** What is on the screen: nothing yet, the video, its last picture held fast, or a single picture. */
export type Showing = 'nothing' | 'video' | 'held' | 'picture';
export type Way = 'video' | 'pictures';

export class LiveCamera {
  liveness = $state<Liveness>('connecting');
  way = $state<Way>('video');
  showing = $state<Showing>('nothing');
  /** When the picture that is shown came or was taken, by the centre's clock. */
  pictureAt = $state<number | null>(null);
  /** The centre's own words, where it refused. */
  refusal = $state('');
  /** The picture that is shown when pictures come in a row. */
  pictureUrl = $state<string | null>(null);

  readonly #cameraId: string;
  #video: HTMLVideoElement | null = null;
  #held: HTMLCanvasElement | null = null;
  #link: Whep | Pictures | null = null;
  #attemptAt = clock.read();
  #failures = 0;
  #decoded = 0;
  #picturesUntil = 0;
  #looking: ReturnType<typeof setInterval> | undefined;
  #retrying: ReturnType<typeof setTimeout> | undefined;

  constructor(cameraId: string) {
    this.#cameraId = cameraId;
  }

  /** Takes the element over and watches for as long as it stands on the page. */
  readonly attach = (video: HTMLVideoElement): (() => void) => {
    this.#video = video;
    let handle = 0;
    const seen = () => {
      if (this.#link instanceof Whep) this.#pictured(clock.read(), 'video');
      handle = video.requestVideoFrameCallback(seen);
    };
    handle = video.requestVideoFrameCallback(seen);
    untrack(() => this.resume()); // what connecting reads must not connect again when it changes
    return () => {
      video.cancelVideoFrameCallback(handle);
      this.stop();
      this.#video = null;
      this.#put(null);
    };
  };

  /** Where the last picture of a broken video is held. */
  readonly attachHeld = (canvas: HTMLCanvasElement): (() => void) => {
    this.#held = canvas;
    return () => {
      this.#held = null;
    };
  };

  /** Ends the connection, and says so to the centre; `resume` connects again. */
  stop(): void {
    clearInterval(this.#looking);
    clearTimeout(this.#retrying);
    this.#looking = undefined;
    this.#retrying = undefined;
    this.#drop();
    this.#judge();
  }

  /** Begins to watch, also after `stop`, as when the page comes back from the browser's memory. */
  resume(): void {
    if (this.#looking !== undefined || this.#video === null) return;
    this.#looking = setInterval(() => void this.#look(), LOOK_EVERY_MS);
    this.#connect();
  }

  #connect(): void {
    this.#attemptAt = clock.read();
    this.way = this.#attemptAt < this.#picturesUntil ? 'pictures' : 'video';
    this.#decoded = 0;
    const link = this.way === 'video' ? new Whep() : new Pictures();
    this.#link = link;
    this.#judge();
    this.#open(link).catch((error: unknown) => {
      if (this.#link === link) this.#refused(error);
    });
  }

  async #open(link: Whep | Pictures): Promise<void> {
    if (link instanceof Whep) {
      await link.open(this.#cameraId, {
        stream: (stream) => this.#play(stream),
        broken: () => this.#link === link && this.#again(),
      });
      return;
    }
    await link.open(this.#cameraId, (part) => this.#link === link && this.#show(part));
    if (this.#link === link) this.#again();
  }

  #play(stream: MediaStream): void {
    if (!this.#video) return;
    this.#video.srcObject = stream;
    // An older request to play is cut off by a newer stream: that is not a fault.
    this.#video.play().catch((error: unknown) => console.warn('live view does not play', error));
  }

  #show({ jpeg, capturedAt }: Part): void {
    this.#put(URL.createObjectURL(new Blob([jpeg], { type: 'image/jpeg' })));
    this.#pictured(Number.isNaN(capturedAt) ? clock.read() : capturedAt, 'picture');
  }

  #put(url: string | null): void {
    if (this.pictureUrl !== null) URL.revokeObjectURL(this.pictureUrl);
    this.pictureUrl = url;
  }

  #pictured(at: number, showing: Showing): void {
    this.pictureAt = at;
    this.showing = showing;
    if (at >= this.#attemptAt) {
      this.#failures = 0;
      this.refusal = '';
    }
    this.#judge();
  }

  async #look(): Promise<void> {
    const link = this.#link;
    // A hidden page draws nothing, so nothing tells of new pictures but the decoder's count.
    if (link instanceof Whep && document.hidden) {
      const decoded = await link.decoded();
      if (link === this.#link && decoded > this.#decoded) this.#pictured(clock.read(), 'video');
      this.#decoded = decoded;
    }
    this.#judge();
    if (link === null || link !== this.#link) return;
    const findsNoWay = link instanceof Whep && link.findsNoWay;
    if (findsNoWay) this.#preferPictures();
    if (findsNoWay || isOver(this.#seen(), clock.read())) this.#again();
  }

  #refused(error: unknown): void {
    if (error instanceof ApiError) {
      this.refusal = error.message;
      if (NO_WEBRTC.has(error.refusal.error)) this.#preferPictures();
      if (FINAL.has(error.status)) return this.stop();
    }
    this.#again();
  }

  #preferPictures(): void {
    this.#picturesUntil = clock.read() + PICTURES_FOR_MS;
  }

  /** Ends this attempt and plans the next. */
  #again(): void {
    this.#drop();
    this.#failures += 1;
    const wait = backoffMs(this.#failures, Math.random());
    this.#retrying = setTimeout(() => this.#connect(), wait);
  }

  #drop(): void {
    const link = this.#link;
    this.#link = null;
    if (link instanceof Whep && this.showing === 'video') this.#hold();
    link?.close();
  }

  /** Keeps the video's last picture, which the next stream would wipe away. */
  #hold(): void {
    const context = this.#held?.getContext('2d');
    if (!this.#video || !this.#held || !context || this.#video.videoWidth === 0) return;
    this.#held.width = this.#video.videoWidth;
    this.#held.height = this.#video.videoHeight;
    context.drawImage(this.#video, 0, 0);
    this.showing = 'held';
  }

  #judge(): void {
    const stopped = this.#looking === undefined;
    this.liveness = stopped ? 'stale' : livenessOf(this.#seen(), clock.read());
  }

  #seen(): Seen {
    return { pictureAt: this.pictureAt, attemptAt: this.#attemptAt };
  }
}
