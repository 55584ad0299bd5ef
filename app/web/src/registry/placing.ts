/** Where a camera is put on the map by hand, and which way it looks. Pure. */

export interface Place {
  readonly lat: number;
  readonly lon: number;
}

/** The place that two fields say; null where they say none, or nonsense. */
export function placeOf(lat: string, lon: string): Place | null {
  const [north, east] = [numberOf(lat), numberOf(lon)];
  if (north === null || east === null) return null;
  if (Math.abs(north) > 90 || Math.abs(east) > 180) return null;
  return { lat: north, lon: east };
}

/** The direction that a field says, 0 to 360 degrees from north; null where it says none. */
export function bearingOf(text: string): number | null {
  const degrees = numberOf(text);
  return degrees === null || degrees < 0 || degrees >= 360 ? null : degrees;
}

/** From one place to another, in whole degrees from north to the east. */
export function bearingBetween(from: Place, to: Place): number {
  const north = to.lat - from.lat;
  const east = (to.lon - from.lon) * Math.cos((from.lat * Math.PI) / 180);
  return (Math.round((Math.atan2(east, north) * 180) / Math.PI) + 360) % 360;
}

/** To about 10 cm: what a hand can place. */
export function coordinate(degrees: number): string {
  return degrees.toFixed(6);
}

function numberOf(text: string): number | null {
  const typed = text.trim().replace(',', '.');
  const value = Number(typed);
  return typed === '' || !Number.isFinite(value) ? null : value;
}
