/** The stage: the film, played and stepped by single frames; the still picture; or live view. */

/** Until two frames have been seen, a camera is taken to give this many a second. */
const ASSUMED_FPS = 15;

export type Showing = 'film' | 'picture' | 'live';

export class Player {
  showing = $state<Showing>('film');
  /** Whose live view is shown; null is the alert's own camera. */
  liveOf = $state<string | null>(null);
  boxes = $state(true);
  /** Looks closer at what the box was drawn around. */
  zoomed = $state(false);
  playing = $state(false);
  at = $state(0);
  duration = $state(0);
  #video: HTMLVideoElement | null = null;
  #frameS = 1 / ASSUMED_FPS;
  #lastMediaTime = -1;
  #resumeAt = 0;
  #alertId: string | null = null;

  /**
   * Each alert begins with its evidence: what is live now is not what was seen then. What was asked
   * for before the first alert came is kept.
   */
  begin(alertId: string): void {
    if (this.#alertId !== null && this.#alertId !== alertId && this.showing === 'live')
      this.show('film');
    this.#alertId = alertId;
  }

  /** Takes the element over for as long as it stands on the page. */
  readonly attach = (video: HTMLVideoElement): (() => void) => {
    this.#video = video;
    this.#frameS = 1 / ASSUMED_FPS;
    this.#lastMediaTime = -1;
    let handle = 0;
    const seen: VideoFrameRequestCallback = (_, frame) => {
      this.#learn(frame.mediaTime);
      this.at = frame.mediaTime;
      handle = video.requestVideoFrameCallback(seen);
    };
    handle = video.requestVideoFrameCallback(seen);
    return () => {
      video.cancelVideoFrameCallback(handle);
      if (this.#video === video) this.#video = null;
      this.playing = false;
      this.at = 0;
      this.#resumeAt = 0;
      this.duration = 0;
    };
  };

  togglePlay(): void {
    const video = this.#video;
    if (!video) return;
    if (video.paused)
      void video.play().catch((error: unknown) => console.warn('not played', error));
    else video.pause();
  }

  stepFrame(by: 1 | -1): void {
    if (!this.#video) return;
    this.#video.pause();
    // The middle of the frame, so that rounding cannot land on its neighbour.
    const frame = Math.floor(this.at / this.#frameS + 0.5) + by;
    this.seek((frame + 0.5) * this.#frameS);
  }

  /** The next film to be loaded is the same one, grown: it goes on from here. */
  continueFrom(seconds: number): void {
    this.#resumeAt = seconds;
  }

  loaded(): void {
    if (this.#resumeAt > 0) this.seek(this.#resumeAt);
    this.#resumeAt = 0;
  }

  seek(seconds: number): void {
    if (this.#video)
      this.#video.currentTime = Math.min(Math.max(0, seconds), this.duration || seconds);
  }

  toggleBoxes(): void {
    this.boxes = !this.boxes;
  }

  toggleZoom(): void {
    this.zoomed = !this.zoomed;
  }

  toggleShowing(): void {
    this.show(this.showing === 'film' ? 'picture' : 'film');
  }

  /** Shows a camera live, the alert's own unless one beside it is named; the same again ends it. */
  toggleLive(camera: string | null = null): void {
    const same = this.showing === 'live' && this.liveOf === camera;
    this.show(same ? 'film' : 'live');
    this.liveOf = camera;
  }

  show(showing: Showing, zoomed = false): void {
    this.showing = showing;
    this.zoomed = zoomed;
  }

  /** The shortest step between two frames seen one after the other is the frame's length. */
  #learn(mediaTime: number): void {
    const step = mediaTime - this.#lastMediaTime;
    if (this.#lastMediaTime >= 0 && this.playing && step > 1 / 120 && step < 1)
      this.#frameS = Math.min(step, 1 / 5);
    this.#lastMediaTime = mediaTime;
  }
}
