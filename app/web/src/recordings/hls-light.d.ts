/** hls.js without captions, other audio and protection, which recordings do not have. */
declare module 'hls.js/light' {
  export { default } from 'hls.js';
}
