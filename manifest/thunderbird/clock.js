// @ts-check
/**
 * Seconds that are counted down to something that cannot be taken back. A computer that slept in
 * between, or whose clock was set, has not given anybody these seconds.
 *
 * Pure: whoever asks brings the time.
 */

/** Between two readings lie some tenths of a second, or a machine under great load. */
const LATE_MS = 5000;

/** Two clocks that run side by side drift by less than this in a minute. */
const APART_MS = 2000;

/**
 * @typedef {object} Reading
 * @property {number} steady milliseconds of a clock that nobody can set
 * @property {number} wall milliseconds of the clock on the wall, which goes on while all sleeps
 *
 * @typedef {{state: "counting" | "over" | "lost", left: number}} Count
 *   `lost`: the seconds did not pass as seconds do; `left` in seconds
 */

/** @returns {Reading} */
export const readClocks = () => ({ steady: performance.now(), wall: Date.now() });

/**
 * @param {number} seconds
 * @param {Reading} start
 * @returns {(now: Reading) => Count} what has once been lost stays lost
 */
export function countdown(seconds, start) {
  let last = start;
  let lost = false;
  return (now) => {
    const passed = now.steady - start.steady;
    const step = now.steady - last.steady;
    const apart = Math.abs(now.wall - start.wall - passed);
    last = now;
    lost ||= step < 0 || step > LATE_MS || apart > APART_MS;
    const left = Math.max(0, seconds - passed / 1000);
    if (lost) return { state: "lost", left };
    return { state: left > 0 ? "counting" : "over", left };
  };
}
