/**
 * Sending a phone's picture by WebRTC (WHIP): one offer, one answer, no trickle. The link's code in
 * the address is the whole right to send; the centre ties it to this phone by a cookie.
 */

import { api } from '../api/client';

const SDP = 'application/sdp';
/** What the centre passes on without working it over. */
const LIKED = 'video/h264';

export class Whip {
  readonly #peer = new RTCPeerConnection();
  #sender: RTCRtpSender | null = null;
  #address: string | null = null;
  #closed = false;

  /** Connects, or throws `ApiError` or `Unreachable`; `moved` is told what became of it later. */
  async open(
    code: string,
    track: MediaStreamTrack,
    moved: (sends: boolean) => void,
  ): Promise<void> {
    const peer = this.#peer;
    const { sender } = this.#offerLiked(peer.addTransceiver(track, { direction: 'sendonly' }));
    peer.onconnectionstatechange = () => {
      if (this.#closed || peer.connectionState === 'connecting') return;
      moved(peer.connectionState === 'connected');
    };
    await peer.setLocalDescription(await peer.createOffer());
    const response = await api.send('POST', `/phone/${encodeURIComponent(code)}/whip`, {
      headers: { 'Content-Type': SDP, Accept: SDP },
      body: peer.localDescription?.sdp ?? '',
    });
    this.#address = response.headers.get('Location');
    const answer = await response.text();
    if (this.#closed) return this.#leave();
    await peer.setRemoteDescription({ type: 'answer', sdp: answer });
    this.#sender = sender;
  }

  /** The other side of the phone, without connecting anew. */
  async change(track: MediaStreamTrack): Promise<void> {
    await this.#sender?.replaceTrack(track);
  }

  /** Ends it here and at the centre, also while the page goes away. Idempotent. */
  close(): void {
    if (this.#closed) return;
    this.#closed = true;
    this.#peer.close();
    this.#leave();
  }

  #offerLiked(transceiver: RTCRtpTransceiver): RTCRtpTransceiver {
    const codecs = RTCRtpSender.getCapabilities('video')?.codecs ?? [];
    const liked = codecs.filter((codec) => codec.mimeType.toLowerCase() === LIKED);
    const others = codecs.filter((codec) => !liked.includes(codec));
    if (liked.length > 0) transceiver.setCodecPreferences([...liked, ...others]);
    return transceiver;
  }

  #leave(): void {
    if (this.#address === null) return;
    // What the centre says to a goodbye changes nothing: it also notices silence.
    api.send('DELETE', this.#address, { keepalive: true }).catch(() => undefined);
    this.#address = null;
  }
}
