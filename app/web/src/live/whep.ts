/**
 * Watching a camera by WebRTC (WHEP): one offer, one answer, no trickle. The centre leaves our
 * addresses aside and we come to it, so the offer goes out at once, without gathering any.
 */

import { api } from '../api/client';

const SDP = 'application/sdp';
/** On a site's network it takes a tenth of a second. */
const CONNECTED_WITHIN_MS = 4000;

export interface WhepListener {
  /** The stream to show, before its first picture. */
  stream(stream: MediaStream): void;
  /** The connection broke; nothing more will come. */
  broken(): void;
}

export class Whep {
  readonly #peer = new RTCPeerConnection();
  #address: string | null = null;
  #answeredAt: number | null = null;
  #closed = false;

  /** Connects, or throws `ApiError` or `Unreachable`; a broken connection is told to the listener. */
  async open(cameraId: string, listener: WhepListener): Promise<void> {
    const peer = this.#peer;
    peer.addTransceiver('video', { direction: 'recvonly' });
    peer.ontrack = ({ track, receiver }) => {
      receiver.jitterBufferTarget = 0; // on one site's network, newer is better than smoother
      listener.stream(new MediaStream([track]));
    };
    peer.onconnectionstatechange = () => {
      if (peer.connectionState === 'failed' && !this.#closed) listener.broken();
    };
    await peer.setLocalDescription(await peer.createOffer());
    const response = await api.send('POST', `/cameras/${encodeURIComponent(cameraId)}/whep`, {
      headers: { 'Content-Type': SDP, Accept: SDP },
      body: peer.localDescription?.sdp ?? '',
    });
    this.#address = response.headers.get('Location');
    const answer = await response.text();
    if (this.#closed) this.#leave();
    else await peer.setRemoteDescription({ type: 'answer', sdp: answer });
    this.#answeredAt = performance.now();
  }

  /** Whether the centre answered, and yet no way to it was found in the time that it ever takes. */
  get findsNoWay(): boolean {
    if (this.#answeredAt === null || this.#peer.connectionState === 'connected') return false;
    return performance.now() - this.#answeredAt >= CONNECTED_WITHIN_MS;
  }

  /** How many pictures were decoded so far: grows also while the page is hidden. */
  async decoded(): Promise<number> {
    let decoded = 0;
    (await this.#peer.getStats()).forEach((stats: RTCStats) => {
      if (stats.type === 'inbound-rtp')
        decoded = (stats as RTCInboundRtpStreamStats).framesDecoded ?? 0;
    });
    return decoded;
  }

  /** Ends it here and at the centre, also while the page goes away. Idempotent. */
  close(): void {
    if (this.#closed) return;
    this.#closed = true;
    this.#peer.close();
    this.#leave();
  }

  #leave(): void {
    if (this.#address === null) return;
    // What the centre says to a goodbye changes nothing: it also notices silence.
    api.send('DELETE', this.#address, { keepalive: true }).catch(() => undefined);
    this.#address = null;
  }
}
